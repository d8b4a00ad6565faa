/**
 * Attempts of a training: how each began and ended, and how much of its work the next one had to do again. Pure.
 * @module
 */
import { z } from "zod";
import type { JobEnd } from "./runner.ts";

/** The checkpoint that an attempt went on from. */
const resumedFromSchema = z.strictObject({
  /** Its number among the run's checkpoints, from 1. */
  checkpoint: z.int(),
  /** The last step that was reported before it was kept; 0 where none was. */
  step: z.int(),
});

/**
 * How an attempt ended. `preempted`: ended with SIGTERM by somebody else, or lost by its cluster. `worker-lost`: with the process that
 * watched over it.
 */
const attemptEnd = z.enum(["succeeded", "failed", "out-of-memory", "stopped", "preempted", "worker-lost"]);
export type AttemptEnd = z.output<typeof attemptEnd>;

export const attemptSchema = z.strictObject({
  /** In UTC, to the millisecond. `ended` of a lost one is when it was last seen. */
  began: z.string(),
  ended: z.string(),
  how: attemptEnd,
  /** What was done after its last checkpoint, in seconds; all of it where it kept none, 0 where it succeeded. */
  lostSeconds: z.number(),
  /** @default it began anew */
  resumedFrom: resumedFromSchema.optional(),
});
export type Attempt = z.output<typeof attemptSchema>;

/** The job of an attempt, as a cluster has it. */
const clusterJobSchema = z.strictObject({
  /** What the cluster knows it by. */
  id: z.string(),
  /** The job's folder. */
  folder: z.string(),
});
export type ClusterJob = z.output<typeof clusterJobSchema>;

/** An attempt under way. */
export const openAttemptSchema = z.strictObject({
  began: z.string(),
  /** What outlives the process that watches over it. @default its job ends with that process, or the record is older than this */
  job: clusterJobSchema.optional(),
  /** @default it began anew */
  resumedFrom: resumedFromSchema.optional(),
});
export type OpenAttempt = z.output<typeof openAttemptSchema>;

export interface AttemptClose {
  readonly how: AttemptEnd;
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
  /** When the job last left something among its checkpoints, in milliseconds since 1970. @default never */
  readonly keptAt?: number | undefined;
}

/** The record of an attempt that has ended. */
export function closeAttempt(open: OpenAttempt, { how, at, keptAt = 0 }: AttemptClose): Attempt {
  const began = Date.parse(open.began);
  // Clocks may be set back, and what an earlier attempt kept is no gain of this one.
  const ended = Math.max(began, at);
  const safe = Math.min(ended, Math.max(began, keptAt));
  const lost = how === "succeeded" ? 0 : ended - safe;
  return {
    began: open.began,
    ended: new Date(ended).toISOString(),
    how,
    lostSeconds: lost / 1000,
    ...(open.resumedFrom && { resumedFrom: open.resumedFrom }),
  };
}

/** What a program ends with that was told to stop and kept its work, as if the signal had ended it. */
const stoppedBySignal: readonly string[] = ["exit code 143", "signal SIGTERM"];

/** How an attempt ended whose job ended so. @param isStopped whether it was us who told it to stop */
export function judgeEnd({ outcome, how }: Pick<JobEnd, "outcome" | "how">, isStopped: boolean): AttemptEnd {
  if (outcome === "succeeded" || outcome === "out-of-memory") return outcome;
  if (isStopped || outcome === "cancelled") return "stopped";
  if (outcome === "lost") return "preempted";
  return stoppedBySignal.includes(how) ? "preempted" : "failed";
}

/** How often in a row a run goes on by itself after a preemption that left nothing kept. */
const fruitlessPreemptions = 5;

/** Whether a preempted run may go on by itself: not when one attempt after the other ends with nothing kept. */
export function mayGoOn(attempts: readonly Attempt[]): boolean {
  const last = attempts.slice(-fruitlessPreemptions);
  const keptNothing = ({ how, began, ended, lostSeconds }: Attempt): boolean =>
    how === "preempted" && lostSeconds * 1000 >= Date.parse(ended) - Date.parse(began);
  return last.length < fruitlessPreemptions || !last.every(keptNothing);
}

/** `"attempt 3: the last one ended with its worker, 12 s of work are done again"`; nothing for the first. */
export function introduceAttempt(earlier: readonly Attempt[]): string | undefined {
  const last = earlier.at(-1);
  if (!last) return undefined;
  const said: Readonly<Record<AttemptEnd, string>> = {
    succeeded: "ended well, and its model was refused",
    failed: "failed",
    "out-of-memory": "had too little memory",
    stopped: "was told to stop",
    preempted: "was preempted",
    "worker-lost": "ended with its worker",
  };
  return `attempt ${earlier.length + 1}: the last one ${said[last.how]}, ${Math.round(last.lostSeconds)} s of work are done again`;
}
