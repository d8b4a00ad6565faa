/**
 * Merging profiles of parts against profiling their union.
 * @module
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeProfiles } from "../../../framework/data/profile/merge-profiles.ts";
import { NumberColumn } from "../../../framework/data/profile/number-column.ts";
import { type ColumnProfile, type Profile, profileSchema } from "../../../framework/data/profile/profile.ts";
import {
  readDistinctCount,
  readQuantile,
  readSpread,
  readSpreadError,
} from "../../../framework/data/profile/read-column.ts";
import { keepTop, readTop } from "../../../framework/data/profile/top-texts.ts";
import { takeCount } from "../../support/drawn.ts";
import { drawShape, missedRank, shapes } from "./numbers.ts";

function numbersProfile(numbers: readonly number[] | Float64Array, nulls = 0): Profile {
  const column = new NumberColumn(numbers.length);
  const values = Float64Array.from(numbers);
  for (let at = 0; at < values.length; at += 2048)
    column.add(values.slice(at, at + 2048), Math.min(2048, values.length - at));
  return wrap({ name: "x", type: "number", count: values.length, nulls, values: column.finish() });
}

function wrap(column: ColumnProfile): Profile {
  return profileSchema.parse({ format: "dataset-profile/1", rows: column.count + column.nulls, columns: [column] });
}

function only(profile: Profile): ColumnProfile {
  const [column] = profile.columns;
  if (!column) throw new TypeError("a profile has its column");
  return column;
}

function spreadOf(profile: Profile) {
  const { values } = only(profile);
  if (values.kind !== "numbers") throw new TypeError("these are numbers");
  return { values, bins: readSpread(values), error: readSpreadError(values) };
}

const few = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 40 });
const many = fc.array(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }).map((x) => x + 0),
  {
    maxLength: 600,
  },
);
const parts = fc.array(fc.oneof(few, many), { minLength: 1, maxLength: 5 });

/** What merges exactly: everything but moments, whose last digits depend on the order of sums. */
function exactly(profile: Profile): unknown {
  const { values, ...column } = only(profile);
  const { moments: _moments, ...rest } = values as { moments?: unknown };
  return { ...column, values: rest };
}

describe("profiles of numbers", () => {
  test("merge to the counts, bounds and few values of the union, in any order and in any groups", () => {
    fc.assert(
      fc.property(parts, fc.nat(), (numbers, cut) => {
        const profiles = numbers.map((part, index) => numbersProfile(part, index));
        const all = mergeProfiles(profiles);
        expect(profileSchema.parse(JSON.parse(JSON.stringify(all)))).toEqual(all);
        const { values } = spreadOf(all);
        const union = numbers.flat();
        expect(all.rows).toBe(union.length + only(all).nulls);
        expect(only(all).count).toBe(union.length);
        expect(values.min).toBe(union.length > 0 ? Math.min(...union) : undefined);
        expect(values.max).toBe(union.length > 0 ? Math.max(...union) : undefined);
        expect(exactly(mergeProfiles([...profiles].reverse()))).toEqual(exactly(all));
        const at = cut % (profiles.length + 1);
        const groups = [profiles.slice(0, at), profiles.slice(at)].filter((group) => group.length > 0);
        expect(exactly(mergeProfiles(groups.map(mergeProfiles)))).toEqual(exactly(all));
      }),
    );
  });

  test("merge to the very profile of the union while values are few", () => {
    fc.assert(
      fc.property(fc.array(few, { minLength: 1, maxLength: 5 }), (numbers) => {
        const all = mergeProfiles(numbers.map((part) => numbersProfile(part)));
        expect(exactly(all)).toEqual(exactly(numbersProfile(numbers.flat())));
      }),
    );
  });

  test("merge to the moments of the union", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -1e6, max: 1e6 }), { maxLength: 50 }), { minLength: 1 }),
        (numbers) => {
          const merged = spreadOf(mergeProfiles(numbers.map((part) => numbersProfile(part)))).values.moments;
          const union = numbers.flat();
          fc.pre(union.length > 0);
          const mean = union.reduce((sum, value) => sum + value, 0) / union.length;
          const m2 = union.reduce((sum, value) => sum + (value - mean) ** 2, 0);
          expect(merged?.mean).toBeCloseTo(mean, 6);
          expect(Math.abs((merged?.m2 ?? Number.NaN) - m2)).toBeLessThanOrEqual(1e-9 * m2 + 1e-6);
        },
      ),
    );
  });

  test.each(Object.keys(shapes))("of eight parts, %s, keep ranks and the estimate of distinct values", (shape) => {
    const numbers = drawShape(shape, 160_000);
    const eighths = Array.from({ length: 8 }, (_, part) => numbers.slice(part * 20_000, (part + 1) * 20_000));
    const merged = mergeProfiles(eighths.map((part) => numbersProfile(part)));
    const { bins, error } = spreadOf(merged);
    const sorted = numbers.slice().sort();
    expect(error).toBeLessThan(0.0025);
    for (const share of [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999])
      expect(missedRank(sorted, readQuantile(bins, share) ?? Number.NaN, share)).toBeLessThanOrEqual(error + 1e-9);
    const whole = numbersProfile(numbers);
    expect(only(merged).values).toHaveProperty("distinct", (only(whole).values as { distinct?: string }).distinct);
    expect(JSON.stringify(merged).length).toBeLessThan(16_000);
  });

  test("of very many parts still fit and keep ranks", () => {
    const parts = takeCount(1000, 200);
    const numbers = drawShape("log-normal", 1000 * parts, 7);
    const profiles = Array.from({ length: parts }, (_, part) =>
      numbersProfile(numbers.slice(part * 1000, (part + 1) * 1000)),
    );
    const { bins, error, values } = spreadOf(mergeProfiles(profiles));
    const sorted = numbers.slice().sort();
    expect(values.histogram?.length).toBeLessThan(16_000);
    for (const share of [0.01, 0.5, 0.99]) {
      const missed = missedRank(sorted, readQuantile(bins, share) ?? Number.NaN, share);
      expect(missed).toBeLessThanOrEqual(error);
      expect(missed).toBeLessThan(0.001);
    }
  });
});

