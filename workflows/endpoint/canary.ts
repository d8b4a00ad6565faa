/**
 * A version on its way to an endpoint's callers: when it is looked at, what is counted, and what is said of it. Pure.
 * @module
 */
import type { CanarySpec } from "../../framework/definitions/rollout-spec.ts";
import { formatDuration, toSeconds } from "../../framework/definitions/units.ts";
import type { MovingCanary } from "../../framework/engine/entity-status.ts";
import {
  type CanaryDecision,
  decideCanary,
  describeSeen,
  moveOn,
} from "../../framework/serving/variants/advance-canary.ts";
import { addSeen, nothingSeen } from "../../framework/serving/variants/evidence-window.ts";
import { findUnread } from "./canary-labels.ts";
import type { CanaryMemory, EvidenceAnswer, Released } from "./messages.ts";

/**
 * How long a server may say nothing of a version, or not take it in, before the version is taken back: it may be what keeps the server
 * from answering. As long as a step, but 20 seconds at least and 5 minutes at most. In milliseconds.
 */
export function findPatience({ hold }: CanarySpec): number {
  return Math.min(Math.max(toSeconds(hold) * 1000, 20_000), 300_000);
}

const nothing = { canary: nothingSeen, champion: nothingSeen };

/** A version that sets out. The salt is its own, and stays so: who has it keeps it. */
export function setOut(released: Released, { rollout, salt }: Pick<CanaryMemory, "rollout" | "salt">): CanaryMemory {
  return { released, rollout, salt, step: 0, seen: nothing };
}

/** The version at another step, of which nothing was seen yet. */
export function moveTo({ released, rollout, salt }: CanaryMemory, step: number): CanaryMemory {
  return { released, rollout, salt, step, seen: nothing };
}

/** Whether a version that is on its way goes on under a rollout: it is the same one, and so is its way. */
export function goesOn(canary: CanaryMemory | undefined, released: Released, rollout: CanarySpec): boolean {
  const { version, package: digest } = canary?.released ?? {};
  if (version !== released.version || digest !== released.package) return false;
  return JSON.stringify(canary?.rollout) === JSON.stringify(rollout);
}

/** The version at a step that the server goes by from now on, of which this is the first reading. */
export function beginStep(canary: CanaryMemory, { reading }: EvidenceAnswer, now: number): CanaryMemory {
  const { over: _over, labels: _labels, ...kept } = canary;
  return { ...kept, since: now, watched: 0, last: reading, silentSince: undefined, ...lookAgain(canary, now) };
}

/** The version with what has been seen since it was looked at last. */
export function countIn(canary: CanaryMemory, { reading, silence }: EvidenceAnswer, now: number): CanaryMemory {
  const next = { ...canary, ...lookAgain(canary, now) };
  if (!reading || silence !== undefined) {
    // While nobody looked, as while the stack was down, nobody has seen that it was silent.
    const wasUnseen = now - (canary.checkAt ?? now) > findPatience(canary.rollout) / 2;
    return { ...next, silentSince: wasUnseen ? now : (canary.silentSince ?? now) };
  }
  const { last, seen } = canary;
  const watched = watchOn(canary, now);
  const { over = isOver({ ...next, watched }, now) ? now : undefined } = canary;
  return {
    ...next,
    silentSince: undefined,
    ...(watched !== undefined && { watched }),
    ...(over !== undefined && { over }),
    last: reading,
    // The first one says how much had been seen before.
    seen: last
      ? {
          canary: addSeen(seen.canary, last.canary, reading.canary),
          champion: addSeen(seen.champion, last.champion, reading.champion),
        }
      : seen,
  };
}

/**
 * The time of a step that was watched, now that it was looked at again. What was due long ago was not: nobody could look, and no more is
 * counted than passes between two looks.
 */
function watchOn({ rollout, watched, checkAt, silentSince, last }: CanaryMemory, now: number): number | undefined {
  // A server that said nothing has shown nothing for as long, though what it counted meanwhile is told.
  if (watched === undefined || silentSince !== undefined || last === undefined) return watched;
  const pause = findPause(rollout);
  const since = now - ((checkAt ?? now) - pause);
  return watched + Math.max(0, since > pause + latePatience ? pause : since);
}

/** How late a look may come that was made at its time: an engine and a worker that are busy take seconds. */
const latePatience = 10_000;

/** Whether the time of a step is over. */
function isOver(canary: CanaryMemory, now: number): boolean {
  return findElapsed(canary, now) >= toSeconds(canary.rollout.hold);
}

/** The seconds of a step that count. */
function findElapsed({ watched, since }: CanaryMemory, now: number): number {
  return (watched ?? now - (since ?? now)) / 1000;
}

/** Ten times in a step, and at least every half minute. */
function lookAgain({ rollout }: CanaryMemory, now: number): Pick<CanaryMemory, "checkAt" | "checkDue"> {
  return { checkAt: now + findPause(rollout), checkDue: false };
}

function findPause({ hold }: CanarySpec): number {
  return Math.round(Math.min(Math.max(toSeconds(hold) * 100, 500), 30_000));
}

/** What becomes of a version: what a person has decided, else what was seen of it says. */
export function decide(canary: CanaryMemory, { silence }: EvidenceAnswer, now: number): CanaryDecision {
  const { asked, rollout, step, seen, silentSince, labels } = canary;
  if (asked?.does === "abort") return { kind: "abort", reasons: [sayAsked("taken back", asked)] };
  if (asked) return moveOn(rollout, step);
  if (silence !== undefined && silentSince !== undefined) {
    const lasted = now - silentSince;
    return lasted >= findPatience(rollout)
      ? { kind: "abort", reasons: [`${silence}, for ${formatDuration(lasted / 1000)}`] }
      : { kind: "hold", why: silence };
  }
  const state = { rollout, step, seen, elapsed: findElapsed(canary, now) };
  return decideCanary({ ...state, labels: labels?.evidence, unread: findUnread(canary) });
}

/** `moved on by ops: looked at the answers`. */
export function sayAsked(
  what: string,
  { actor, reason }: Pick<NonNullable<CanaryMemory["asked"]>, "actor" | "reason">,
) {
  return `${what} by ${actor.id}${reason ? `: ${reason}` : ""}`;
}

/** The version as an entity's status has it. */
export function showCanary({ released, rollout, step, since }: CanaryMemory): MovingCanary {
  const { version, package: digest } = released;
  const percent = rollout.steps[step] ?? 0;
  return { version, package: digest, percent, ...(since !== undefined && { since: new Date(since).toISOString() }) };
}

/** `canary: version 4 has 25 % since 12:03 UTC, 812 of 100 requests, errors 0.1 %; 3 min to go`. */
export function describeCanary(canary: CanaryMemory, why?: string): string {
  const { version, percent, since } = showCanary(canary);
  if (since === undefined) return `canary: version ${version} is to have ${percent} %`;
  const told = `canary: version ${version} has ${percent} % since ${since.slice(11, 16)} UTC`;
  const line = `${told}, ${describeSeen(canary.rollout, canary.seen, canary.labels?.evidence)}`;
  return why === undefined ? line : `${line}; ${why}`;
}
