/**
 * Moments: mean, variance and skew in the form that merges without loss of digits.
 * @module
 */
import type { Moments } from "./profile.ts";

/** The moments of some numbers, and how many they are. */
export interface CountedMoments extends Moments {
  readonly count: number;
}

export const noMoments: CountedMoments = { count: 0, mean: 0, m2: 0, m3: 0 };

/** The moments of the union of two sets (Pébay 2008). */
export function mergeMoments(a: CountedMoments, b: CountedMoments): CountedMoments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const shift = b.mean - a.mean;
  const share = b.count / count;
  const cross = shift * shift * a.count * share;
  return {
    count,
    mean: a.mean + shift * share,
    m2: a.m2 + b.m2 + cross,
    m3:
      a.m3 +
      b.m3 +
      (cross * shift * (a.count - b.count)) / count +
      (3 * shift * (a.count * b.m2 - b.count * a.m2)) / count,
  };
}

/** Mean, standard deviation (of the values themselves, not of a sample) and skew. */
export function describeMoments({ count, mean, m2, m3 }: CountedMoments): {
  readonly mean: number;
  readonly deviation: number;
  readonly skew: number;
} {
  const variance = Math.max(0, m2 / count);
  return { mean, deviation: Math.sqrt(variance), skew: variance > 0 ? m3 / count / variance ** 1.5 : 0 };
}

/** The moments of sums of differences from a shift: of d, d² and d³. */
export function momentsOfSums(
  count: number,
  shift: number,
  [s1, s2, s3]: readonly [number, number, number],
): CountedMoments {
  if (count === 0) return noMoments;
  const mean = s1 / count;
  return {
    count,
    mean: shift + mean,
    m2: Math.max(0, s2 - s1 * mean),
    m3: s3 - 3 * mean * s2 + 2 * mean * mean * s1,
  };
}
