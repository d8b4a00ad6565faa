/**
 * The difference of two arms, and its variance. Pure.
 * @module
 */
import type { Estimate } from "./unit-moments.ts";

export interface Difference {
  readonly value: number;
  readonly variance: number;
}

/**
 * The difference of an arm to another. A unit of either varies at least as much as those of both together: an arm of few units that has
 * not met the rare ones yet, such as one true row in a hundred, would else seem to be sure of itself, and so be found worse where nothing
 * differs. Where the arms are alike it is the usual variance, and where they are not the intervals are a little wider than they need be.
 */
export function subtractArms(arm: Estimate, other: Estimate): Difference {
  const [own, theirs] = [arm.variance * arm.units, other.variance * other.units];
  const pooled = (own * arm.units + theirs * other.units) / (arm.units + other.units);
  const variance = Math.max(own, pooled) / arm.units + Math.max(theirs, pooled) / other.units;
  return { value: arm.value - other.value, variance };
}
