/**
 * Metrics: what a model is judged by, and the gates that can be made of them.
 * @module
 */
import { createGate, type WholeGate } from "./gate.ts";
import { infer, type inferred } from "./inferred.ts";
import { readMetricName } from "./metric-name.ts";
import { readOptions } from "./options.ts";
import { type BelowChampion, createCondition, type OpenCondition } from "./rollout-condition.ts";
import { describeValue } from "./value-text.ts";

/** What a label asks: true or false, which of several classes, or how much. */
export type Task = "binary" | "multiclass" | "regression";

/** The task of a label's type. */
export type TaskOf<L> = [L] extends [boolean]
  ? "binary"
  : [L] extends [number]
    ? "regression"
    : [L] extends [string]
      ? "multiclass"
      : never;

/** How far two values may be apart, or must be. */
export interface Margin {
  /**
   * How far, in the metric's unit. 0 or more.
   * @default 0
   * @example 0.005
   */
  readonly by?: number;
}

/** What a model is judged by, for labels of the tasks `T`. The methods make gates of it. */
export interface Metric<M extends string = string, T extends Task = never> {
  readonly kind: "metric";
  readonly name: M;
  /** The tasks whose labels it can judge. */
  readonly tasks: readonly Task[];
  /** Never set: it carries the tasks, so that a metric of more of them fits where one of fewer is asked for. */
  readonly [inferred]: { readonly task: (task: T) => void };
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

/** A metric of which higher values are better, and that can be measured on the labels of an endpoint's answers. */
export interface HigherIsBetter<M extends string = string, T extends Task = never> extends Metric<M, T> {
  /**
   * Takes a canary back that is below this on the matured labels of its answers. A value of the metric's range.
   * @example accuracy.below(0.8).over(500)
   */
  below(limit: number): OpenCondition;
  /**
   * Takes a canary back that is below the champion by more than `by`, each on the matured labels of its own answers meanwhile.
   * @example auc.belowChampion({ by: 0.02 }).over(2000)
   */
  belowChampion(options: BelowChampion): OpenCondition;
}

/** A metric of which lower values are better, and that can be measured on the labels of an endpoint's answers. */
export interface LowerIsBetter<M extends string = string, T extends Task = never> extends Metric<M, T> {
  /**
   * Takes a canary back that is above this on the matured labels of its answers. A value of the metric's range.
   * @example mae.above(12).over(500)
   */
  above(limit: number): OpenCondition;
  /**
   * Takes a canary back that is above the champion by more than `by`, each on the matured labels of its own answers meanwhile.
   * @example logLoss.aboveChampion({ by: 0.01 })
   */
  aboveChampion(options: BelowChampion): OpenCondition;
}

const endless = Number.POSITIVE_INFINITY;

/** The area under the ROC curve: the chance that a true row is scored above a false one. 0 to 1, higher is better. */
export const auc = higher("auc", ["binary"], [0, 1]);
/**
 * The mean negative log-likelihood in nats: of the label's truth, or of its class among several. 0 or more, lower is better.
 */
export const logLoss = lower("log-loss", ["binary", "multiclass"], [0, endless]);
/** The mean squared difference of probability and label. 0 to 1, lower is better. */
export const brier = lower("brier", ["binary"], [0, 1]);
/** The share of rows on the right side of 0.5, or whose most probable class is theirs. 0 to 1, higher is better. */
export const accuracy = higher("accuracy", ["binary", "multiclass"], [0, 1]);
/** The mean of the precision at each true row, going down by score. 0 to 1, higher is better. */
export const averagePrecision = higher("average-precision", ["binary"], [0, 1]);
/** Of the rows that are said to be true (0.5 or more), the share that are. 0 to 1, higher is better. */
export const precision = higher("precision", ["binary"], [0, 1]);
/** Of the true rows, the share that are said to be true (0.5 or more). 0 to 1, higher is better. */
export const recall = higher("recall", ["binary"], [0, 1]);
/** The harmonic mean of precision and recall. 0 to 1, higher is better. */
export const f1 = higher("f1", ["binary"], [0, 1]);
/**
 * How far probabilities are from what came true, over ten bins of equal width: of several classes, the probability of the most
 * probable one. 0 to 1, lower is better.
 */
export const calibrationError = lower("calibration-error", ["binary", "multiclass"], [0, 1]);
/** The mean of the recall of each class that rows have, each counting the same. 0 to 1, higher is better. */
export const balancedAccuracy = higher("balanced-accuracy", ["binary", "multiclass"], [0, 1]);
/** The mean of the precision of each class, each counting the same; 0 for a class that is never said. 0 to 1, higher is better. */
export const macroPrecision = higher("macro-precision", ["multiclass"], [0, 1]);
/** The mean of the recall of each class, each counting the same; 0 for a class that is said and no row has. 0 to 1, higher is better. */
export const macroRecall = higher("macro-recall", ["multiclass"], [0, 1]);
/** The mean of the F1 of each class, each counting the same. 0 to 1, higher is better. */
export const macroF1 = higher("macro-f1", ["multiclass"], [0, 1]);
/** The mean of the precision of each class, each counting as often as rows have it. 0 to 1, higher is better. */
export const weightedPrecision = higher("weighted-precision", ["multiclass"], [0, 1]);
/** The mean of the recall of each class, each counting as often as rows have it, which is the accuracy. 0 to 1, higher is better. */
export const weightedRecall = higher("weighted-recall", ["multiclass"], [0, 1]);
/** The mean of the F1 of each class, each counting as often as rows have it. 0 to 1, higher is better. */
export const weightedF1 = higher("weighted-f1", ["multiclass"], [0, 1]);
/** The mean of the AUC of each class against all others, each counting the same. 0 to 1, higher is better. */
export const macroAuc = higher("macro-auc", ["multiclass"], [0, 1]);
/** How far labels and answers agree beyond chance (Matthews; Gorodkin's R of several classes). −1 to 1, higher is better. */
export const matthewsCorrelation = higher("matthews-correlation", ["binary", "multiclass"], [-1, 1]);
/** How far labels and answers agree beyond chance (Cohen). −1 to 1, higher is better. */
export const kappa = higher("kappa", ["binary", "multiclass"], [-1, 1]);
/** The root of the mean squared error, in the label's unit. 0 or more, lower is better. */
export const rmse = lower("rmse", ["regression"], [0, endless]);
/** The mean absolute error, in the label's unit. 0 or more, lower is better. */
export const mae = lower("mae", ["regression"], [0, endless]);
/** The coefficient of determination. At most 1, higher is better. */
export const r2 = higher("r2", ["regression"], [Number.NEGATIVE_INFINITY, 1]);
/** The median of the absolute errors, in the label's unit. 0 or more, lower is better. */
export const medianAbsoluteError = lower("median-absolute-error", ["regression"], [0, endless]);
/** The sum of the absolute errors over the sum of the absolute labels, which is also called WAPE. 0 or more, lower is better. */
export const weightedPercentageError = lower("weighted-percentage-error", ["regression"], [0, endless]);
/** The mean of each absolute error over its absolute label (MAPE). 0 or more, lower is better. */
export const mape = lower("mape", ["regression"], [0, endless]);
/** The mean of twice each absolute error over the absolute label and answer together (sMAPE). 0 to 2, lower is better. */
export const smape = lower("smape", ["regression"], [0, 2]);

/** The metrics that are told nothing. */
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
  balancedAccuracy,
  macroPrecision,
  macroRecall,
  macroF1,
  weightedPrecision,
  weightedRecall,
  weightedF1,
  macroAuc,
  matthewsCorrelation,
  kappa,
  rmse,
  mae,
  r2,
  medianAbsoluteError,
  weightedPercentageError,
  mape,
  smape,
];

