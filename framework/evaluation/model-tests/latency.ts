/**
 * When rows are asked to see how long answers take, and what the times come to. Pure.
 * @module
 */

const mostRows = 300;
const seconds = 3;

/** When each row is asked, in milliseconds from the first: at a rate, for three seconds, 300 rows at most. */
export function tickTimes(rate: number): readonly number[] {
  const rows = Math.max(1, Math.min(mostRows, Math.floor(rate * seconds)));
  return Array.from({ length: rows }, (_, at) => (at * 1000) / rate);
}

/** The time within which 99 of 100 were done; 0 of none. */
export function percentile99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? 0;
}
