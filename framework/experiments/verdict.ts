/**
 * What a difference and its interval say. Pure.
 * @module
 */

/**
 * So much must be known before anything is decided: the standard error is at most the smallest difference worth finding. With less, the
 * intervals, which hold once there are enough units, may not hold yet, and nothing could be found but what nobody sought.
 */
export const leastInformation = 1;

/** So many units of each arm must have matured before anything is decided, for the same reason. */
export const leastUnits = 100;

export interface Interval {
  readonly difference: number;
  /** How far the interval reaches to each side. */
  readonly reach: number;
  /** The smallest difference worth finding. */
  readonly minimum: number;
}

/** Whether the interval leaves no difference that is worth finding. */
export function findsNothing({ difference, reach, minimum }: Interval): boolean {
  return Math.abs(difference) + reach < minimum;
}

/** Which way an arm differs; nothing while 0 lies in the interval. */
export function findSide({ difference, reach }: Interval): "better" | "worse" | undefined {
  if (difference - reach > 0) return "better";
  return difference + reach < 0 ? "worse" : undefined;
}
