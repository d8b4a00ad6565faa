/**
 * Merging profiles: of profiles of parts, the profile of all their rows. Rows, counts, nulls, least and greatest values,
 * lengths and counts of few values are exactly those of the union, in whatever order and groups parts are merged; so is the
 * estimate of distinct values, once it is one. Moments are equal but for rounding. Histograms add up exactly as long as they
 * have at most `mostIntervals` between them; folding one into fewer leaves ranks unsure by 0.1 % more. The bounds of the most
 * frequent texts hold however profiles are merged, but are closer when they are merged at once.
 * @module
 */
import { formatOf } from "../../definitions/format.ts";
import {
  addDoubles,
  addHash,
  addSketch,
  type DistinctSketch,
  decodeDistinct,
  encodeDistinct,
  makeDistinctSketch,
} from "./distinct-sketch.ts";
import { addHistograms, countSingly, foldHistogram, type Histogram } from "./histogram.ts";
import { decodeHistogram, encodeHistogram } from "./histogram-code.ts";
import { type CountedMoments, mergeMoments, noMoments } from "./moments.ts";
import { rankError } from "./number-column.ts";
import {
  type BooleansProfile,
  type ColumnProfile,
  fewNumbers,
  fewTexts,
  type NumbersProfile,
  type Profile,
  type TextsProfile,
} from "./profile.ts";
import { hashLabel } from "./text-label.ts";
import { addTops, keepTop, keptTexts } from "./top-texts.ts";

/** How many intervals a merged histogram has before it is folded; while it is being merged it may have a multiple of them. */
const mostIntervals = 4096;
const mostWhileMerging = 8 * mostIntervals;

/**
 * Merges profiles. Columns come in the order in which they are met first; in a part without a column all its values are null.
 *
 * @throws TypeError when a column has different types
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  const rows = profiles.reduce((sum, profile) => sum + profile.rows, 0);
  const byName = new Map<string, ColumnProfile[]>();
  for (const column of profiles.flatMap(({ columns }) => columns)) {
    const same = byName.get(column.name);
    if (same) same.push(column);
    else byName.set(column.name, [column]);
  }
  const columns = [...byName.values()].map((same) => mergeColumns(same, rows));
  return { format: formatOf("dataset-profile"), rows, columns };
}

function mergeColumns(columns: readonly ColumnProfile[], rows: number): ColumnProfile {
  const [first] = columns;
  if (!first) throw new TypeError("there is no column to merge");
  const { name, type } = first;
  const other = columns.find((column) => column.type !== type);
  if (other) throw new TypeError(`column "${name}" is ${type} in one part and ${other.type} in another`);
  if (columns.length === 1) return { ...first, nulls: rows - first.count };
  const count = columns.reduce((sum, column) => sum + column.count, 0);
  return { name, type, count, nulls: rows - count, values: mergeValues(columns, count) };
}

function mergeValues(columns: readonly ColumnProfile[], count: number): ColumnProfile["values"] {
  const values = columns.map((column) => column.values);
  const numbers = columns.flatMap(({ count, values }) => (values.kind === "numbers" ? [{ count, values }] : []));
  if (numbers.length > 0) return mergeNumbers(numbers, count);
  const texts = values.filter((value) => value.kind === "texts");
  return texts.length > 0 ? mergeTexts(texts) : mergeBooleans(values.filter((value) => value.kind === "booleans"));
}

function mergeBooleans(values: readonly BooleansProfile[]): BooleansProfile {
  const sum = (of: "false" | "true") => values.reduce((total, value) => total + value[of], 0);
  return { kind: "booleans", false: sum("false"), true: sum("true") };
}

interface CountedNumbers {
  readonly count: number;
  readonly values: NumbersProfile;
}

function mergeNumbers(columns: readonly CountedNumbers[], count: number): NumbersProfile {
  const profiles = columns.map(({ values }) => values);
  const nonFinite = profiles.reduce((sum, profile) => sum + (profile.nonFinite ?? 0), 0);
  const [mins, maxs] = [profiles.flatMap(({ min }) => min ?? []), profiles.flatMap(({ max }) => max ?? [])];
  const moments = addMoments(columns);
  const stated = {
    kind: "numbers" as const,
    ...(mins.length > 0 && { min: mins.reduce((a, b) => Math.min(a, b)), max: maxs.reduce((a, b) => Math.max(a, b)) }),
    ...(moments && { moments }),
    ...(nonFinite > 0 && { nonFinite }),
  };
  const all = addFew(profiles);
  if (all) return { ...stated, all };
  const histogram = profiles.map(readHistogram).reduce((sum, next) => {
    const both = addHistograms(sum, next);
    return both.count.length > mostWhileMerging ? fold(both, count / 8) : both;
  });
  const distinct = makeDistinctSketch();
  for (const profile of profiles) addSketch(distinct, readDistinct(profile));
  const kept = histogram.count.length > mostIntervals ? fold(histogram, count) : histogram;
  return { ...stated, histogram: encodeHistogram(kept), distinct: encodeDistinct(distinct) };
}

function fold(histogram: Histogram, count: number): Histogram {
  return foldHistogram(histogram, Math.max(1, Math.floor(rankError * count)));
}

function addMoments(columns: readonly CountedNumbers[]): NumbersProfile["moments"] {
  let sum: CountedMoments = noMoments;
  for (const { count, values } of columns) {
    const finite = count - (values.nonFinite ?? 0);
    if (finite === 0) continue;
    if (!values.moments) return undefined;
    sum = mergeMoments(sum, { count: finite, ...values.moments });
  }
  const { count, mean, m2, m3 } = sum;
  return count > 0 && [mean, m2, m3].every((moment) => Number.isFinite(moment)) ? { mean, m2, m3 } : undefined;
}

/** Every value with its count, while they are few. */
function addFew(profiles: readonly NumbersProfile[]): NumbersProfile["all"] {
  const sums = new Map<number, number>();
  for (const { all } of profiles) {
    if (!all) return undefined;
    for (const [value, count] of all) sums.set(value, (sums.get(value) ?? 0) + count);
    if (sums.size > fewNumbers) return undefined;
  }
  return [...sums].sort(([a], [b]) => a - b);
}