/**
 * The share of rows whose class is among the `k` most probable ones; of equally probable ones the last in the schema's order
 * counts as more probable, as in scikit-learn. 0 to 1, higher is better.
 *
 * @param k how many: a whole number, at least 1
 * @example topK(3).atLeast(0.9)
 */
export function topK<const K extends number>(k: K): HigherIsBetter<`top-${K}-accuracy`, "multiclass"> {
  return higher(`top-${k}-accuracy`, ["multiclass"], [0, 1]);
}

/** Which rows are ranked together. */
export interface RankingOptions<C extends string = string> {
  /**
   * The string or boolean column of the examples whose values are the groups: rows are ranked against those of their group. A
   * group counts as one, however many rows it has.
   * @example "query"
   */
  readonly by: C;
}

/** Which rows are ranked together, and how far down the order counts. */
export interface NdcgOptions<C extends string = string, K extends number | undefined = number | undefined>
  extends RankingOptions<C> {
  /**
   * How many of the first ranks count. A whole number, at least 1.
   * @default all of them
   * @example 10
   */
  readonly k?: K;
}

/** What a ranking can be made of: whether rows are relevant, or how relevant they are. */
type Ranked = "binary" | "regression";

/**
 * Normalised discounted cumulative gain: how near the order of the answers comes to that of the labels, which are how relevant
 * a row is (0 or more), the mean over groups. A group without a relevant row counts 0; rows of one score share their ranks. 0
 * to 1, higher is better.
 *
 * @example ndcg({ by: "query", k: 10 }).betterThan("baseline")
 */
export function ndcg<const C extends string, const K extends number | undefined = undefined>(
  options: NdcgOptions<C, K>,
): Metric<K extends number ? `ndcg-${K} by ${C}` : `ndcg by ${C}`, Ranked> {
  const { by, k, ...rest } = readOptions(options);
  const name = (k === undefined ? `ndcg by ${by}` : `ndcg-${k} by ${by}`) as K extends number
    ? `ndcg-${K} by ${C}`
    : `ndcg by ${C}`;
  return { ...metric(name, ranked, [0, 1]), ...rest };
}

