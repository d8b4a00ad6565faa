/**
 * The metrics a model can be judged by: their task, their direction, what they read, and how they are computed on rows
 * that count several times, so that resampling never copies or sorts again.
 * @module
 */
import { prepareMedianAbsoluteError, prepareWeightedPercentageError } from "./error-metrics.ts";
import {
  prepareAveragePrecision,
  prepareCalibrationError,
  prepareF1,
  preparePrecision,
  prepareRecall,
  prepareSelectionRate,
} from "./threshold-metrics.ts";

/** True labels and predictions of the same rows. Binary labels are 0 or 1, their predictions probabilities or scores. */
export interface Sample {
  readonly labels: Float64Array;
  readonly predictions: Float64Array;
}

/** The metric's value when row i counts `weights[i]` times; NaN where the metric is not defined, as AUC on a single class. */
export type Statistic = (weights: Uint8Array) => number;

export interface Metric {
  readonly task: "binary" | "regression";
  /** Which values are better. */
  readonly direction: "higher" | "lower";
  /** What it reads from a prediction: its order alone, a probability of the label being true, or a value in the label's unit. */
  readonly needs: "rank" | "probability" | "value";
  /** Does once what does not depend on the weights; each call of the statistic is then one pass over the rows. */
  readonly prepare: (sample: Sample) => Statistic;
}

/** Every metric by its name. */
export const metrics: Readonly<Record<string, Metric>> = {
  /** Area under the ROC curve: the chance that a true row scores above a false one, ties counting half. */
  auc: { task: "binary", direction: "higher", needs: "rank", prepare: prepareAuc },
  /** Mean negative log-likelihood in nats, probabilities clipped to [1e-15, 1 − 1e-15]. */
  "log-loss": { task: "binary", direction: "lower", needs: "probability", prepare: meanOf(logLoss) },
  /** Mean squared difference of probability and label. */
  brier: { task: "binary", direction: "lower", needs: "probability", prepare: meanOf(squaredError) },
  /** Share of rows on the right side of 0.5; 0.5 itself says true. */
  accuracy: {
    task: "binary",
    direction: "higher",
    needs: "probability",
    prepare: meanOf((y, p) => (p >= 0.5 === y >= 0.5 ? 1 : 0)),
  },
  /** Area under the precision-recall curve, as steps. */
  "average-precision": { task: "binary", direction: "higher", needs: "rank", prepare: prepareAveragePrecision },
  precision: { task: "binary", direction: "higher", needs: "probability", prepare: preparePrecision },
  recall: { task: "binary", direction: "higher", needs: "probability", prepare: prepareRecall },
  f1: { task: "binary", direction: "higher", needs: "probability", prepare: prepareF1 },
  "calibration-error": { task: "binary", direction: "lower", needs: "probability", prepare: prepareCalibrationError },
  /** Root of the mean squared error, in the label's unit. */
  rmse: { task: "regression", direction: "lower", needs: "value", prepare: prepareRmse },
  /** Mean absolute error, in the label's unit. */
  mae: { task: "regression", direction: "lower", needs: "value", prepare: meanOf((y, p) => Math.abs(y - p)) },
  /** Coefficient of determination: 1 − squared error over squared deviation from the rows' own mean label. */
  r2: { task: "regression", direction: "higher", needs: "value", prepare: prepareR2 },
  "median-absolute-error": {
    task: "regression",
    direction: "lower",
    needs: "value",
    prepare: prepareMedianAbsoluteError,
  },
  "weighted-percentage-error": {
    task: "regression",
    direction: "lower",
    needs: "value",
    prepare: prepareWeightedPercentageError,
  },
};

/** What is measured of groups and says nothing of how good a model is. */
const rates: Readonly<Record<string, Metric>> = {
  /** Share of rows that are said to be true. */
  "selection-rate": { task: "binary", direction: "higher", needs: "probability", prepare: prepareSelectionRate },
};

/** Finds a metric, or a rate of groups, by name. A name the tables inherit from `Object.prototype` is none. */
export function findMetric(name: string): Metric | undefined {
  if (Object.hasOwn(rates, name)) return rates[name];
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

function squaredError(label: number, prediction: number): number {
  return (label - prediction) ** 2;
}

function logLoss(label: number, probability: number): number {
  const clipped = Math.min(Math.max(probability, 1e-15), 1 - 1e-15);
  return label >= 0.5 ? -Math.log(clipped) : -Math.log1p(-clipped);
}

/** A metric that is the mean of a loss per row. */
function meanOf(loss: (label: number, prediction: number) => number): Metric["prepare"] {
  return ({ labels, predictions }) => {
    const losses = labels.map((label, row) => loss(label, predictions[row] as number));
    const centre = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    // Summing what is left after the centre keeps the digits that a sum of many like losses would lose.
    const deviations = losses.map((value) => value - centre);
    return (weights) => {
      let sum = 0;
      let count = 0;
      for (let row = 0; row < deviations.length; row++) {
        const weight = weights[row] as number;
        sum += weight * (deviations[row] as number);
        count += weight;
      }
      return centre + sum / count;
    };
  };
}

function prepareRmse(sample: Sample): Statistic {
  const meanSquare = meanOf(squaredError)(sample);
  return (weights) => Math.sqrt(meanSquare(weights));
}

function prepareR2({ labels, predictions }: Sample): Statistic {
  const residuals = labels.map((label, row) => squaredError(label, predictions[row] as number));
  // Deviations are taken from the plain mean first, since Σwy² − (Σwy)²/Σw loses its digits when the mean is large.
  const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  return (weights) => {
    let count = 0;
    let residual = 0;
    let shift = 0;
    let square = 0;
    for (let row = 0; row < labels.length; row++) {
      const weight = weights[row] as number;
      const deviation = (labels[row] as number) - mean;
      count += weight;
      residual += weight * (residuals[row] as number);
      shift += weight * deviation;
      square += weight * deviation * deviation;
    }
    const total = square - (shift * shift) / count;
    // Equal labels leave only what rounding leaves of their squares.
    return total > square * 1e-12 ? 1 - residual / total : Number.NaN;
  };
}

/** Sorts once; a weighted AUC is then a walk over the rows by rising score, one group of equal scores at a time. */
function prepareAuc({ labels, predictions }: Sample): Statistic {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => (predictions[a] as number) - (predictions[b] as number));
  const isTrue = Uint8Array.from(order, (row) => ((labels[row] as number) >= 0.5 ? 1 : 0));
  const endsGroup = Uint8Array.from(order, (row, i) => (predictions[row] !== predictions[order[i + 1] ?? -1] ? 1 : 0));
  return (weights) => {
    let pairs = 0;
    let trueCount = 0;
    let falseCount = 0;
    let trueInGroup = 0;
    let falseInGroup = 0;
    for (let i = 0; i < order.length; i++) {
      const weight = weights[order[i] as number] as number;
      // Without a branch, which a processor could not predict: labels are in no order it could learn.
      const weightIfTrue = weight * (isTrue[i] as number);
      trueInGroup += weightIfTrue;
      falseInGroup += weight - weightIfTrue;
      if (endsGroup[i] === 1) {
        pairs += trueInGroup * (falseCount + falseInGroup / 2);
        trueCount += trueInGroup;
        falseCount += falseInGroup;
        trueInGroup = 0;
        falseInGroup = 0;
      }
    }
    return pairs / (trueCount * falseCount);
  };
}
