/**
 * Whether the features that a server makes of rows are those that the training set has of the same rows. Pure.
 *
 * A training set does not say which row of the dataset an example was, so an example is held against all rows of its time that have
 * its texts and truths, and the one that is most like it is taken for it; no row is taken twice. An example that is like none of
 * them may be a row that a server refuses, where there is one.
 * @module
 */
import type { TrainingSet } from "../../features/training-set.ts";
import type { FeatureRow } from "../../models/test-split.ts";
import { formatCount } from "../number-text.ts";
import type { Compared } from "./compare-answers.ts";

/** An example, or a row that could be one. */
export interface TimedRow {
  /** What tells rows of one time apart: their texts and truths, as one text. */
  readonly group: string;
  /** @default a server refuses the row */
  readonly features?: FeatureRow;
}

/** How far fractions may be apart, in units of the larger of 1 and both: sums are not added up from the same row on. */
const fractionTolerance = 1e-5;

/** Holds the examples' features against those that a server makes of the rows. */
export function matchRows(
  features: TrainingSet["features"],
  examples: readonly Required<TimedRow>[],
  rows: readonly TimedRow[],
): Compared & { readonly refused: number } {
  const left = Map.groupBy(rows, ({ group }) => group);
  const take = (example: TimedRow, row: TimedRow | undefined): void => {
    const found = left.get(example.group) ?? [];
    if (row) found.splice(found.indexOf(row), 1);
  };
  // Whoever has its own row takes it first, so that nobody is held against the row of another example.
  const rest = [...examples.entries()].filter(([, example]) => {
    const same = left
      .get(example.group)
      ?.find((row) => listDifferent(features, example.features, row.features).length === 0);
    take(example, same);
    return same === undefined;
  });
  const off: { readonly at: number; readonly names: readonly string[]; readonly row: FeatureRow | undefined }[] = [];
  let refused = 0;
  for (const [at, example] of rest) {
    const found = left.get(example.group) ?? [];
    // It may be the example's own.
    const refusedRow = found.find((row) => row.features === undefined);
    if (refusedRow) {
      take(example, refusedRow);
      refused++;
      continue;
    }
    const judged = found.map((row) => ({ row, names: listDifferent(features, example.features, row.features) }));
    const [best] = judged.toSorted((a, b) => a.names.length - b.names.length);
    take(example, best?.row);
    off.push({ at, names: best?.names ?? [], row: best?.row.features });
  }
  const compared = examples.length - refused;
  const count = formatCount(compared, "row");
  const of = { rows: compared, exceeding: off.length, refused };
  const [first] = off;
  if (!first) return { verdict: "pass", reason: `features: a server makes of ${count} what training had`, ...of };
  const [name] = first.names;
  const seen = examples[first.at]?.features[name ?? ""] ?? null;
  const what =
    name === undefined || first.row === undefined
      ? `the dataset has no row of example ${first.at}`
      : `"${name}" is ${show(first.row[name])} for a server and was ${show(seen)} in training, at example ${first.at}`;
  return { verdict: "fail", reason: `features: ${what}; ${off.length} of ${count} differ`, ...of };
}

/** The features that are not the same. Of a row that is refused there are none, and all differ. */
function listDifferent(
  features: TrainingSet["features"],
  trained: FeatureRow,
  served: FeatureRow | undefined,
): readonly string[] {
  if (served === undefined) return features.map(({ name }) => name);
  return features.flatMap(({ name, type }) => {
    const [a = null, b = null] = [trained[name], served[name]];
    const same = type === "category" ? a === b : isNear(toNumber(a), toNumber(b));
    return same ? [] : [name];
  });
}

/** Whole numbers are equal in every bit, fractions near; what is missing is missing for both. */
function isNear(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (Number.isInteger(a) && Number.isInteger(b)) return a === b;
  return Math.abs(a - b) <= fractionTolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

function toNumber(value: FeatureRow[string]): number {
  return value === null ? Number.NaN : Number(value);
}

function show(value: FeatureRow[string] | undefined): string {
  return value === null || value === undefined ? "missing" : typeof value === "string" ? `"${value}"` : String(value);
}
