import { describe, expect, it } from "vitest";
import type { ServedAnswer } from "../../../framework/evaluation/served/ask-server.ts";
import { compareAnswers } from "../../../framework/evaluation/served/compare-answers.ts";

const cases: readonly [string, number[][], ServedAnswer[], "pass" | "fail", string][] = [
  ["the same", [[0.5], [0.25]], [[0.5], [0.250001]], "pass", "served: 2 rows are answered within 0.00001 of the model"],
  [
    "an answer that is apart",
    [[0.5], [0.25]],
    [[0.5], [0.26]],
    "fail",
    "served: row 1 is answered 0.26, and the model answers 0.25; 1 of 2 rows differ",
  ],
  [
    "a row that is refused",
    [[0.5]],
    ["HTTP 400"],
    "fail",
    "served: row 0 is answered HTTP 400, and the model answers 0.5; 1 of 1 row differ",
  ],
  [
    "no answer",
    [[0.5], [0.25]],
    [[0.5]],
    "fail",
    "served: row 1 is answered nothing, and the model answers 0.25; 1 of 2 rows differ",
  ],
  [
    "an answer that is no number",
    [[0.5]],
    [[Number.NaN]],
    "fail",
    "served: row 0 is answered NaN, and the model answers 0.5; 1 of 1 row differ",
  ],
  [
    "another class",
    [[0.2, 0.8]],
    [[0.8, 0.2]],
    "fail",
    "served: row 0 is answered 0.8, 0.2, and the model answers 0.2, 0.8; 1 of 1 row differ",
  ],
  [
    "fewer classes",
    [[0.2, 0.8]],
    [[0.2]],
    "fail",
    "served: row 0 is answered 0.2, and the model answers 0.2, 0.8; 1 of 1 row differ",
  ],
  [
    "one near zero among thousands, which 32 bits cannot tell",
    [[0], [40_000]],
    [[0.2], [40_000]],
    "pass",
    "served: 2 rows are answered within 0.00001 of the model",
  ],
];

describe("compareAnswers", () => {
  it.each(cases)("judges %s", (_, expected, answers, verdict, reason) => {
    const compared = compareAnswers(expected, answers, { name: "served", other: "the model" });
    expect(compared).toMatchObject({ verdict, reason, rows: expected.length });
    expect(compared.exceeding > 0).toBe(verdict === "fail");
  });
});
