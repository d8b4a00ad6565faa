/**
 * How far a scoring is, in a line for people. Pure but for the clock.
 * @module
 */
import { formatDuration } from "../definitions/units.ts";

/**
 * Counts rows, and says of them how many there are, how many a second, and how long what is left takes.
 * @param before rows that were scored before: nobody has seen how long they took
 * @param now in milliseconds. @default the process's own clock
 */
export function formatPace(
  total: number,
  before: number,
  now: () => number = () => performance.now(),
): (rows: number) => string {
  // Features are made ready before the first rows are answered, once for all of them: a rate that had that time would be far too low.
  let first: { readonly at: number; readonly rows: number } | undefined;
  let done = 0;
  return (rows) => {
    done += rows;
    first ??= { at: now(), rows: done };
    const seconds = (now() - first.at) / 1000;
    const rate = seconds > 0 ? (done - first.rows) / seconds : 0;
    const left = rate > 0 ? Math.max(0, total - before - done) / rate : 0;
    const count = (value: number): string => Math.round(value).toLocaleString("en");
    const parts = [`scoring: ${count(before + done)} of ${count(total)} rows`];
    if (rate > 0) parts.push(`${count(rate)} a second`, `${formatDuration(Math.ceil(left))} left`);
    return parts.join(", ");
  };
}