/** The histogram of a profile, whatever it has of one. */
export function readHistogram({ all, histogram }: NumbersProfile): Histogram {
  return histogram === undefined ? countSingly(all ?? []) : decodeHistogram(histogram);
}

function readDistinct({ all = [], distinct }: NumbersProfile): DistinctSketch {
  if (distinct !== undefined) return decodeDistinct(distinct);
  const sketch = makeDistinctSketch();
  const words = new Uint32Array(Float64Array.from(all, ([value]) => value).buffer);
  addDoubles(sketch, words, { count: all.length, floor: 0 });
  return sketch;
}

function mergeTexts(profiles: readonly TextsProfile[]): TextsProfile {
  const lengths = profiles.flatMap(({ length }) => length ?? []);
  const length = lengths.reduce<(typeof lengths)[number] | undefined>(
    (sum, next) =>
      sum ? { min: Math.min(sum.min, next.min), max: Math.max(sum.max, next.max), sum: sum.sum + next.sum } : next,
    undefined,
  );
  const { texts, unlisted } = addTops(profiles);
  const isAll = profiles.every(({ distinct }) => distinct === undefined) && texts.length <= fewTexts;
  return {
    kind: "texts",
    ...(length && { length }),
    ...keepTop(texts, { unlisted, limit: isAll ? fewTexts : keptTexts }),
    ...(!isAll && { distinct: encodeDistinct(addTextSketches(profiles)) }),
  };
}

function addTextSketches(profiles: readonly TextsProfile[]): DistinctSketch {
  const sketch = makeDistinctSketch();
  for (const { distinct, top } of profiles) {
    if (distinct !== undefined) addSketch(sketch, decodeDistinct(distinct));
    else for (const [text] of top) addHash(sketch, ...hashLabel(text));
  }
  return sketch;
}
