import { describe, expect, it } from "vitest";
import { readWrittenAnswers } from "../../framework/models/framework-answers.ts";

const right = { framework: "lightgbm 4.6.0", split: "validation", rows: [0, 7], answers: [[0.25], [0.5]] };

describe("answers of a framework that a job has left", () => {
  it("are read, and say their format", () => {
    expect(readWrittenAnswers(JSON.stringify(right))).toEqual({ format: "framework-answers/1", ...right });
  });

  it.each<[string, unknown]>([
    ["of no rows", { ...right, rows: [], answers: [] }],
    ["of fewer rows than there are answers", { ...right, rows: [0] }],
    ["of rows in another order", { ...right, rows: [7, 0] }],
    ["of a row twice", { ...right, rows: [7, 7] }],
    ["of the test rows", { ...right, split: "test" }],
    ["that are no numbers", { ...right, answers: [["a"], [0.5]] }],
    ["of too many rows", { ...right, rows: Array.from({ length: 257 }, (_, i) => i), answers: Array(257).fill([0]) }],
    ["with something else beside them", { ...right, more: 1 }],
  ])("%s are none", (_, written) => {
    expect(readWrittenAnswers(JSON.stringify(written))).toBeUndefined();
  });

  it("that are no JSON are none", () => {
    expect(readWrittenAnswers("{")).toBeUndefined();
  });
});
