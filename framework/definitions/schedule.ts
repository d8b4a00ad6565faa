/**
 * Schedules: how often something is done.
 * @module
 */
import type { Duration } from "./units.ts";

/** How often something is done. */
export interface Schedule {
  /**
   * The time from one run to the next, at least a minute.
   * @example "1 hour"
   */
  readonly every: Duration;
}

/**
 * Says how often something is done. It stands in `schedule` of a dataset.
 *
 * @param duration not shorter than a minute
 * @example
 * every("1 hour")
 */
export function every(duration: Duration): Schedule {
  return { every: duration };
}
