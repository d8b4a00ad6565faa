/**
 * The honest alternative to a model: what somebody would predict from one feature, or from nothing but the mean label of
 * the training rows, or of several classes their shares.
 * @module
 */
import { readMetricName } from "../definitions/metric-name.ts";
import { findMetric, type Metric, metrics, type Sample } from "./metrics.ts";

/** What the alternative predicts for every row, and what it goes by, for people. */
export interface BaselineColumn {
  readonly predictions: Float64Array;
  readonly by: string;
}

export interface BaselineOptions extends Omit<Sample, "predictions" | "width"> {
  readonly metric: string;
  /** The mean label of the training rows. */
  readonly prior: number;
  /** The share of each class among the training rows. @default the label is none of several classes */
  readonly priors?: readonly number[];
  /** The declared feature with its values on the same rows, NaN where missing. @default the prior alone */
  readonly feature?: { readonly name: string; readonly values: Float64Array };
}

/**
 * Predicts as the metric can use it. A metric of ranks takes the feature's value as a score: a missing value scores the
 * mean of the known ones, and a feature that ranks backwards on these very rows is turned round, so that the doubt is the
 * baseline's. A metric of values takes the feature's value as the prediction, the prior where it is missing. A metric of
 * probabilities cannot use a feature that is none, and gets the prior.
 */
export function predictBaseline({ metric, prior, priors, feature, ...rows }: BaselineOptions): BaselineColumn {
  const { labels } = rows;
  const known = findMetric(metric);
  if (priors) {
    const predictions = new Float64Array(labels.length * priors.length);
    for (let row = 0; row < labels.length; row++) predictions.set(priors, row * priors.length);
    return { predictions, by: "prior" };
  }
  if (feature === undefined || known === undefined || known.needs === "probability") {
    return { predictions: new Float64Array(labels.length).fill(prior), by: "prior" };
  }
  const filled = fillMissing(feature.values, known.needs === "value" ? prior : meanOfKnown(feature.values));
  const ranking = rows.groups === undefined || readMetricName(metric) === undefined ? metrics["auc"] : known;
  if (known.needs === "value" || !ranking || !ranksBackwards(ranking, { ...rows, predictions: filled })) {
    return { predictions: filled, by: feature.name };
  }
  return { predictions: filled.map((value) => -value), by: `${feature.name}, reversed` };
}

function fillMissing(values: Float64Array, value: number): Float64Array {
  return values.map((item) => (Number.isNaN(item) ? value : item));
}

function meanOfKnown(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Whether the answers turned round do better. */
function ranksBackwards({ prepare }: Metric, sample: Sample): boolean {
  const once = new Uint8Array(sample.labels.length).fill(1);
  const turned = { ...sample, predictions: sample.predictions.map((value) => -value) };
  return prepare(turned)(once) > prepare(sample)(once);
}
