/**
 * When rows are asked to see how long answers take, and what the times come to. Pure.
 * @module
 */

const seconds = 3;

/** When each row is asked, in milliseconds from the first: at a rate, for three seconds. */
export function tickTimes(rate: number): readonly number[] {
  return Array.from({ length: Math.max(1, Math.floor(rate * seconds)) }, (_, at) => (at * 1000) / rate);
}

/** The time within which a share of them was done, 0 to 1; 0 of none. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
