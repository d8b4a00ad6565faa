/**
 * The honest alternative to a model: what somebody would predict from one feature, or from nothing but the mean label of
 * the training rows.
 * @module
 */
import { findMetric, metrics, type Sample } from "./metrics.ts";

/** What the alternative predicts for every row, and what it goes by, for people. */
export interface BaselineColumn {
  readonly predictions: Float64Array;
  readonly by: string;
}

export interface BaselineOptions {
  readonly metric: string;
  readonly labels: Float64Array;
  /** The mean label of the training rows. */
  readonly prior: number;
  /** The declared feature with its values on the same rows, NaN where missing. @default the prior alone */
  readonly feature?: { readonly name: string; readonly values: Float64Array };
}

/**
 * Predicts as the metric can use it. A metric of ranks takes the feature's value as a score: a missing value scores the
 * mean of the known ones, and a feature that ranks backwards on these very rows is turned round, so that the doubt is the
 * baseline's. A metric of values takes the feature's value as the prediction, the prior where it is missing. A metric of
 * probabilities cannot use a feature that is none, and gets the prior.
 */
export function predictBaseline({ metric, labels, prior, feature }: BaselineOptions): BaselineColumn {
  const known = findMetric(metric);
  if (feature === undefined || known === undefined || known.needs === "probability") {
    return { predictions: new Float64Array(labels.length).fill(prior), by: "prior" };
  }
  const filled = fillMissing(feature.values, known.needs === "value" ? prior : meanOfKnown(feature.values));
  if (known.needs === "value" || !ranksBackwards({ labels, predictions: filled })) {
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

function ranksBackwards(sample: Sample): boolean {
  const auc = metrics["auc"]?.prepare(sample);
  return auc !== undefined && auc(new Uint8Array(sample.labels.length).fill(1)) < 0.5;
}
