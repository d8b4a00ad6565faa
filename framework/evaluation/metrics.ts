/**
 * The metrics a model can be judged by: their task, their direction, what they read, and how they are computed on rows
 * that count several times, so that resampling never copies or sorts again.
 * @module
 */
import type { Task } from "../definitions/metric.ts";
import { readMetricName } from "../definitions/metric-name.ts";
import {
  f1Of,
  macroOf,
  oneAgainstOthers,
  precisionOf,
  prepareBalancedAccuracy,
  prepareClassAccuracy,
  prepareClassLogLoss,
  prepareConfidenceError,
  prepareKappa,
  prepareMatthews,
  recallOf,
  topAccuracyOf,
  weightedOf,
} from "./class-metrics.ts";
import {
  prepareMape,
  prepareMedianAbsoluteError,
  prepareWeightedPercentageError,
  scaledErrorOf,
  symmetricPercentage,
} from "./error-metrics.ts";
import { meanOf } from "./mean-metrics.ts";
import { averagePrecisionOf, meanOverGroups, ndcgOf, reciprocalRank } from "./ranking-metrics.ts";
import {
  prepareAveragePrecision,
  prepareCalibrationError,
  prepareF1,
  preparePrecision,
  prepareRecall,
  prepareSelectionRate,
} from "./threshold-metrics.ts";

/**
 * True labels and predictions of the same rows. Binary labels are 0 or 1, their predictions probabilities or scores; a label of
 * several classes is the place of its own, and its prediction a probability for each class, row by row.
 */
export interface Sample {
  readonly labels: Float64Array;
  readonly predictions: Float64Array;
  /** How many numbers a row is predicted with. @default 1 */
  readonly width?: number;
  /** The number of each row's group, by the column that groups them. @default rows are in no groups */
  readonly groups?: Readonly<Record<string, Uint32Array>>;
  /** What a metric's errors are measured against, by the metric's name, in the label's unit. @default nothing is known of that */
  readonly scales?: Readonly<Record<string, number>>;
}

/** The metric's value when row i counts `weights[i]` times; NaN where the metric is not defined, as AUC on a single class. */
export type Statistic = (weights: Uint8Array) => number;

export interface Metric {
  readonly tasks: readonly Task[];
  /** Which values are better. */
  readonly direction: "higher" | "lower";
  /** What it reads from a prediction: its order alone, a probability of the label being true, or a value in the label's unit. */
  readonly needs: "rank" | "probability" | "value";
  /** Does once what does not depend on the weights; each call of the statistic is then one pass over the rows. */
  readonly prepare: (sample: Sample) => Statistic;
}

type Prepare = Metric["prepare"];

function ofTruth(needs: Metric["needs"], prepare: Prepare, direction: Metric["direction"] = "higher"): Metric {
  return { tasks: ["binary"], direction, needs, prepare };
}

function ofClasses(prepare: Prepare, direction: Metric["direction"] = "higher"): Metric {
  return { tasks: ["multiclass"], direction, needs: "probability", prepare };
}

/** A metric of binary labels and of several classes, which may be computed otherwise. */
function ofBoth(binary: Prepare, several: Prepare = binary, direction: Metric["direction"] = "higher"): Metric {
  const prepare: Prepare = (sample) => ((sample.width ?? 1) > 1 ? several(sample) : binary(sample));
  return { tasks: ["binary", "multiclass"], direction, needs: "probability", prepare };
}

function ofNumber(prepare: Prepare, direction: Metric["direction"] = "lower"): Metric {
  return { tasks: ["regression"], direction, needs: "value", prepare };
}

function ofRanking(prepare: Prepare): Metric {
  return { tasks: ["binary", "regression"], direction: "higher", needs: "rank", prepare };
}

