/**
 * Metrics: what a model is judged by, and the gates that can be made of them.
 * @module
 */
import { createGate, type WholeGate } from "./gate.ts";
import { readOptions } from "./options.ts";
import { describeValue } from "./value-text.ts";

/** What a label asks: true or false, or how much. */
export type Task = "binary" | "regression";

/** How far two values may be apart, or must be. */
export interface Margin {
  /**
   * How far, in the metric's unit. 0 or more.
   * @default 0
   * @example 0.005
   */
  readonly by?: number;
}

/** What a model is judged by. The methods make gates of it. */
export interface Metric<M extends string = string, T extends Task = Task> {
  readonly kind: "metric";
  readonly name: M;
  readonly task: T;
  /** The values it can have, both included. */
  readonly range: readonly [low: number, high: number];
  /**
   * Asks for this value or a higher one. A value of the metric's range.
   * @example auc.atLeast(0.67)
   */
  atLeast(value: number): WholeGate<M>;
  /**
   * Asks for this value or a lower one. A value of the metric's range.
   * @example logLoss.atMost(0.5)
   */
  atMost(value: number): WholeGate<M>;
  /**
   * Asks that the candidate is not worse, by more than `by`, than the version in production is on the same rows. While
   * nothing is in production it is recorded as the first version and does not block.
   * @example auc.noWorseThan("production", { by: 0.005 })
   */
  noWorseThan(stage: "production", margin?: Margin): WholeGate<M>;
  /**
   * Asks that the candidate is better, by `by` or more, than the model's baseline is on the same rows.
   * @example mae.betterThan("baseline", { by: 1 })
   */
  betterThan(other: "baseline", margin?: Margin): WholeGate<M>;
}

/** The area under the ROC curve: the chance that a true row is scored above a false one. 0 to 1, higher is better. */
export const auc = metric("auc", "binary", [0, 1]);
/** The mean negative log-likelihood in nats. 0 or more, lower is better. */
export const logLoss = metric("log-loss", "binary", [0, Number.POSITIVE_INFINITY]);
/** The mean squared difference of probability and label. 0 to 1, lower is better. */
export const brier = metric("brier", "binary", [0, 1]);
/** The share of rows on the right side of 0.5. 0 to 1, higher is better. */
export const accuracy = metric("accuracy", "binary", [0, 1]);
/** The mean of the precision at each true row, going down by score. 0 to 1, higher is better. */
export const averagePrecision = metric("average-precision", "binary", [0, 1]);
/** Of the rows that are said to be true (0.5 or more), the share that are. 0 to 1, higher is better. */
export const precision = metric("precision", "binary", [0, 1]);
/** Of the true rows, the share that are said to be true (0.5 or more). 0 to 1, higher is better. */
export const recall = metric("recall", "binary", [0, 1]);
/** The harmonic mean of precision and recall. 0 to 1, higher is better. */
export const f1 = metric("f1", "binary", [0, 1]);
/** How far probabilities are from the shares of true rows, over ten bins of equal width. 0 to 1, lower is better. */
export const calibrationError = metric("calibration-error", "binary", [0, 1]);
/** The root of the mean squared error, in the label's unit. 0 or more, lower is better. */
export const rmse = metric("rmse", "regression", [0, Number.POSITIVE_INFINITY]);
/** The mean absolute error, in the label's unit. 0 or more, lower is better. */
export const mae = metric("mae", "regression", [0, Number.POSITIVE_INFINITY]);
/** The coefficient of determination. At most 1, higher is better. */
export const r2 = metric("r2", "regression", [Number.NEGATIVE_INFINITY, 1]);
/** The median of the absolute errors, in the label's unit. 0 or more, lower is better. */
export const medianAbsoluteError = metric("median-absolute-error", "regression", [0, Number.POSITIVE_INFINITY]);
/** The sum of the absolute errors over the sum of the absolute labels. 0 or more, lower is better. */
export const weightedPercentageError = metric("weighted-percentage-error", "regression", [0, Number.POSITIVE_INFINITY]);

/** All metrics that there are. */
export const metrics: readonly Metric[] = [
  auc,
  logLoss,
  brier,
  accuracy,
  averagePrecision,
  precision,
  recall,
  f1,
  calibrationError,
  rmse,
  mae,
  r2,
  medianAbsoluteError,
  weightedPercentageError,
];

function metric<const M extends string, const T extends Task>(
  name: M,
  task: T,
  range: readonly [number, number],
): Metric<M, T> {
  return {
    kind: "metric",
    name,
    task,
    range,
    atLeast: (value) => createGate(name, { kind: "atLeast", metric: name, value }),
    atMost: (value) => createGate(name, { kind: "atMost", metric: name, value }),
    noWorseThan: (other, margin = {}) =>
      createGate(name, { ...compare("noWorseThan", "Production", other), metric: name, by: 0, ...readOptions(margin) }),
    betterThan: (other, margin = {}) =>
      createGate(name, { ...compare("betterThan", "Baseline", other), metric: name, by: 0, ...readOptions(margin) }),
  };
}

/** The kind of a gate that compares with something; with anything but `subject` there is no such gate. */
function compare<W extends string, S extends string>(
  word: W,
  subject: S,
  other: unknown,
): { readonly kind: `${W}${S}` } {
  return {
    kind: other === subject.toLowerCase() ? `${word}${subject}` : (`${word}(${describeValue(other)})` as never),
  };
}
