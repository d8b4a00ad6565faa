/**
 * What an evaluation keeps of attributions: how much each feature counts on the test rows, and which way. Pure.
 * @module
 */
import { z } from "zod";

/** One feature's part. */
const attributedFeature = z.strictObject({
  feature: z.string(),
  /**
   * By the trees the mean size of what the feature adds, in `unit`, of several classes the sum over all; by permutation the
   * growth of the mean squared error.
   */
  importance: z.number(),
  /** By permutation, the standard deviation between its repeats. @default it is by the trees, and exact for these rows */
  spread: z.number().optional(),
  /**
   * From −1 to 1: how the feature's value and what it adds go together. @default it is a category, or always the same, or there
   * are several classes
   */
  direction: z.number().optional(),
  /**
   * Some rows, for a chart: where the feature's value stands among those of all rows, from 0 to 1, -1 where it is missing or a
   * category, and what it adds. Values themselves are not kept. @default it is not among the first features, or none were explained row by row
   */
  points: z.array(z.tuple([z.number(), z.number()])).optional(),
});

export const attributionsSchema = z.strictObject({
  method: z.enum(["tree-shap", "permutation"]),
  /** Why it is not by the trees. @default it is */
  why: z.string().optional(),
  /** In what the sizes are: what a logistic function makes a probability of, the answer itself, or its squared error. */
  unit: z.enum(["log-odds", "answer", "squared-error"]),
  /** How many test rows were looked at. */
  rows: z.int(),
  /** How many rows stand for what is usual. */
  background: z.int(),
  /** What the model says of nothing in particular, in `unit`. @default by permutation, or there are several classes */
  expected: z.number().optional(),
  /** The features that count most, in order. */
  features: z.array(attributedFeature),
  /** How many more there are. */
  left: z.int(),
});
export type Attributions = z.output<typeof attributionsSchema>;
export type AttributedFeature = z.output<typeof attributedFeature>;

/** How many features are kept at most, and how many of them with points. */
const mostFeatures = 100;
const mostPlotted = 10;
const mostPoints = 150;

/** What is known of a feature before the most important are chosen. */
export interface FeatureAttribution extends Omit<AttributedFeature, "points"> {
  /** Its values and what each adds, row by row. @default it was not explained row by row */
  readonly byRow?: { readonly values: Float64Array; readonly added: Float64Array };
}

/** The most important features in order, equal ones in the order of the model's inputs, with points of the first. */
export function rankFeatures(features: readonly FeatureAttribution[]): Pick<Attributions, "features" | "left"> {
  const ranked = features.toSorted((a, b) => b.importance - a.importance).slice(0, mostFeatures);
  return {
    features: ranked.map(({ byRow, ...feature }, at) => ({
      ...feature,
      ...(byRow && at < mostPlotted && { points: placePoints(byRow.values, byRow.added) }),
    })),
    left: features.length - ranked.length,
  };
}

/** Every n-th row: where its value stands among the others', and what it adds. */
function placePoints(values: Float64Array, added: Float64Array): [number, number][] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const step = Math.max(1, Math.ceil(values.length / mostPoints));
  const points: [number, number][] = [];
  for (let row = 0; row < values.length; row += step) {
    const value = values[row] as number;
    points.push([Number.isNaN(value) ? -1 : placeOf(value, sorted), round(added[row] as number)]);
  }
  return points;
}

/** From 0 for the smallest to 1 for the largest, equal ones at their middle. */
function placeOf(value: number, sorted: Float64Array): number {
  const below = countBelow(sorted, (each) => each < value);
  const upTo = countBelow(sorted, (each) => each <= value);
  return sorted.length < 2 ? 0.5 : round((below + upTo - 1) / 2 / (sorted.length - 1));
}

function countBelow(sorted: Float64Array, isBelow: (value: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBelow(sorted[middle] as number)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
