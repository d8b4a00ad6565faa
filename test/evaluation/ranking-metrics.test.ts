import { describe, it } from "vitest";
import { compute, expectSame } from "./computed-metric.ts";

describe("metrics of rankings and forecasts", () => {
  const groups = { query: Uint32Array.of(0, 0, 0, 1, 1) };
  const ranked: readonly (readonly [
    metric: string,
    labels: number[],
    predictions: number[],
    expected: number,
    why: string,
  ])[] = [
    ["ndcg by query", [1, 0, 0, 0, 1], [3, 2, 1, 1, 2], 1, "both groups are in order, whatever is between them"],
    ["ndcg by query", [1, 0, 0, 0, 1], [1, 2, 3, 1, 2], (0.5 + 1) / 2, "a group counts as one"],
    ["ndcg-2 by query", [1, 0, 0, 0, 1], [1, 2, 3, 1, 2], 0.5, "the third rank does not count"],
    ["ndcg by query", [0, 0, 0, 0, 1], [1, 2, 3, 1, 2], 0.5, "0 without a relevant row"],
    [
      "ndcg by query",
      [1, 0, 0, 0, 1],
      [1, 1, 1, 1, 2],
      ((1 + 1 / Math.log2(3) + 0.5) / 3 + 1) / 2,
      "rows of one score share their ranks",
    ],
    ["ndcg by query", [-1, 0, 0, 0, 1], [1, 1, 1, 1, 2], Number.NaN, "nothing is less than not relevant"],
    ["ndcg by other", [1, 0, 0, 0, 1], [3, 2, 1, 1, 2], Number.NaN, "rows have no such groups"],
    ["mean-reciprocal-rank by query", [0, 1, 1, 0, 1], [3, 2, 1, 1, 2], 0.75, "second in one, first in the other"],
    ["mean-reciprocal-rank by query", [0, 1, 0, 0, 0], [2, 2, 1, 1, 2], 0.25, "the last of the ranks of its score"],
    [
      "mean-average-precision by query",
      [1, 0, 2, 0, 1],
      [3, 2, 1, 1, 2],
      (5 / 6 + 1) / 2,
      "any number above 0 is relevant",
    ],
  ];
  it.each(ranked)("%s of %j predicted %j is %d: %s", (metric, labels, predictions, expected) => {
    expectSame(compute(metric, labels, predictions, { groups }), expected);
  });

  it("counts a group as often as its first row, which resamples groups", () => {
    const labels = [1, 0, 0, 0, 1];
    expectSame(compute("ndcg by query", labels, [1, 2, 3, 1, 2], { groups, weights: [1, 3, 0, 3, 0] }), (0.5 + 3) / 4);
  });

  const forecasts: readonly (readonly [
    metric: string,
    labels: number[],
    predictions: number[],
    expected: number,
    why: string,
  ])[] = [
    ["mape", [10, -10], [12, -9], 0.15, "a fifth and a tenth"],
    ["mape", [0], [1], 2 ** 52, "a label of 0 is next to nothing"],
    ["smape", [10, 0], [30, 0], 0.5, "nothing said of nothing is no error"],
    ["mase-7", [10, -10], [12, -9], 0.5, "an error of 1.5 where naive ones are 3"],
    ["mase-1", [10, -10], [12, -9], Number.NaN, "nothing to measure it against"],
    ["mase-2", [10, -10], [12, -9], Number.NaN, "a naive forecast without an error is no measure"],
  ];
  it.each(forecasts)("%s of %j predicted %j is %d: %s", (metric, labels, predictions, expected) => {
    expectSame(compute(metric, labels, predictions, { scales: { "mase-7": 3, "mase-2": 0 } }), expected);
  });
});
