import { describe, expect, it } from "vitest";
import { findMetric } from "../../framework/evaluation/metrics.ts";
import { measureRow, type RowAnswer, type RowLabel } from "../../framework/experiments/row-measure.ts";
import { createDraw } from "../../framework/models/random.ts";

const draw = createDraw(11);
const chance = () => draw() / 2 ** 32;
const rows = 200;

/** What a metric is over rows, one row at a time. */
function sumRows(metric: string, answers: readonly RowAnswer[], labels: readonly RowLabel[]): number {
  let [x, y] = [0, 0];
  for (const [i, answer] of answers.entries()) {
    const [a, b] = measureRow(metric, answer, labels[i] as RowLabel) ?? [0, 0];
    x += a;
    y += b;
  }
  return x / y;
}

describe("what single rows add to a metric comes to what an evaluation says of all of them", () => {
  const probabilities = Array.from({ length: rows }, () => Math.round(chance() * 20) / 20);
  const truths = probabilities.map((p) => chance() < p);
  const numbers = Array.from({ length: rows }, () => chance() * 10 - 2);
  const values = numbers.map((value) => value + chance() - 0.5);
  const once = new Uint8Array(rows).fill(1);

  it.each(["accuracy", "log-loss", "brier", "precision", "recall"])("%s of truths", (metric) => {
    const answers = probabilities.map((probability) => ({ probability, label: probability >= 0.5 }));
    const sample = { labels: Float64Array.from(truths, Number), predictions: Float64Array.from(probabilities) };
    const evaluated = findMetric(metric)?.prepare(sample)(once);
    expect(sumRows(metric, answers, truths)).toBeCloseTo(evaluated as number, 10);
  });

  it.each(["mae", "mape", "smape", "weighted-percentage-error"])("%s of numbers", (metric) => {
    const answers = values.map((value) => ({ value }));
    const sample = { labels: Float64Array.from(numbers), predictions: Float64Array.from(values) };
    const evaluated = findMetric(metric)?.prepare(sample)(once);
    expect(sumRows(metric, answers, numbers)).toBeCloseTo(evaluated as number, 8);
  });

  it.each(["accuracy", "log-loss", "top-2-accuracy"])("%s of classes", (metric) => {
    const classes = ["sun", "rain", "snow"];
    // In tenths, so that some are equally probable.
    const shares = Array.from({ length: rows }, () => {
      const [a, b] = [Math.floor(chance() * 5) / 10 + 0.1, Math.floor(chance() * 4) / 10 + 0.1];
      return [a, b, Math.round((1 - a - b) * 10) / 10];
    });
    const labels = shares.map(() => classes[Math.floor(chance() * 3)] as string);
    const answers = shares.map((row) => ({
      probabilities: Object.fromEntries(row.map((share, i) => [classes[i] as string, share])),
      label: classes[row.indexOf(Math.max(...row))] as string,
    }));
    const sample = {
      labels: Float64Array.from(labels, (label) => classes.indexOf(label)),
      predictions: Float64Array.from(shares.flat()),
      width: 3,
    };
    const evaluated = findMetric(metric)?.prepare(sample)(once);
    expect(sumRows(metric, answers, labels)).toBeCloseTo(evaluated as number, 9);
  });
});

it.each<[string, RowAnswer, RowLabel, unknown]>([
  ["label", {}, true, [1, 1]],
  ["label", {}, 2.5, [2.5, 1]],
  ["label", {}, "sun", undefined],
  ["auc", { probability: 0.5, label: true }, true, undefined],
  ["mae", { probability: 0.5, label: true }, true, undefined],
  ["precision", { probability: 0.2, label: false }, true, [0, 0]],
  ["log-loss", { probabilities: { sun: 1 } }, "toString", undefined],
])("%s of %j and %j is %j", (metric, answer, label, measured) => {
  expect(measureRow(metric, answer, label)).toEqual(measured);
});