/** Every metric that is told nothing, by its name. */
export const metrics: Readonly<Record<string, Metric>> = {
  /** Area under the ROC curve: the chance that a true row scores above a false one, ties counting half. */
  auc: ofTruth("rank", prepareAuc),
  /** Mean negative log-likelihood in nats, probabilities clipped to [1e-15, 1 − 1e-15]. */
  "log-loss": ofBoth(meanOf(logLoss), prepareClassLogLoss, "lower"),
  /** Mean squared difference of probability and label. */
  brier: ofTruth("probability", meanOf(squaredError), "lower"),
  /** Share of rows on the right side of 0.5, where 0.5 itself says true; of several classes, whose most probable one is theirs. */
  accuracy: ofBoth(
    meanOf((y, p) => (p >= 0.5 === y >= 0.5 ? 1 : 0)),
    prepareClassAccuracy,
  ),
  /** Area under the precision-recall curve, as steps. */
  "average-precision": ofTruth("rank", prepareAveragePrecision),
  precision: ofTruth("probability", preparePrecision),
  recall: ofTruth("probability", prepareRecall),
  f1: ofTruth("probability", prepareF1),
  "calibration-error": ofBoth(prepareCalibrationError, prepareConfidenceError, "lower"),
  "balanced-accuracy": ofBoth(prepareBalancedAccuracy),
  "macro-precision": ofClasses(macroOf(precisionOf)),
  "macro-recall": ofClasses(macroOf(recallOf)),
  "macro-f1": ofClasses(macroOf(f1Of)),
  "weighted-precision": ofClasses(weightedOf(precisionOf)),
  "weighted-recall": ofClasses(weightedOf(recallOf)),
  "weighted-f1": ofClasses(weightedOf(f1Of)),
  /** The mean AUC of each class against all others. */
  "macro-auc": ofClasses(oneAgainstOthers(prepareAuc)),
  "matthews-correlation": ofBoth(prepareMatthews),
  kappa: ofBoth(prepareKappa),
  /** Root of the mean squared error, in the label's unit. */
  rmse: ofNumber(prepareRmse),
  /** Mean absolute error, in the label's unit. */
  mae: ofNumber(meanOf(absoluteError)),
  /** Coefficient of determination: 1 − squared error over squared deviation from the rows' own mean label. */
  r2: ofNumber(prepareR2, "higher"),
  "median-absolute-error": ofNumber(prepareMedianAbsoluteError),
  "weighted-percentage-error": ofNumber(prepareWeightedPercentageError),
  mape: ofNumber(prepareMape),
  smape: ofNumber(meanOf(symmetricPercentage)),
};

/** What is measured of groups and says nothing of how good a model is. */
const rates: Readonly<Record<string, Metric>> = {
  /** Share of rows that are said to be true. */
  "selection-rate": ofTruth("probability", prepareSelectionRate),
};

/**
 * Finds a metric, or a rate of groups, by name; one that is told something by what its name says. A name the tables inherit
 * from `Object.prototype` is none.
 */
export function findMetric(name: string): Metric | undefined {
  if (Object.hasOwn(rates, name)) return rates[name];
  return Object.hasOwn(metrics, name) ? metrics[name] : findTold(name);
}

function findTold(name: string): Metric | undefined {
  const told = readMetricName(name);
  const by = told?.by ?? "";
  switch (told?.kind) {
    case "top-accuracy":
      return ofClasses(topAccuracyOf(told.k ?? 1));
    case "ndcg":
      return ofRanking(meanOverGroups(by, ndcgOf(told.k)));
    case "mean-reciprocal-rank":
      return ofRanking(meanOverGroups(by, reciprocalRank));
    case "mean-average-precision":
      return ofRanking(meanOverGroups(by, averagePrecisionOf));
    case "mase":
      return ofNumber(scaledErrorOf(name));
    case undefined:
      return undefined;
  }
}

function absoluteError(label: number, prediction: number): number {
  return Math.abs(label - prediction);
}

function squaredError(label: number, prediction: number): number {
  return (label - prediction) ** 2;
}

function logLoss(label: number, probability: number): number {
  const clipped = Math.min(Math.max(probability, 1e-15), 1 - 1e-15);
  return label >= 0.5 ? -Math.log(clipped) : -Math.log1p(-clipped);
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
