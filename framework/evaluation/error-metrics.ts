/**
 * Metrics of regressions and forecasts beside the plain means of their errors.
 * @module
 */
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