/**
 * The mean over groups of one over the rank of the first relevant row, whose label is true or above 0; rows of one score have
 * the last of their ranks. A group without a relevant row counts 0. 0 to 1, higher is better.
 *
 * @example meanReciprocalRank({ by: "query" }).atLeast(0.3)
 */
export function meanReciprocalRank<const C extends string>(
  options: RankingOptions<C>,
): Metric<`mean-reciprocal-rank by ${C}`, Ranked> {
  const { by, ...rest } = readOptions(options);
  return { ...metric(`mean-reciprocal-rank by ${by}`, ranked, [0, 1]), ...rest };
}

/**
 * The mean over groups of the average precision: of the precision at each relevant row, whose label is true or above 0, going
 * down by score. A group without a relevant row counts 0. 0 to 1, higher is better.
 *
 * @example meanAveragePrecision({ by: "query" }).noWorseThan("production")
 */
export function meanAveragePrecision<const C extends string>(
  options: RankingOptions<C>,
): Metric<`mean-average-precision by ${C}`, Ranked> {
  const { by, ...rest } = readOptions(options);
  return { ...metric(`mean-average-precision by ${by}`, ranked, [0, 1]), ...rest };
}

const ranked = ["binary", "regression"] as const;

/** What a forecast is compared with. */
export interface MaseOptions<S extends number = number, C extends string | undefined = string | undefined> {
  /**
   * How many rows of its series lie between a row and the one whose label is its naive forecast: 1 for the last one, 7 for the
   * same weekday of daily rows. A whole number, at least 1.
   * @example 7
   */
  readonly season: S;
  /**
   * The string or boolean column of the examples whose values are the series.
   * @default all rows are one series
   * @example "store"
   */
  readonly by?: C;
}

/**
 * Mean absolute scaled error (Hyndman and Koehler 2006): the mean absolute error over that of the seasonal naive forecast, which
 * says what was true a season before. That one is measured on the training rows, by time, over all series together. 0 or more,
 * lower is better, and below 1 is better than naive.
 *
 * @example mase({ season: 7, by: "store" }).atMost(0.9)
 */
export function mase<const S extends number, const C extends string | undefined = undefined>(
  options: MaseOptions<S, C>,
): Metric<C extends string ? `mase-${S} by ${C}` : `mase-${S}`, "regression"> {
  const { season, by, ...rest } = readOptions(options);
  const name = (by === undefined ? `mase-${season}` : `mase-${season} by ${by}`) as C extends string
    ? `mase-${S} by ${C}`
    : `mase-${S}`;
  return { ...metric(name, ["regression"], [0, endless]), ...rest };
}

/** Taken when this module is loaded: nothing that a team's file does to a metric changes it. */
const known = new Map(metrics.map(({ name, tasks, range }) => [name, { tasks: [...tasks], range: [...range] }]));

/** The tasks and the range of a metric, by its name. @returns nothing for what is no name of a metric */
export function describeMetric(
  name: string,
): { readonly tasks: readonly Task[]; readonly range: readonly number[] } | undefined {
  const plain = known.get(name);
  if (plain) return plain;
  switch (readMetricName(name)?.kind) {
    case "top-accuracy":
      return { tasks: ["multiclass"], range: [0, 1] };
    case "ndcg":
    case "mean-reciprocal-rank":
    case "mean-average-precision":
      return { tasks: ["binary", "regression"], range: [0, 1] };
    case "mase":
      return { tasks: ["regression"], range: [0, endless] };
    case undefined:
      return undefined;
  }
}

function higher<const M extends string, const T extends Task>(
  name: M,
  tasks: readonly T[],
  range: readonly [number, number],
): HigherIsBetter<M, T> {
  return {
    ...metric(name, tasks, range),
    below: (limit) => createCondition({ kind: "metricBelow", metric: name, below: limit }),
    belowChampion: (options) => createCondition({ ...readOptions(options), kind: "metricBelowChampion", metric: name }),
  };
}

function lower<const M extends string, const T extends Task>(
  name: M,
  tasks: readonly T[],
  range: readonly [number, number],
): LowerIsBetter<M, T> {
  return {
    ...metric(name, tasks, range),
    above: (limit) => createCondition({ kind: "metricAbove", metric: name, above: limit }),
    aboveChampion: (options) => createCondition({ ...readOptions(options), kind: "metricAboveChampion", metric: name }),
  };
}

function metric<const M extends string, const T extends Task>(
  name: M,
  tasks: readonly T[],
  range: readonly [number, number],
): Metric<M, T> {
  return infer<Metric<M, T>>({
    kind: "metric",
    name,
    tasks,
    range,
    atLeast: (value) => createGate(name, { kind: "atLeast", metric: name, value }),
    atMost: (value) => createGate(name, { kind: "atMost", metric: name, value }),
    noWorseThan: (other, margin = {}) =>
      createGate(name, { ...compare("noWorseThan", "Production", other), metric: name, by: 0, ...readOptions(margin) }),
    betterThan: (other, margin = {}) =>
      createGate(name, { ...compare("betterThan", "Baseline", other), metric: name, by: 0, ...readOptions(margin) }),
  });
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
