/**
 * What every activity works with: the store, a folder that outlives attempts, progress as heartbeats, and failures that
 * Temporal tries again or not according to who must mend them.
 * @module
 */
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Context } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import type { LineagePlace } from "../framework/data/lineage/place.ts";
import type { Progress } from "../framework/data/progress.ts";
import { formatProblems, type Problem, type ProblemCode, StewardError } from "../framework/definitions/problem.ts";
import type { AskedWork, Step } from "../framework/engine/entity-names.ts";
import type { Heartbeat } from "../framework/engine/messages.ts";
import type { Schedules } from "../framework/engine/schedules.ts";
import type { OnlineStore } from "../framework/features/online/online-store.ts";
import { digestBytes } from "../framework/plan/digest.ts";
import type { Store } from "../framework/store/store.ts";
import { formatBytes, toReadable } from "../framework/toolchain/system-failure.ts";
import type { TrackingAddress } from "../framework/tracking/client/tracked-run.ts";
import { type CoreLease, createCoreLease } from "../framework/training/core-lease.ts";
import { createGpuLease, type GpuLease } from "../framework/training/gpu-lease.ts";
import type { Runner } from "../framework/training/runner.ts";
import { failWith } from "./entity/reasons.ts";
import { listSecretTexts, redact } from "./secret-texts.ts";

/** Problems that pass by themselves: what they stop is tried again. */
const passing: ReadonlySet<ProblemCode> = new Set([
  "store-unreachable",
  "engine-unreachable",
  "online-store-unreachable",
  "training-preempted",
  "runner-unreachable",
]);

/** How often work is tried that stops for a reason nobody foresaw: a moment's trouble passes, a defect does not. */
const unforeseenAttempts = 5;

/** How often a long activity says that it lives, in milliseconds; its heartbeat timeout is ten times that. */
const heartbeatMilliseconds = 2_000;
/** Until when it keeps its progress to itself, in milliseconds: one that has ended by then spares the engine a write. */
const quietMilliseconds = 100;

export interface LongWork {
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** Aborted when the step is cancelled or the worker shuts down. */
  readonly signal: AbortSignal;
  /** A folder for this step, the same in every attempt; removed when the step succeeds. */
  readonly workFolder: string;
  /** Shows one line of progress, in heartbeats. */
  readonly show: (line: string) => void;
  readonly showProgress: (progress: Progress) => void;
}

export interface ActivityTools {
  readonly store: Store;
  /** What the stack supplies to reach sources, by name: secrets, which no failure tells. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly schedules: Schedules;
  /** Where the stack's jobs and data are, as other tools are told. */
  readonly place: LineagePlace;
  /** Where experiments are tracked. @default nowhere */
  readonly tracking?: TrackingAddress;
  /** Where the inference logs of this machine are, a folder for each endpoint. @default none are: the store has all that is known */
  readonly requests?: string;
  /** What labels in those logs were hashed or encrypted with, 64 hexadecimal digits; secret. @default such labels are not known */
  readonly logKey?: string;
  /** Opens the online store to write it. Whoever opens it closes it. @default there is none, and filling it fails */
  readonly openOnline?: () => Promise<OnlineStore>;
  /** Short work: a look-up or a conditional write. */
  readonly perform: <T>(work: () => Promise<T>) => Promise<T>;
  /** Work that takes minutes, under the step's name. `part` tells apart what one workflow has done at the same time. */
  readonly performLong: <T>(
    step: Step | AskedWork | "experiment" | "canary",
    work: (long: LongWork) => Promise<T>,
    part?: string,
  ) => Promise<T>;
  /** The cores of this machine, for which jobs wait their turn. */
  readonly cores: CoreLease;
  /** The GPUs of this machine, for which jobs wait their turn. */
  readonly gpus: GpuLease;
  /** The cluster that training jobs run on: it shares its machines out itself. @default they are processes of this machine */
  readonly cluster?: Runner;
}

export interface ActivityToolsOptions
  extends Pick<
    ActivityTools,
    "store" | "inputs" | "schedules" | "place" | "requests" | "logKey" | "openOnline" | "tracking" | "cluster"
  > {
  /** Holds the folders of steps under way. */
  readonly workRoot: string;
  /** How many cores jobs may use together. @default those of this machine */
  readonly cores?: number;
}

