/**
 * Metrics of regressions and forecasts beside the plain means of their errors.
 * @module
 */
import { meanOf } from "./mean-metrics.ts";
import type { Sample, Statistic } from "./metrics.ts";

/** The median of the absolute errors, the mean of two in the middle, rows counted as often as they weigh. */
export function prepareMedianAbsoluteError({ labels, predictions }: Sample): Statistic {
  const errors = labels.map((label, row) => Math.abs(label - (predictions[row] as number)));
  const order = Uint32Array.from(errors.keys()).sort((a, b) => (errors[a] as number) - (errors[b] as number));
  return (weights) => {
    const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
    let passed = 0;
    for (let i = 0; i < order.length; i++) {
      const row = order[i] as number;
      passed += weights[row] as number;
      if (passed > half) return errors[row] as number;
      if (passed === half) return ((errors[row] as number) + nextError(errors, order, { from: i + 1, weights })) / 2;
    }
    return Number.NaN;
  };
}

function nextError(
  errors: Float64Array,
  order: Uint32Array,
  { from, weights }: { readonly from: number; readonly weights: Uint8Array },
): number {
  const next = order.subarray(from).find((row) => (weights[row] as number) > 0);
  return next === undefined ? Number.NaN : (errors[next] as number);
}

/** The sum of the absolute errors, over the sum of the absolute labels. NaN where all labels are 0. */
export function prepareWeightedPercentageError({ labels, predictions }: Sample): Statistic {
  return (weights) => {
    let [errors, size] = [0, 0];
    for (let row = 0; row < labels.length; row++) {
      const [weight, label] = [weights[row] as number, labels[row] as number];
      errors += weight * Math.abs(label - (predictions[row] as number));
      size += weight * Math.abs(label);
    }
    return size === 0 ? Number.NaN : errors / size;
  };
}

/** The mean of the absolute errors over the absolute labels, which count as 2^-52 where they are 0, as in scikit-learn. */
export function prepareMape({ labels, predictions }: Sample): Statistic {
  const shares = labels.map(
    (label, row) => Math.abs(label - (predictions[row] as number)) / Math.max(Math.abs(label), Number.EPSILON),
  );
  // Added up as they are: a label of 0 makes a share so large that beside their mean the others have no digits.
  return (weights) => {
    let [sum, count] = [0, 0];
    for (let row = 0; row < shares.length; row++) {
      sum += (weights[row] as number) * (shares[row] as number);
      count += weights[row] as number;
    }
    return sum / count;
  };
}

/** Twice the absolute error over the absolute label and answer together (Makridakis 1993); 0 where both are 0. */
export function symmetricPercentage(label: number, prediction: number): number {
  const size = Math.abs(label) + Math.abs(prediction);
  return size === 0 ? 0 : (2 * Math.abs(label - prediction)) / size;
}

/** The mean absolute error over the scale of the metric of that name. NaN where there is none, or it is 0. */
export function scaledErrorOf(name: string): (sample: Sample) => Statistic {
  return (sample) => {
    const scale = sample.scales?.[name] ?? 0;
    const error = meanOf((label, prediction) => Math.abs(label - prediction))(sample);
    return (weights) => (scale > 0 ? error(weights) / scale : Number.NaN);
  };
}
