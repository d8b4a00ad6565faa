/**
 * Metrics of binary answers cut at 0.5, where 0.5 itself says true; and how well the probabilities themselves keep their word.
 * @module
 */
import type { Sample, Statistic } from "./metrics.ts";

/** How often each of the four cases came. */
interface Cases {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** A metric that is a share of the cases; NaN where it divides by none. */
function shareOf(share: (cases: Cases) => number) {
  return ({ labels, predictions }: Sample): Statistic => {
    const cases = Uint8Array.from(
      labels,
      (label, row) => (label >= 0.5 ? 2 : 0) + ((predictions[row] as number) >= 0.5 ? 1 : 0),
    );
    return (weights) => {
      const counts = [0, 0, 0, 0];
      for (let row = 0; row < cases.length; row++) {
        const found = cases[row] as number;
        counts[found] = (counts[found] as number) + (weights[row] as number);
      }
      const [trueNegatives = 0, falsePositives = 0, falseNegatives = 0, truePositives = 0] = counts;
      return share({ truePositives, falsePositives, falseNegatives, trueNegatives });
    };
  };
}

/** Of the rows that are said to be true, the share that are. */
export const preparePrecision = shareOf(({ truePositives: tp, falsePositives: fp }) => tp / (tp + fp));
/** Of the true rows, the share that are said to be true. */
export const prepareRecall = shareOf(({ truePositives: tp, falseNegatives: fn }) => tp / (tp + fn));
/** The harmonic mean of precision and recall; 0 where no true row is found and there is one, or one is claimed. */
export const prepareF1 = shareOf(
  ({ truePositives: tp, falsePositives: fp, falseNegatives: fn }) => (2 * tp) / (2 * tp + fp + fn),
);
/** The share of rows that are said to be true. */
export const prepareSelectionRate = shareOf(
  ({ truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn }) => (tp + fp) / (tp + fp + fn + tn),
);

/** Into how many bins of equal width probabilities are put. */
export const calibrationBins = 10;

/**
 * Expected calibration error (Naeini et al. 2015): over ten bins of equal width, the mean distance of the share of true rows from
 * the mean probability, weighted by the bins' rows.
 */
export function prepareCalibrationError({ labels, predictions }: Sample): Statistic {
  const bins = Uint8Array.from(predictions, binOf);
  return (weights) => {
    const [counts, sums] = [new Float64Array(calibrationBins), new Float64Array(calibrationBins)];
    let count = 0;
    for (let row = 0; row < bins.length; row++) {
      const [bin, weight] = [bins[row] as number, weights[row] as number];
      count += weight;
      counts[bin] = (counts[bin] as number) + weight;
      sums[bin] = (sums[bin] as number) + weight * ((labels[row] as number) - (predictions[row] as number));
    }
    return sums.reduce((sum, difference) => sum + Math.abs(difference), 0) / count;
  };
}

/** The bin of a probability, from 0; 1 itself is in the last one. */
export function binOf(probability: number): number {
  return Math.min(Math.max(Math.floor(probability * calibrationBins), 0), calibrationBins - 1);
}

/**
 * Average precision: the mean of the precision at each true row, going down by score, rows of one score together. The sum over
 * the thresholds of the recall gained times the precision there, without interpolation, as scikit-learn has it.
 */
export function prepareAveragePrecision({ labels, predictions }: Sample): Statistic {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => (predictions[b] as number) - (predictions[a] as number));
  return (weights) => {
    let [found, passed, sum, foundBefore] = [0, 0, 0, 0];
    for (let i = 0; i < order.length; i++) {
      const row = order[i] as number;
      const weight = weights[row] as number;
      passed += weight;
      if ((labels[row] as number) >= 0.5) found += weight;
      const endsGroup = predictions[row] !== predictions[order[i + 1] ?? -1];
      if (!endsGroup || found === foundBefore) continue;
      sum += (found - foundBefore) * (found / passed);
      foundBefore = found;
    }
    return sum / found;
  };
}
