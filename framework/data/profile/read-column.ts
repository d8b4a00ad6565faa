/**
 * What people and monitors ask of a column's profile: how many different values, which value lies at a rank, how values are
 * spread, which are most frequent.
 * @module
 */
import { decodeDistinct, estimateDistinct } from "./distinct-sketch.ts";
import { type Bin, readBins, readRankError } from "./histogram.ts";
import { readHistogram } from "./merge-profiles.ts";
import type { ColumnProfile, NumbersProfile } from "./profile.ts";
import { readTop } from "./top-texts.ts";

/** How many different values a column has. */
export interface Distinct {
  readonly count: number;
  /** Else it is an estimate, whose standard error is 1.6 %. */
  readonly isExact: boolean;
}

export function readDistinctCount({ count, values }: ColumnProfile): Distinct {
  switch (values.kind) {
    case "booleans":
      return { count: Number(values.false > 0) + Number(values.true > 0), isExact: true };
    case "texts":
      return read(values.top.length, values.distinct, count);
    case "numbers":
      return read(values.all?.length ?? 0, values.distinct, count);
  }
}

function read(known: number, sketch: string | undefined, most: number): Distinct {
  if (sketch === undefined) return { count: known, isExact: true };
  // There are no more different values than values.
  return { count: Math.min(most, estimateDistinct(decodeDistinct(sketch))), isExact: false };
}

/** How numbers are spread, in stretches that do not overlap, ascending. */
export function readSpread(values: NumbersProfile): Bin[] {
  const { min, max } = values;
  return min === undefined || max === undefined ? [] : readBins(readHistogram(values), [min, max]);
}

/** What the rank of a quantile may be off at most, as a share of all values; 0 where each value is counted. */
export function readSpreadError(values: NumbersProfile): number {
  return values.all ? 0 : readRankError(readHistogram(values));
}

/** The value below which a share of all values lies. @returns nothing when there are none */
export function readQuantile(bins: readonly Bin[], share: number): number | undefined {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  let left = share * total;
  for (const { lower, upper, count } of bins) {
    if (left <= count) return lower + (count > 0 ? left / count : 0) * (upper - lower);
    left -= count;
  }
  return bins.at(-1)?.upper;
}

/** How many values lie below a number, estimated within the stretch it lies in. */
export function readRank(bins: readonly Bin[], value: number): number {
  let rank = 0;
  for (const { lower, upper, count } of bins) {
    if (lower >= value) break;
    rank += upper <= value ? count : (count * (value - lower)) / (upper - lower);
  }
  return rank;
}

/** A frequent value, as text or number, and how often it occurs. */
export interface FrequentValue {
  readonly value: string | number;
  readonly count: number;
  /** Else it occurs at least so often, or about so often where it is a number. */
  readonly isExact: boolean;
}

/** The most frequent values that are known, most frequent first. Of numbers, those that make up at least about 0.1 % each. */
export function readFrequent({ values }: ColumnProfile): FrequentValue[] {
  switch (values.kind) {
    case "booleans":
      return [
        { value: "true", count: values.true, isExact: true },
        { value: "false", count: values.false, isExact: true },
      ].sort((a, b) => b.count - a.count);
    case "texts":
      return readTop(values.top).map(({ text, atLeast, atMost }) => ({
        value: text,
        count: atLeast,
        isExact: atLeast === atMost,
      }));
    case "numbers":
      return readSpread(values)
        .filter(({ lower, upper }) => lower === upper)
        .map(({ lower, count }) => ({ value: lower, count: Math.round(count), isExact: values.all !== undefined }))
        .sort((a, b) => b.count - a.count || a.value - b.value);
  }
}
