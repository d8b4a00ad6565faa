import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  metrics as languageMetrics,
  mase,
  meanAveragePrecision,
  meanReciprocalRank,
  ndcg,
  type Task,
  topK,
} from "../../framework/definitions/metric.ts";
import { isMinimized } from "../../framework/definitions/specify-tuning.ts";
import { findMetric, metrics } from "../../framework/evaluation/metrics.ts";
import { compute, expectSame, repeat } from "./computed-metric.ts";

describe("metrics by hand", () => {
  const cases: readonly (readonly [
    metric: string,
    labels: number[],
    predictions: number[],
    expected: number,
    why: string,
  ])[] = [
    ["auc", [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.75, "three of four pairs in order"],
    ["auc", [0, 1], [0.5, 0.5], 0.5, "a tie counts half"],
    ["auc", [1, 0, 1, 0], [3, 2, 2, 1], 0.875, "one tie among four pairs"],
    ["auc", [1, 0], [-7, -3], 0, "scores need not be probabilities"],
    ["auc", [1, 1], [0.2, 0.9], Number.NaN, "a single class has no pairs"],
    ["log-loss", [1, 0], [0.5, 0.5], Math.LN2, "a coin"],
    ["log-loss", [1, 0], [0.8, 0.1], -(Math.log(0.8) + Math.log(0.9)) / 2, "the definition"],
    ["log-loss", [1], [0], -Math.log(1e-15), "certainty that is wrong is clipped"],
    ["log-loss", [0], [0], 1e-15, "certainty that is right is clipped too"],
    ["brier", [1, 0, 1], [0.7, 0.4, 1], (0.09 + 0.16) / 3, "the definition"],
    ["accuracy", [1, 0, 1, 0], [0.5, 0.5, 0.4, 0.1], 0.5, "0.5 says true"],
    ["average-precision", [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 5 / 6, "the example of scikit-learn's documentation"],
    ["average-precision", [1, 0, 0], [0.5, 0.5, 0.1], 0.5, "rows of one score come together"],
    ["average-precision", [0, 0], [0.5, 0.1], Number.NaN, "no true row has a precision"],
    ["precision", [1, 0, 1, 0], [0.5, 0.9, 0.4, 0.1], 0.5, "one of two claims, 0.5 being one"],
    ["precision", [1, 0], [0.4, 0.1], Number.NaN, "nothing is claimed"],
    ["recall", [1, 0, 1, 1], [0.5, 0.9, 0.4, 0.1], 1 / 3, "one of three"],
    ["recall", [0, 0], [0.9, 0.1], Number.NaN, "nothing to be found"],
    ["f1", [1, 0, 1, 0], [0.5, 0.9, 0.4, 0.1], 0.5, "the harmonic mean of a half and a half"],
    ["f1", [1, 0], [0.4, 0.1], 0, "nothing is found"],
    ["selection-rate", [1, 0, 0, 0], [0.5, 0.9, 0.4, 0.1], 0.5, "whatever is true"],
    [
      "calibration-error",
      [1, 0, 1, 1],
      [0.91, 0.95, 0.15, 1],
      (0.86 + 0.85) / 4,
      "two bins, of which three rows share the last",
    ],
    ["rmse", [1, 2, 3], [1, 4, 6], Math.sqrt(13 / 3), "the definition"],
    ["median-absolute-error", [3, -0.5, 2, 7], [2.5, 0, 2, 8], 0.5, "the example of scikit-learn's documentation"],
    ["median-absolute-error", [0, 0, 0], [1, 5, 2], 2, "the one in the middle"],
    ["weighted-percentage-error", [10, -10, 0], [12, -9, 1], 0.2, "errors of 4 over labels of 20"],
    ["weighted-percentage-error", [0, 0], [1, 1], Number.NaN, "no label has a size"],
    ["mae", [1, 2, 3], [1, 4, 0], 5 / 3, "the definition"],
    ["r2", [3, -0.5, 2, 7], [2.5, 0, 2, 8], 0.9486081370449679, "the example of scikit-learn's documentation"],
    ["r2", [1, 2, 3], [2, 2, 2], 0, "the mean explains nothing"],
    ["r2", [5, 5], [5, 5], Number.NaN, "nothing to explain"],
    ["r2", [1e9 + 1, 1e9 + 2, 1e9 + 3], [1e9 + 1, 1e9 + 2, 1e9 + 2], 0.5, "a large mean costs no digits"],
  ];
  it.each(cases)("%s of %j predicted %j is %d: %s", (metric, labels, predictions, expected) => {
    expectSame(compute(metric, labels, predictions), expected);
  });

  it("finds no metric under a name that says what cannot be", () => {
    for (const name of ["top-0-accuracy", "top-1.5-accuracy", "ndcg", "ndcg-0 by x", "mase-0", "mase", "mase-1 by "])
      expect(findMetric(name), name).toBeUndefined();
  });

  it("finds no metric under a name that objects inherit", () => {
    expect(findMetric("constructor")).toBeUndefined();
    expect(findMetric("toString")).toBeUndefined();
  });
});

describe("metrics in general", () => {
  it("are those of the language, each of the same tasks", () => {
    const written = languageMetrics.map(({ name, tasks }) => [name, tasks]);
    expect(
      Object.entries(metrics)
        .map(([name, { tasks }]) => [name, tasks])
        .sort(),
    ).toEqual(written.sort());
    const told = [
      topK(2),
      ndcg({ by: "q" }),
      meanReciprocalRank({ by: "q" }),
      meanAveragePrecision({ by: "q" }),
      mase({ season: 7 }),
    ];
    for (const { name, tasks } of told) expect(findMetric(name)?.tasks, name).toEqual(tasks);
  });

  it("are sought where they are better, by a tuning as by a gate", () => {
    for (const [name, { direction }] of [...Object.entries(metrics), ["mase-7", { direction: "lower" }] as const])
      expect(isMinimized(name), name).toBe(direction === "lower");
  });

  const binaryRows = fc.array(
    fc.record({
      label: fc.integer({ min: 0, max: 1 }),
      score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
      weight: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  const valueRows = fc.array(
    fc.record({
      label: fc.integer({ min: -50, max: 50 }),
      score: fc.integer({ min: -50, max: 50 }),
      weight: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it("auc is the share of pairs in order, counted one by one", () => {
    fc.assert(
      fc.property(binaryRows, (rows) => {
        const labels = repeat(
          rows.map(({ label }) => label),
          rows.map(({ weight }) => weight),
        );
        const scores = repeat(
          rows.map(({ score }) => score),
          rows.map(({ weight }) => weight),
        );
        let pairs = 0;
        let inOrder = 0;
        for (const [i, a] of labels.entries()) {
          for (const [j, b] of labels.entries()) {
            if (a !== 1 || b !== 0) continue;
            pairs++;
            const [up, down] = [scores[i] ?? 0, scores[j] ?? 0];
            inOrder += up > down ? 1 : up === down ? 0.5 : 0;
          }
        }
        const got = compute(
          "auc",
          rows.map(({ label }) => label),
          rows.map(({ score }) => score),
          { weights: rows.map(({ weight }) => weight) },
        );
        expectSame(got, inOrder / pairs);
      }),
    );
  });

  const ofTask = (...tasks: readonly Task[]) =>
    Object.keys(metrics).filter((name) => metrics[name]?.tasks.some((task) => tasks.includes(task)));

  it.each([...ofTask("binary", "regression"), "selection-rate"])(
    "%s counts a row of weight n like n rows",
    (metric) => {
      fc.assert(
        fc.property(findMetric(metric)?.tasks.includes("regression") ? valueRows : binaryRows, (rows) => {
          const [labels, scores, weights] = [
            rows.map((row) => row.label),
            rows.map((row) => row.score),
            rows.map((row) => row.weight),
          ];
          fc.pre(weights.some((weight) => weight > 0));
          expectSame(
            compute(metric, labels, scores, { weights }),
            compute(metric, repeat(labels, weights), repeat(scores, weights)),
          );
        }),
      );
    },
  );
});
