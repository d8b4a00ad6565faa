import fc from "fast-check";
import { describe, it } from "vitest";
import { metrics } from "../../framework/evaluation/metrics.ts";
import { compute, expectSame, repeat } from "./computed-metric.ts";

describe("metrics of several classes", () => {
  const even: readonly (readonly [
    metric: string,
    labels: number[],
    predictions: number[][],
    expected: number,
    why: string,
  ])[] = [
    [
      "log-loss",
      [2, 0],
      [
        [0.2, 0.3, 0.5],
        [0.5, 0.25, 0.25],
      ],
      Math.LN2,
      "the probability of the row's own class",
    ],
    [
      "accuracy",
      [0, 1, 2],
      [
        [0.6, 0.2, 0.2],
        [0.4, 0.4, 0.2],
        [0, 0, 1],
      ],
      2 / 3,
      "of equally probable classes the first is said",
    ],
    [
      "top-2-accuracy",
      [0, 1, 2],
      [
        [0.6, 0.2, 0.2],
        [0.1, 0.2, 0.7],
        [0.3, 0.5, 0.2],
      ],
      2 / 3,
      "the second most probable is right too",
    ],
    [
      "top-1-accuracy",
      [0, 0, 1],
      [
        [0.5, 0.5, 0],
        [0.5, 0.5, 0],
        [0.5, 0.5, 0],
      ],
      1 / 3,
      "of equally probable classes the last is more so",
    ],
    [
      "macro-recall",
      [0, 0, 0, 1],
      [
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
      (2 / 3 + 1) / 2,
      "a class that nobody has or says counts nothing",
    ],
    [
      "macro-precision",
      [0, 1],
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
      0.25,
      "0 for a class that is never said",
    ],
    [
      "macro-f1",
      [0, 1],
      [
        [1, 0, 0],
        [0, 0, 1],
      ],
      1 / 3,
      "0 for a class that is said and no row has",
    ],
    [
      "balanced-accuracy",
      [0, 1],
      [
        [1, 0, 0],
        [0, 0, 1],
      ],
      0.5,
      "which is no class of the rows here",
    ],
    [
      "weighted-f1",
      [0, 0, 1],
      [
        [1, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
      ],
      (2 * 0.8) / 3,
      "each class as often as rows have it",
    ],
    [
      "macro-auc",
      [0, 1, 2],
      [
        [0.8, 0.1, 0.1],
        [0.1, 0.8, 0.1],
        [0.1, 0.1, 0.8],
      ],
      1,
      "each class is told from the others",
    ],
    [
      "macro-auc",
      [0, 1],
      [
        [0.8, 0.1, 0.1],
        [0.1, 0.8, 0.1],
      ],
      Number.NaN,
      "a class without rows is told from nothing",
    ],
    [
      "kappa",
      [0, 1, 2],
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 1, 0],
      ],
      0.5,
      "two of three, and chance has one",
    ],
    [
      "kappa",
      [0, 0],
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
      Number.NaN,
      "chance has all",
    ],
    [
      "matthews-correlation",
      [0, 1],
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
      0,
      "one answer to all says nothing",
    ],
    [
      "calibration-error",
      [0, 1],
      [
        [0.75, 0.15, 0.1],
        [0.75, 0.15, 0.1],
      ],
      0.25,
      "half of the rows, said with 0.75",
    ],
  ];
  it.each(even)("%s of %j predicted %j is %d: %s", (metric, labels, predictions, expected) => {
    expectSame(compute(metric, labels, predictions.flat(), { width: 3 }), expected);
  });

  const ofClasses = Object.keys(metrics).filter((name) => metrics[name]?.tasks.includes("multiclass"));

  it.each([...ofClasses, "top-2-accuracy"])("%s of several classes counts a row of weight n like n rows", (metric) => {
    const rowOfClasses = fc.record({
      label: fc.integer({ min: 0, max: 2 }),
      scores: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      weight: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(rowOfClasses, { minLength: 1, maxLength: 30 }), (rows) => {
        const weights = rows.map(({ weight }) => weight);
        fc.pre(weights.some((weight) => weight > 0));
        const probabilities = rows.map(({ scores }) =>
          scores.map((score) => score / scores.reduce((a, b) => a + b, 0)),
        );
        const labels = rows.map(({ label }) => label);
        const often = rows.flatMap(({ weight }, row) => Array.from({ length: weight }, () => probabilities[row] ?? []));
        expectSame(
          compute(metric, labels, probabilities.flat(), { width: 3, weights }),
          compute(metric, repeat(labels, weights), often.flat(), { width: 3 }),
        );
      }),
    );
  });
});
