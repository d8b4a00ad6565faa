/**
 * What a report draws of answers to test rows, small enough to be kept with the evaluation. Pure.
 * @module
 */
import { z } from "zod";
import type { TrainingSet } from "../features/training-set.ts";
import { chooseClasses, pickChosen, pickClass } from "./class-metrics.ts";
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

const multiclassCurves = z.strictObject({
  kind: z.literal("multiclass"),
  /**
   * Rows by the class that is true and the one that is said: of at most twenty classes, those that most rows have, in the schema's
   * order, and of all others together, where there are more.
   */
  confusion: z.strictObject({ classes: z.array(z.string()), counts: z.array(z.array(z.int())) }),
  /** Each of at most six classes, those that most rows have, against all others: see `roc` above. */
  roc: z.array(z.strictObject({ class: z.string(), rows: z.int(), points: z.array(point) })),
  /** The probability of the most probable class in bins, and the share of rows that are of it. */
  calibration: z.array(z.strictObject({ predicted: z.number(), actual: z.number(), rows: z.int() })),
  /** The probability of the most probable class, of the rows that are of it and of the others. */
  confidence: z.strictObject({ ofRight: histogram, ofWrong: histogram }),
});

export const curvesSchema = z.discriminatedUnion("kind", [binaryCurves, multiclassCurves, regressionCurves]);
export type Curves = z.output<typeof curvesSchema>;

/** How many points a curve keeps at most. */
const mostPoints = 160;
const bins = 40;
const tail = 0.005;

/** How many classes are told apart in a table, and how many have a curve of their own. */
const mostConfused = 20;
const mostTraced = 6;

/** @returns nothing where a binary label is the same on all rows: there is no curve to draw */
export function traceCurves(
  { task, classes = [] }: Pick<TrainingSet, "task" | "classes">,
  sample: Sample,
): Curves | undefined {
  switch (task) {
    case "binary":
      return traceBinary(sample);
    case "multiclass":
      return traceClasses(sample, classes);
    case "regression":
      return traceRegression(sample);
  }
}

function traceClasses(sample: Sample, classes: readonly string[]): z.output<typeof multiclassCurves> {
  const counts = new Uint32Array(classes.length);
  for (const label of sample.labels) counts[label] = (counts[label] as number) + 1;
  const frequent = Array.from(classes.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  const inOrder = (most: number) => frequent.slice(0, most).sort((a, b) => a - b);
  const chosen = pickChosen(sample);
  const confidenceOf = (right: boolean) =>
    countBins(
      chosen.predictions.filter((_, row) => (chosen.labels[row] === 1) === right),
      0,
      1,
    );
  return {
    kind: "multiclass",
    confusion: confuse(sample, classes, inOrder(classes.length > mostConfused ? mostConfused - 1 : mostConfused)),
    roc: inOrder(mostTraced).flatMap((place) => {
      const points = traceRoc(pickClass(sample, place));
      return points ? [{ class: classes[place] as string, rows: counts[place] as number, points }] : [];
    }),
    calibration: calibrate(chosen),
    confidence: { ofRight: confidenceOf(true), ofWrong: confidenceOf(false) },
  };
}

/** Counts rows by class and answer; classes that are not among the places are one. */
function confuse(
  sample: Sample,
  classes: readonly string[],
  places: readonly number[],
): z.output<typeof multiclassCurves>["confusion"] {
  const rest = classes.length - places.length;
  const names = [...places.map((place) => classes[place] as string), ...(rest > 0 ? [`(${rest} others)`] : [])];
  const rowOf = classes.map((_, place) => (places.includes(place) ? places.indexOf(place) : places.length));
  const counts = names.map(() => names.map(() => 0));
  const chosen = chooseClasses(sample);
  for (const [row, label] of sample.labels.entries()) {
    const line = counts[rowOf[label] as number] as number[];
    const said = rowOf[chosen[row] as number] as number;
    line[said] = (line[said] as number) + 1;
  }
  return { classes: names, counts };
}

function traceRoc(sample: Sample): [number, number][] | undefined {
  return traceBinary(sample)?.roc;
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
