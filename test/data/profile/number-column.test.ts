/**
 * The profile of a column of numbers against the numbers themselves.
 * @module
 */

import { describe, expect, test } from "vitest";
import { decodeHistogram } from "../../../framework/data/profile/histogram-code.ts";
import { endOfInterval, numberOfKey } from "../../../framework/data/profile/key.ts";
import { describeMoments } from "../../../framework/data/profile/moments.ts";
import { NumberColumn } from "../../../framework/data/profile/number-column.ts";
import type { NumbersProfile } from "../../../framework/data/profile/profile.ts";
import {
  readDistinctCount,
  readQuantile,
  readSpread,
  readSpreadError,
} from "../../../framework/data/profile/read-column.ts";
import { takePart } from "../../support/drawn.ts";
import { drawShape, missedRank, rankOf, shapes } from "./numbers.ts";

const shares = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

function profileOf(values: Float64Array): NumbersProfile {
  const column = new NumberColumn(values.length);
  for (let at = 0; at < values.length; at += 2048) {
    const some = values.slice(at, at + 2048);
    column.add(some, some.length);
  }
  return column.finish();
}

function distinctOf(values: NumbersProfile, count: number): number {
  return readDistinctCount({ name: "x", type: "number", count, nulls: 0, values }).count;
}

describe.each(Object.keys(shapes))("of numbers that are %s", (shape) => {
  test.each(takePart([1, 300, 5000, 60_000, 200_000], 3))(
    "quantiles of %i miss their rank by at most 0.1 percent",
    (count) => {
      const numbers = drawShape(shape, count);
      const profile = profileOf(numbers);
      const sorted = numbers.slice().sort();
      const bins = readSpread(profile);
      for (const share of shares) {
        const value = readQuantile(bins, share) ?? Number.NaN;
        expect(missedRank(sorted, value, share), `${shape} at ${share}: ${value}`).toBeLessThanOrEqual(
          0.001 + 1 / count,
        );
      }
      expect(readSpreadError(profile)).toBeLessThanOrEqual(0.001 + 1 / count);
      expect(Math.round(bins.reduce((sum, bin) => sum + bin.count, 0))).toBe(count);
      expect(profile.min).toBe(sorted[0]);
      expect(profile.max).toBe(sorted.at(-1));
      const distinct = new Set(numbers).size;
      expect(Math.abs(distinctOf(profile, count) / distinct - 1)).toBeLessThan(0.06);
    },
  );

  test.each(takePart([5000, 200_000], 1))(
    "of %i each interval has the count that it says, or is known to share with a wider one",
    (count) => {
      const numbers = drawShape(shape, count);
      const sorted = numbers.slice().sort();
      const { high, low, level, count: counts } = decodeHistogram(profileOf(numbers).histogram ?? "AA==");
      const intervals = Array.from(counts, (own, at) => {
        const [top = 0, bottom = 0, bits = 0] = [high[at], low[at], level[at]];
        const first = numberOfKey(top, bottom);
        const isSingle = bits === 0;
        // The first interval of all may begin beyond the infinities, and the last may end there.
        const from = Number.isNaN(first) ? 0 : rankOf(sorted, first)[0];
        const end = isSingle ? first : endOfInterval(top, bottom, bits);
        const to = Number.isNaN(end) ? sorted.length : rankOf(sorted, end)[isSingle ? 1 : 0];
        return { own, from, to, lies: to - from };
      });
      intervals.forEach(({ own, from, to, lies }, at) => {
        const isShared = intervals.some((other, index) => index !== at && other.from < to && other.to > from);
        if (isShared) expect(own).toBeLessThanOrEqual(lies);
        else expect(own).toBe(lies);
      });
    },
  );

  test("the histogram stays small", () => {
    const { histogram = "", distinct = "" } = profileOf(drawShape(shape, 200_000));
    expect(histogram.length + distinct.length).toBeLessThan(10_000);
  });
});

test("moments keep their digits far from zero", () => {
  const numbers = drawShape("narrow and far from zero", 200_000).map((value) => value + 1e9);
  const { moments } = profileOf(numbers);
  const mean = numbers.reduce((sum, value) => sum + (value - 1e9 - 1e6), 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - 1e9 - 1e6 - mean) ** 2, 0) / numbers.length;
  const described = describeMoments({ count: numbers.length, ...(moments ?? { mean: 0, m2: 0, m3: 0 }) });
  expect(described.mean).toBeCloseTo(1e9 + 1e6 + mean, 6);
  expect(described.deviation ** 2 / variance).toBeCloseTo(1, 6);
  expect(Math.abs(described.skew)).toBeLessThan(0.05);
});

test("infinities and NaN are counted apart and spoil nothing", () => {
  const numbers = drawShape("normal", 100_000);
  numbers.set([Infinity, Number.NaN, -Infinity], 50_000);
  const profile = profileOf(numbers);
  expect(profile.nonFinite).toBe(3);
  expect(profile.max).toBeLessThan(10);
  expect(readSpread(profile).reduce((sum, { count }) => sum + count, 0)).toBeCloseTo(99_997, 3);
  expect(Math.abs(profile.moments?.mean ?? 1)).toBeLessThan(0.02);
});

test("no values are no histogram", () => {
  expect(profileOf(new Float64Array())).toEqual({ kind: "numbers", all: [] });
});

test("numbers whose squares overflow have no moments, and everything else", () => {
  const profile = profileOf(drawShape("of all magnitudes", 10_000));
  expect(profile.moments).toBeUndefined();
  expect(profile.min).toBeLessThan(-1e250);
});