describe("profiles of texts", () => {
  const texts = fc.array(fc.array(fc.constantFrom(..."abcdefghijklmnop"), { maxLength: 60 }), {
    minLength: 1,
    maxLength: 5,
  });

  function textsProfile(words: readonly string[], limit: number): Profile {
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const found = Array.from(counts, ([text, n]) => ({ text, atLeast: n, atMost: n }));
    const kept = keepTop(found, { unlisted: 0, limit });
    const length = words.length > 0 && { length: { min: 1, max: 1, sum: words.length } };
    const values = { kind: "texts" as const, ...length, ...kept };
    return wrap({ name: "x", type: "string", count: words.length, nulls: 0, values });
  }

  test("merge to the very profile of the union while texts are few", () => {
    fc.assert(
      fc.property(texts, (words) => {
        const merged = mergeProfiles(words.map((part) => textsProfile(part, 512)));
        expect(merged).toEqual(textsProfile(words.flat(), 512));
      }),
    );
  });

  test("bound how often each text occurs, listed or not", () => {
    fc.assert(
      fc.property(texts, (words) => {
        const merged = mergeProfiles(words.map((part) => textsProfile(part, 3)));
        const { values } = only(merged);
        if (values.kind !== "texts") throw new TypeError("these are texts");
        const listed = new Map(readTop(values.top).map((one) => [one.text, one]));
        const counts = new Map<string, number>();
        for (const word of words.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
        for (const [word, count] of counts) {
          const { atLeast = 0, atMost = values.unlisted } = listed.get(word) ?? {};
          expect(atLeast).toBeLessThanOrEqual(count);
          expect(atMost).toBeGreaterThanOrEqual(count);
        }
      }),
    );
  });
});

test("a part without a column has nulls in it", () => {
  const other = wrap({
    name: "y",
    type: "boolean",
    count: 3,
    nulls: 1,
    values: { kind: "booleans", false: 1, true: 2 },
  });
  const merged = mergeProfiles([numbersProfile([1, 2]), other]);
  expect(merged.columns.map(({ name, count, nulls }) => [name, count, nulls])).toEqual([
    ["x", 2, 4],
    ["y", 3, 3],
  ]);
  expect(readDistinctCount(only(other))).toEqual({ count: 2, isExact: true });
});

test("a column of two types is refused", () => {
  const text = wrap({ name: "x", type: "string", count: 0, nulls: 0, values: { kind: "texts", top: [], unlisted: 0 } });
  expect(() => mergeProfiles([numbersProfile([1]), text])).toThrow(
    'column "x" is number in one part and string in another',
  );
});