/** Makes the tools of a worker. */
export function createActivityTools({
  workRoot,
  cores = availableParallelism(),
  ...given
}: ActivityToolsOptions): ActivityTools {
  const secrets = listSecretTexts(given.inputs);
  const perform = <T>(work: () => Promise<T>) => tryWork(work, secrets);
  return {
    ...given,
    perform,
    performLong: (step, work, part) =>
      performLong({ root: join(workRoot, step), perform, secrets, ...(part !== undefined && { part }) }, work),
    cores: createCoreLease(cores),
    gpus: createGpuLease(),
  };
}

async function tryWork<T>(work: () => Promise<T>, secrets: readonly string[]): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    // A full disk is for a person to mend: it fails at once, and the next deploy tries again.
    const error = toReadable(thrown);
    const { cancellationSignal, info } = Context.current();
    // However the work put it, it stopped because it was told to.
    if (cancellationSignal.aborted) throw cancellationSignal.reason;
    const foreseen = error instanceof StewardError;
    const again = foreseen ? error.problems.some(({ code }) => passing.has(code)) : info.attempt < unforeseenAttempts;
    const reasons = foreseen
      ? error.problems.map(sayProblem)
      : [error instanceof Error ? error.message : String(error)];
    if (again && hasSecret(error, secrets))
      throw new Error(reasons.map((reason) => redact(reason, secrets)).join("\n"));
    if (again || error instanceof ApplicationFailure) throw error;
    throw failWith(reasons.map((reason) => redact(reason, secrets)));
  }
}

/** A problem as a reason: one of a list, so without the mark in front. */
function sayProblem(problem: Problem): string {
  return formatProblems([problem]).replace(/^✖ /, "");
}

/** Whether an error would tell a secret: in its words, its stack or what caused it. */
function hasSecret(error: unknown, secrets: readonly string[]): boolean {
  if (secrets.length === 0) return false;
  const said = inspect(error, { depth: 10 });
  return secrets.some((secret) => said.includes(secret));
}

interface LongFrame {
  /** Where its folder is. */
  readonly root: string;
  /** Which part of the workflow's work it is. @default all there is at a time */
  readonly part?: string;
  readonly perform: ActivityTools["perform"];
  readonly secrets: readonly string[];
}

async function performLong<T>(
  { root, part, perform, secrets }: LongFrame,
  work: (long: LongWork) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const { workflowId } = context.info.workflowExecution ?? { workflowId: context.info.activityId };
  const owner = part === undefined ? workflowId : `${workflowId} ${part}`;
  const workFolder = join(root, digestBytes(owner).slice(0, 16));
  let line = "started";
  const beat = (): void => context.heartbeat({ line } satisfies Heartbeat);
  let isQuiet = true;
  let isShown = false;
  const show = (next: string): void => {
    line = redact(next, secrets);
    isShown = true;
    if (!isQuiet) beat();
  };
  const timer = setInterval(beat, heartbeatMilliseconds);
  const quiet = setTimeout(() => {
    isQuiet = false;
    if (isShown) beat();
  }, quietMilliseconds);
  try {
    const signal = context.cancellationSignal;
    const { attempt } = context.info;
    return await perform(async () => {
      await mkdir(workFolder, { recursive: true });
      const showProgress = (next: Progress): void => show(formatProgress(next));
      const result = await work({ attempt, signal, workFolder, show, showProgress });
      await rm(workFolder, { recursive: true, force: true });
      return result;
    });
  } finally {
    clearTimeout(quiet);
    clearInterval(timer);
  }
}

/** `"windows: 1,200,000 of 3,000,000 rows"`, `"reading 3 of 40 files, 1,200,000 rows, 85 MB of 1.2 GB"`. */
export function formatProgress({ phase, done, total, unit, files, bytes }: Progress): string {
  const number = (value: number): string => Math.round(value).toLocaleString("en");
  const count = total === undefined ? `${number(done)} ${unit}` : `${number(done)} of ${number(total)} ${unit}`;
  if (!files && !bytes) return `${phase}: ${count}`;
  const counts = [
    // One file is not worth counting, nor is what has not begun to be counted.
    files && files.total > 1 ? `${number(files.done)} of ${number(files.total)} files` : "",
    done > 0 ? count : "",
    bytes && bytes.total > 0 ? `${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}` : "",
  ];
  return `${phase} ${counts.filter((part) => part !== "").join(", ")}`.trimEnd();
}
