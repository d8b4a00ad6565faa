import { describe, expect, it } from "vitest";
import type { ModelTestSpec } from "../../../framework/definitions/model-test-spec.ts";
import { type AnsweredTest, decideModelTest } from "../../../framework/evaluation/model-tests/decide-model-test.ts";

const repeat = (groups: readonly (readonly number[])[], times: number) =>
  Array.from({ length: times }, () => groups).flat();
const monotone = { kind: "monotone", feature: "wind", direction: "up", tolerance: 0.01, share: 0.1 } as const;
const rising = [[0.1, 0.2, 0.3]];
const falling = [[0.1, 0.3, 0.25]];
/** Times of a candidate and its control, of which half take half as long. */
const timed = (candidate: number, control: number) => {
  return {
    candidate: { p50: candidate / 2, p99: candidate },
    control: { p50: control / 2, p99: control },
    asked: 300,
    unanswered: 0,
  };
};

const cases: readonly (readonly [
  string,
  ModelTestSpec,
  AnsweredTest,
  "pass" | "fail" | "inconclusive" | "first-version",
  string,
])[] = [
  [
    "rising answers",
    monotone,
    { answers: repeat(rising, 20) },
    "pass",
    'monotone up in "wind": 0 of 20 rows (0 %) are off by more than 0.01; 10 % may',
  ],
  [
    "as many falling ones as may be",
    monotone,
    { answers: [...repeat(rising, 18), ...repeat(falling, 2)] },
    "pass",
    'monotone up in "wind": 2 of 20 rows (10 %) are off by more than 0.01, the worst by 0.0500; 10 % may',
  ],
  [
    "one more",
    monotone,
    { answers: [...repeat(rising, 17), ...repeat(falling, 3)] },
    "fail",
    'monotone up in "wind": 3 of 20 rows (15 %) are off by more than 0.01, the worst by 0.0500; 10 % may',
  ],
  [
    "a drop spread over many values",
    { ...monotone, share: 0 },
    { answers: repeat([[0.5, 0.495, 0.49, 0.485]], 10) },
    "fail",
    'monotone up in "wind": 10 of 10 rows (100 %) are off by more than 0.01, the worst by 0.0150; 0 % may',
  ],
  [
    "answers that go down as they should",
    { ...monotone, direction: "down" },
    { answers: repeat([[3, 2, 1]], 10) },
    "pass",
    'monotone down in "wind": 0 of 10 rows (0 %) are off by more than 0.01; 10 % may',
  ],
  [
    "what 32 bits lose",
    { ...monotone, tolerance: 0, share: 0 },
    { answers: repeat([[1000, 999.9999]], 10) },
    "pass",
    'monotone up in "wind": 0 of 10 rows (0 %) are off by more than 0; 0 % may',
  ],
  [
    "answers that are none",
    { ...monotone, share: 0 },
    { answers: repeat([[0.1, Number.NaN]], 10) },
    "fail",
    'monotone up in "wind": 10 of 10 rows (100 %) are off by more than 0.01, the worst by Infinity; 0 % may',
  ],
  [
    "few rows",
    monotone,
    { answers: repeat(rising, 9) },
    "inconclusive",
    'monotone up in "wind" decides nothing on 9 rows: at least 10 are needed',
  ],
  [
    "rows that do not differ",
    monotone,
    { answers: [] },
    "inconclusive",
    'monotone up in "wind" decides nothing on 0 rows: test rows do not differ in "wind"',
  ],
  [
    "an answer that moves",
    { kind: "invariant", feature: "city", tolerance: 0.1, share: 0 },
    { answers: [...repeat([[1, 1.05]], 9), [1, 0.8]] },
    "fail",
    'invariant to "city": 1 of 10 rows (10 %) are off by more than 0.1, the worst by 0.200; 0 % may',
  ],
  [
    "an answer that stays",
    { kind: "invariant", feature: "city", tolerance: 0.1, share: 0 },
    { answers: repeat([[1, 1.05]], 10) },
    "pass",
    'invariant to "city": 0 of 10 rows (0 %) are off by more than 0.1, the worst by 0.0500; 0 % may',
  ],
  [
    "a change the wrong way",
    { kind: "directional", feature: "wind", by: 5, direction: "up", tolerance: 0, share: 0 },
    { answers: [...repeat([[1, 2]], 9), [2, 1.5]] },
    "fail",
    'up with +5 of "wind": 1 of 10 rows (10 %) are off by more than 0, the worst by 0.500; 0 % may',
  ],
  [
    "a change the right way",
    { kind: "directional", feature: "wind", by: -5, direction: "down", tolerance: 0, share: 0 },
    { answers: repeat([[2, 1]], 10) },
    "pass",
    'down with -5 of "wind": 0 of 10 rows (0 %) are off by more than 0; 0 % may',
  ],
  [
    "answers out of range",
    { kind: "in-range", low: 0, high: 10, share: 0.1 },
    { answers: [...repeat([[5]], 18), [-1], [12]] },
    "pass",
    "in range 0 to 10: 2 of 20 rows (10 %) are off by more than 0, the worst by 2.000; 10 % may",
  ],
  [
    "more of them",
    { kind: "in-range", low: 0, high: 10, share: 0 },
    { answers: [...repeat([[5]], 19), [12]] },
    "fail",
    "in range 0 to 10: 1 of 20 rows (5 %) are off by more than 0, the worst by 2.000; 0 % may",
  ],
  [
    "a probability above 1",
    { kind: "simplex", tolerance: 1e-6 },
    { answers: [...repeat([[1]], 9), [1.1]] },
    "fail",
    "simplex: 1 of 10 rows (10 %) are off by more than 0.000001, the worst by 0.100; 0 % may",
  ],
  [
    "probabilities",
    { kind: "simplex", tolerance: 1e-6 },
    { answers: repeat([[0], [1], [0.5]], 4) },
    "pass",
    "simplex: 0 of 12 rows (0 %) are off by more than 0.000001; 0 % may",
  ],
  [
    "golden answers",
    { kind: "golden", rows: [{ features: {}, answer: 2000 }], within: 1e-5 },
    { answers: [[2000.01]] },
    "pass",
    "golden: each of 1 golden row is within 0.00001",
  ],
  [
    "another answer",
    {
      kind: "golden",
      rows: [
        { features: {}, answer: 0.5 },
        { features: {}, answer: 1 },
      ],
      within: 1e-5,
    },
    { answers: [[0.5], [0.75]] },
    "fail",
    "golden row 1 is answered 0.750, and 1 is right; 1 of 2 golden rows are off by more than 0.00001",
  ],
  [
    "no answer",
    { kind: "golden", rows: [{ features: {}, answer: 0.5 }], within: 1e-5 },
    { answers: [] },
    "fail",
    "golden row 0 is answered NaN, and 0.5 is right; 1 of 0 golden rows are off by more than 0.00001",
  ],
  [
    "the same answers again",
    { kind: "deterministic" },
    {
      answers: [[1], [2]],
      again: [
        [[1], [2]],
        [[1], [2]],
      ],
    },
    "pass",
    "deterministic: 2 rows get the same answers again",
  ],
  [
    "another answer in the last bit",
    { kind: "deterministic" },
    {
      answers: [[1], [0.1]],
      again: [
        [[1], [0.1]],
        [[1], [0.10000000000000002]],
      ],
    },
    "fail",
    "1 of 2 rows get another answer: row 1 0.1, then 0.1, then 0.10000000000000002",
  ],
  ["nothing asked again", { kind: "deterministic" }, { answers: [[1]] }, "inconclusive", "nothing was asked again"],
  [
    "one answer each",
    { kind: "answers-each-row" },
    { answers: [[1], [2]], alone: [{ row: 1, answer: 2.00001 }] },
    "pass",
    "each of 2 rows has one answer, alone as among others",
  ],
  [
    "an answer that depends on the others",
    { kind: "answers-each-row" },
    { answers: [[1], [2]], alone: [{ row: 1, answer: 3 }] },
    "fail",
    "row 1 is answered 3 alone and 2 among 2",
  ],
  [
    "a row without an answer",
    { kind: "answers-each-row" },
    { answers: [[1], [Number.NaN]] },
    "fail",
    "1 of 2 rows have no number for an answer, the first NaN",
  ],
  [
    "times as long",
    { kind: "latency", rate: 100, ratio: 2 },
    { answers: [], latency: timed(0.4, 0.2) },
    "pass",
    "latency: 99 of 100 of 300 rows at 100 a second are answered in 0.400 ms, half in 0.200 ms: 2.00 and 2.00 times as long as a server without a model takes, and 2 times may be",
  ],
  [
    "times longer",
    { kind: "latency", rate: 100, ratio: 2 },
    { answers: [], latency: timed(0.5, 0.2) },
    "fail",
    "latency: 99 of 100 of 300 rows at 100 a second are answered in 0.500 ms, half in 0.250 ms: 2.50 and 2.50 times as long as a server without a model takes, and 2 times may be",
  ],
  [
    "times that nobody can tell apart",
    { kind: "latency", rate: 100, ratio: 2 },
    { answers: [], latency: timed(0.09, 0.001) },
    "pass",
    "latency: 99 of 100 of 300 rows at 100 a second are answered in 0.090 ms, half in 0.045 ms: 1.80 and 0.90 times as long as a server without a model takes, and 2 times may be",
  ],
  [
    "rows that are not answered",
    { kind: "latency", rate: 100, ratio: 1000 },
    { answers: [], latency: { ...timed(0.4, 0.2), unanswered: 3 } },
    "fail",
    "latency: 3 of 300 rows at 100 a second are not answered",
  ],
  [
    "what nobody could ask",
    { kind: "latency", rate: 100, ratio: 2 },
    { answers: [], latency: "nobody serves the candidate" },
    "inconclusive",
    "latency: nothing was timed: nobody serves the candidate",
  ],
  ["no times", { kind: "latency", rate: 100, ratio: 2 }, { answers: [] }, "inconclusive", "latency: nothing was timed"],
];

