/**
 * Means of a number for each row, where rows count several times.
 * @module
 */
import type { Sample, Statistic } from "./metrics.ts";

/** The mean of a number for each row. */
export function prepareMean(values: Float64Array): Statistic {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  // Summing what is left after the centre keeps the digits that a sum of many like values would lose.
  const deviations = values.map((value) => value - centre);
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
}

/** A metric that is the mean of a loss per row. */
export function meanOf(loss: (label: number, prediction: number) => number): (sample: Sample) => Statistic {
  return ({ labels, predictions }) => prepareMean(labels.map((label, row) => loss(label, predictions[row] as number)));
}
