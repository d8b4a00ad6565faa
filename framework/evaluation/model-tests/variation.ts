/**
 * The rows that a test of a model asks: test rows, and rows made of them by changing one feature. Pure.
 * @module
 */
import type { ModelTestSpec } from "../../definitions/model-test-spec.ts";
import type { FeatureRow } from "../../models/test-split.ts";

/** How many test rows are varied, and how many values each is asked with. */
const variedRows = 250;
const askedValues = 8;

/**
 * Groups of rows. A test of a single row's answer has one row in each; one of what a change does has the ways in which one row
 * is asked, in an order that means something to it.
 */
export type AskedRows = readonly (readonly FeatureRow[])[];

/** What a test asks, of a sample of the test rows. A group without a change in it is left out. */
export function varyRows(test: ModelTestSpec, sample: readonly FeatureRow[]): AskedRows {
  switch (test.kind) {
    case "monotone":
      return varyNumber(test.feature, sample);
    case "invariant":
      return varyAny(test.feature, sample);
    case "directional":
      return shiftNumber(test.feature, test.by, sample);
    case "golden":
      return test.rows.map(({ features }) => [features]);
    case "answers-each-row":
    case "deterministic":
    case "in-range":
    case "simplex":
    case "latency":
      return sample.map((row) => [row]);
  }
}

/** Each row with the same values of the feature, from the least that rows have to the most. */
function varyNumber(feature: string, sample: readonly FeatureRow[]): AskedRows {
  const known = sample.flatMap((row) => readNumber(row, feature) ?? []).sort((a, b) => a - b);
  const values = new Set<number>();
  for (let step = 0; step < askedValues; step++) {
    const value = known[Math.round((step * (known.length - 1)) / (askedValues - 1))];
    if (value !== undefined) values.add(value);
  }
  if (values.size < 2) return [];
  return pickEvenly(sample, variedRows).map((row) => [...values].map((value) => ({ ...row, [feature]: value })));
}

/** Each row as it is, then with the most frequent other values of the feature, equally frequent ones by value. */
function varyAny(feature: string, sample: readonly FeatureRow[]): AskedRows {
  const counts = new Map<unknown, number>();
  for (const row of sample) counts.set(read(row, feature), (counts.get(read(row, feature)) ?? 0) + 1);
  const values = [...counts]
    .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (String(a) < String(b) ? -1 : 1))
    .slice(0, askedValues)
    .map(([value]) => value as FeatureRow[string]);
  if (values.length < 2) return [];
  return pickEvenly(sample, variedRows).map((row) => [
    row,
    ...values.filter((value) => value !== read(row, feature)).map((value) => ({ ...row, [feature]: value })),
  ]);
}

/** Each row that has the feature as it is, then with `by` more of it. */
function shiftNumber(feature: string, by: number, sample: readonly FeatureRow[]): AskedRows {
  return pickEvenly(
    sample.filter((row) => readNumber(row, feature) !== undefined),
    variedRows,
  ).map((row) => [row, { ...row, [feature]: (readNumber(row, feature) ?? 0) + by }]);
}

/** At most `most` of a list, from all over it. */
function pickEvenly<T>(list: readonly T[], most: number): readonly T[] {
  return placeEvenly(list.length, most).map((at) => list[at] as T);
}

/** At most `most` places in a list of a length, from all over it. */
export function placeEvenly(length: number, most: number): readonly number[] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, at) => Math.floor((at * length) / count));
}

function read(row: FeatureRow, feature: string): FeatureRow[string] {
  return Object.hasOwn(row, feature) ? (row[feature] ?? null) : null;
}

function readNumber(row: FeatureRow, feature: string): number | undefined {
  const value = read(row, feature);
  const number = typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