const several: typeof cases = [
  [
    "probabilities that add up, but for one row",
    { kind: "simplex", tolerance: 1e-6 },
    { width: 3, answers: [...repeat([[0.2, 0.3, 0.5]], 9), [0.2, 0.3, 0.6]] },
    "fail",
    "simplex: 1 of 10 rows (10 %) are off by more than 0.000001, the worst by 0.100; 0 % may",
  ],
  [
    "probabilities of which the last is too large",
    { kind: "in-range", low: 0, high: 0.5, share: 0 },
    { width: 2, answers: [...repeat([[0.5, 0.5]], 9), [0.3, 0.7]] },
    "fail",
    "in range 0 to 0.5: 1 of 10 rows (10 %) are off by more than 0, the worst by 0.200; 0 % may",
  ],
  [
    "a second class that changes with a feature, beside a first that does not",
    { kind: "invariant", feature: "wind", tolerance: 0.01, share: 0 },
    { width: 3, answers: repeat([[0.2, 0.3, 0.5, 0.2, 0.4, 0.4]], 10) },
    "fail",
    'invariant to "wind": 10 of 10 rows (100 %) are off by more than 0.01, the worst by 0.100; 0 % may',
  ],
  [
    "a row whose third class is answered otherwise alone",
    { kind: "answers-each-row" },
    {
      width: 3,
      answers: [[0.2, 0.3, 0.5]],
      alone: [
        { row: 0, place: 1, answer: 0.3 },
        { row: 0, place: 2, answer: 0.4 },
      ],
    },
    "fail",
    "row 0 is answered 0.4 alone and 0.5 among 1",
  ],
];

describe("decideModelTest of several classes", () => {
  it.each(several)("decides on %s", (_, test, answered, verdict, reason) => {
    expect(decideModelTest(test, answered)).toMatchObject({ verdict, reason });
  });
});

describe("decideModelTest", () => {
  it.each(cases)("judges %s", (_, test, answered, verdict, reason) => {
    expect(decideModelTest(test, answered)).toMatchObject({ test, verdict, reason, rows: answered.answers.length });
  });

  it("counts the rows that are not as the test asks", () => {
    const answers = [...repeat(rising, 17), ...repeat(falling, 3)];
    expect(decideModelTest(monotone, { answers }).exceeding).toBe(3);
  });
});
