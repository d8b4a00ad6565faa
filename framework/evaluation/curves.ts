/**
 * What a report draws of answers to test rows, small enough to be kept with the evaluation. Pure.
 * @module
 */
import { z } from "zod";
import type { Sample } from "./metrics.ts";
import { binOf, calibrationBins } from "./threshold-metrics.ts";

const point = z.tuple([z.number(), z.number()]);
const histogram = z.strictObject({
  /** Where the bins begin and end: one more than there are bins. */
  edges: z.array(z.number()),
  counts: z.array(z.int()),
});

const binaryCurves = z.strictObject({
  kind: z.literal("binary"),
  /** False positive rate and true positive rate, by falling score, from (0, 0) to (1, 1). */
  roc: z.array(point),
  /** Recall and precision, by falling score. */
  precisionRecall: z.array(point),
  /** Probabilities in bins of equal width, empty ones left out: their mean, the share of true rows, and how many there are. */
  calibration: z.array(z.strictObject({ predicted: z.number(), actual: z.number(), rows: z.int() })),
  /** Rows by what is true and what is said at 0.5. */
  confusion: z.strictObject({
    truePositives: z.int(),
    falsePositives: z.int(),
    trueNegatives: z.int(),
    falseNegatives: z.int(),
  }),
  /** The probabilities of the true and of the false rows. */
  scores: z.strictObject({ ofTrue: histogram, ofFalse: histogram }),
});

const regressionCurves = z.strictObject({
  kind: z.literal("regression"),
  /** Rows in bins of equally many, by prediction: their mean prediction and mean label. */
  calibration: z.array(z.strictObject({ predicted: z.number(), actual: z.number(), rows: z.int() })),
  /** Labels less predictions, without the farthest 0.5 % at either end. */
  residuals: histogram,
});

export const curvesSchema = z.discriminatedUnion("kind", [binaryCurves, regressionCurves]);
export type Curves = z.output<typeof curvesSchema>;

/** How many points a curve keeps at most. */
const mostPoints = 160;
const bins = 40;
const tail = 0.005;

/** @returns nothing where a binary label is the same on all rows: there is no curve to draw */
export function traceCurves(task: "binary" | "regression", sample: Sample): Curves | undefined {
  return task === "binary" ? traceBinary(sample) : traceRegression(sample);
}

function traceBinary(sample: Sample): z.output<typeof binaryCurves> | undefined {
  const { labels, predictions } = sample;
  const isTrue = (row: number) => (labels[row] as number) >= 0.5;
  const trueRows = labels.reduce((count, label) => count + (label >= 0.5 ? 1 : 0), 0);
  const falseRows = labels.length - trueRows;
  if (trueRows === 0 || falseRows === 0) return undefined;
  const order = sortBy(predictions, -1);
  const roc: [number, number][] = [[0, 0]];
  const precisionRecall: [number, number][] = [];
  let [hits, misses] = [0, 0];
  for (const [i, row] of order.entries()) {
    if (isTrue(row)) hits++;
    else misses++;
    // Rows of one score come together: no threshold lies between them.
    if (predictions[row] === predictions[order[i + 1] ?? -1]) continue;
    roc.push([misses / falseRows, hits / trueRows]);
    precisionRecall.push([hits / trueRows, hits / (hits + misses)]);
  }
  const cut = countCases(sample);
  return {
    kind: "binary",
    roc: thin(roc),
    precisionRecall: thin(precisionRecall),
    calibration: calibrate(sample),
    confusion: cut,
    scores: {
      ofTrue: countBins(
        predictions.filter((_, row) => isTrue(row)),
        0,
        1,
      ),
      ofFalse: countBins(
        predictions.filter((_, row) => !isTrue(row)),
        0,
        1,
      ),
    },
  };
}

function countCases({ labels, predictions }: Sample): z.output<typeof binaryCurves>["confusion"] {
  const cases = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (const [row, label] of labels.entries()) {
    const said = (predictions[row] as number) >= 0.5;
    if (label >= 0.5) cases[said ? "truePositives" : "falseNegatives"]++;
    else cases[said ? "falsePositives" : "trueNegatives"]++;
  }
  return cases;
}

function calibrate({ labels, predictions }: Sample): { predicted: number; actual: number; rows: number }[] {
  const found = Array.from({ length: calibrationBins }, () => ({ predicted: 0, actual: 0, rows: 0 }));
  for (const [row, label] of labels.entries()) {
    const probability = predictions[row] as number;
    const bin = found[binOf(probability)];
    if (!bin) continue;
    bin.predicted += probability;
    bin.actual += label;
    bin.rows++;
  }
  return found.flatMap(({ predicted, actual, rows }) =>
    rows > 0 ? [{ predicted: predicted / rows, actual: actual / rows, rows }] : [],
  );
}

function traceRegression({ labels, predictions }: Sample): z.output<typeof regressionCurves> {
  const order = sortBy(predictions, 1);
  const size = Math.max(1, Math.ceil(order.length / 20));
  const calibration = [];
  for (let from = 0; from < order.length; from += size) {
    const rows = order.subarray(from, from + size);
    const mean = (values: Float64Array) => rows.reduce((sum, row) => sum + (values[row] as number), 0) / rows.length;
    calibration.push({ predicted: mean(predictions), actual: mean(labels), rows: rows.length });
  }
  const residuals = labels.map((label, row) => label - (predictions[row] as number)).sort();
  const kept = residuals.subarray(Math.floor(residuals.length * tail), Math.ceil(residuals.length * (1 - tail)));
  return {
    kind: "regression",
    calibration,
    residuals: countBins(kept, kept[0] ?? 0, kept.at(-1) ?? 0),
  };
}

function sortBy(values: Float64Array, sign: 1 | -1): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => sign * ((values[a] as number) - (values[b] as number)));
}

/** Counts values in bins of equal width; what lies beyond an end is in the bin there. */
function countBins(values: Float64Array, from: number, to: number): z.output<typeof histogram> {
  const end = to > from ? to : from + 1;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(Math.max(Math.floor(((value - from) / (end - from)) * bins), 0), bins - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => from + (i * (end - from)) / bins), counts };
}

/** Leaves points of a curve out where there are many, never its ends: those kept are at even distances along it. */
function thin(points: readonly [number, number][]): [number, number][] {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length <= mostPoints || !first || !last) return points.map(round);
  const steps = points.map((point, i) => {
    const before = points[i - 1] ?? point;
    return Math.abs(point[0] - before[0]) + Math.abs(point[1] - before[1]);
  });
  const apart = steps.reduce((sum, step) => sum + step, 0) / (mostPoints - 2);
  const kept: [number, number][] = [first];
  let passed = 0;
  for (const [i, point] of points.slice(1, -1).entries()) {
    passed += steps[i + 1] ?? 0;
    if (passed < apart * kept.length) continue;
    kept.push(point);
  }
  return [...kept, last].map(round);
}

/** What is drawn needs no more digits, and the same rows give the same text. */
function round([x, y]: readonly [number, number]): [number, number] {
  return [Number(x.toPrecision(6)), Number(y.toPrecision(6))];
}
