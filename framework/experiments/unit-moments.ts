/**
 * What is kept of the units of an arm: how many there are, and the moments of a numerator and a denominator of each. Units are
 * independent of one another; rows of one unit are not, so nothing is counted by rows. Pure.
 * @module
 */
import { z } from "zod";

/** Sums are about the means, so that two large numbers never leave a small one. */
export const unitMomentsSchema = z.strictObject({
  units: z.int().min(0),
  /** The mean numerator and denominator of a unit. */
  x: z.number(),
  y: z.number(),
  /** The sums of products of the deviations from those means. */
  xx: z.number().min(0),
  xy: z.number(),
  yy: z.number().min(0),
});
export type UnitMoments = z.output<typeof unitMomentsSchema>;

export const noUnits: UnitMoments = { units: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };

/** The moments of one unit. */
export function momentsOf(numerator: number, denominator: number): UnitMoments {
  return { units: 1, x: numerator, y: denominator, xx: 0, xy: 0, yy: 0 };
}

/** The moments of two sets of units together: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance". */
export function mergeMoments(a: UnitMoments, b: UnitMoments): UnitMoments {
  if (a.units === 0) return b;
  if (b.units === 0) return a;
  const units = a.units + b.units;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const between = (a.units * b.units) / units;
  return {
    units,
    x: a.x + (dx * b.units) / units,
    y: a.y + (dy * b.units) / units,
    xx: a.xx + b.xx + dx * dx * between,
    xy: a.xy + b.xy + dx * dy * between,
    yy: a.yy + b.yy + dy * dy * between,
  };
}

/** The moments of measures, by their names, of two sets of units together. */
export function mergeMeasures(
  a: Readonly<Record<string, UnitMoments>>,
  b: Readonly<Record<string, UnitMoments>>,
): Record<string, UnitMoments> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, mergeMoments(a[name] ?? noUnits, b[name] ?? noUnits)]));
}

/** A mean, and what is known of how far off it is. */
export interface Estimate {
  readonly units: number;
  readonly value: number;
  /** The variance of `value`, not of a unit. */
  readonly variance: number;
}

/**
 * The ratio of the two sums, and its variance by the delta method: Deng, Knoblich and Lu 2018, "Applying the delta method in metric
 * analytics" (KDD). Where every denominator is 1 it is the mean of the numerators and its usual variance.
 *
 * @returns nothing for fewer than two units, or where the denominators are 0 together
 */
export function estimateRatio({ units, x, y, xx, xy, yy }: UnitMoments): Estimate | undefined {
  if (units < 2 || y === 0) return undefined;
  const value = x / y;
  const residual = (xx - 2 * value * xy + value * value * yy) / (units - 1);
  // Rounding may leave less than nothing of units that are all alike.
  return { units, value, variance: Math.max(0, residual) / (units * y * y) };
}
