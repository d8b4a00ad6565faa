/**
 * What was seen of a variant within a stretch of time: sums of what its counters grew by from one reading to the next. Pure, and read
 * by workflows.
 * @module
 */
import type { VariantEvidence } from "./evidence.ts";

/** What was seen of one variant. */
export interface Seen {
  /** Requests that it answered, and those that it had no answer for. */
  readonly answered: number;
  readonly failed: number;
  /** How many answers took at most so many milliseconds, as a Prometheus histogram has it; the last count is all of them. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  /** Rows that it was asked for unseen: those it answered, on which it disagreed, and that it had no answer for. */
  readonly rows: number;
  readonly disagreed: number;
  readonly unanswered: number;
  /** Processes that ended while it was asked. @default none did */
  readonly ended?: number;
}

/** Nothing was seen yet. */
export const nothingSeen: Seen = {
  answered: 0,
  failed: 0,
  bounds: [],
  counts: [],
  rows: 0,
  disagreed: 0,
  unanswered: 0,
};

/** What of a reading is counted. */
export type Reading = Pick<VariantEvidence, "answered" | "failed" | "latency" | "compared" | "ended">;

/** Of a server that has counted nothing yet. */
export const nothingCounted: Reading = { answered: 0, failed: 0, latency: { bounds: [], counts: [] } };

/**
 * Adds what happened between two readings of a variant. One that is lower than the one before was begun anew by another process, and
 * counts from zero.
 */
export function addSeen(seen: Seen, before: Reading, now: Reading): Seen {
  const counts = count(now);
  const earlier = count(before);
  const isOn = isGrown(earlier, counts);
  const grown = counts.map((value, i) => value - (isOn ? (earlier[i] ?? 0) : 0));
  const [answered = 0, failed = 0, rows = 0, disagreed = 0, unanswered = 0, ended = 0, ...times] = grown;
  const { bounds } = now.latency;
  // Another program's buckets are not those that were counted: its times alone go on.
  const isSameScale = seen.counts.length === times.length;
  return {
    answered: seen.answered + answered,
    failed: seen.failed + failed,
    rows: seen.rows + rows,
    disagreed: seen.disagreed + disagreed,
    unanswered: seen.unanswered + unanswered,
    ...((seen.ended ?? 0) + ended > 0 && { ended: (seen.ended ?? 0) + ended }),
    bounds,
    counts: times.map((value, i) => value + (isSameScale ? (seen.counts[i] ?? 0) : 0)),
  };
}

function count({ answered, failed, latency, compared, ended = 0 }: Reading): readonly number[] {
  const { rows = 0, disagreed = 0, failed: unanswered = 0 } = compared ?? {};
  return [answered, failed, rows, disagreed, unanswered, ended, ...latency.counts];
}

function isGrown(before: readonly number[], now: readonly number[]): boolean {
  return before.length === now.length && now.every((value, i) => value >= (before[i] ?? 0));
}

/** How many answers there are times of. */
export function countTimes({ counts }: Seen): number {
  return counts.at(-1) ?? 0;
}

/**
 * The time within which a share of the answers came, in milliseconds: interpolated within its bucket, as Prometheus's
 * `histogram_quantile` does. Infinite where it is beyond the last bound.
 *
 * @returns nothing where there are no answers
 */
export function findQuantile(
  seen: Seen,
  share: number,
): { readonly value: number; readonly atMost: number } | undefined {
  const { bounds, counts } = seen;
  const total = countTimes(seen);
  if (total === 0) return undefined;
  const rank = share * total;
  const bucket = counts.findIndex((value) => value >= rank);
  const upper = bounds[bucket];
  if (upper === undefined) return { value: Infinity, atMost: Infinity };
  const [lower, below] = bucket === 0 ? [0, 0] : [bounds[bucket - 1] ?? 0, counts[bucket - 1] ?? 0];
  const within = (counts[bucket] ?? 0) - below;
  return { value: lower + ((upper - lower) * (rank - below)) / Math.max(within, 1), atMost: upper };
}

/** How many answers surely took longer than this, in milliseconds. */
export function countSlower(seen: Seen, milliseconds: number): number {
  const bucket = seen.bounds.findIndex((bound) => bound >= milliseconds);
  return bucket < 0 ? 0 : countTimes(seen) - (seen.counts[bucket] ?? 0);
}
