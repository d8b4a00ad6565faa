import { describe, expect, it } from "vitest";
import { matchRows, type TimedRow } from "../../../framework/evaluation/served/match-rows.ts";
import type { TrainingSet } from "../../../framework/features/training-set.ts";

const features: TrainingSet["features"] = [
  { name: "count", type: "number" },
  { name: "mean", type: "number" },
  { name: "late", type: "boolean" },
  { name: "origin", type: "category" },
];

const row = (group: string, changes: object = {}) => ({
  group,
  features: { count: 3, mean: 0.5, late: 1, origin: "SEA", ...changes },
});

describe("matchRows", () => {
  it.each<[string, TimedRow[], object]>([
    ["the same", [row("a", { late: true })], { verdict: "pass", rows: 1, exceeding: 0, refused: 0 }],
    ["a fraction added up in another order", [row("a", { mean: 0.5000001 })], { verdict: "pass" }],
    [
      "a whole number that is off by one",
      [row("a", { count: 4 })],
      {
        verdict: "fail",
        reason: 'features: "count" is 4 for a server and was 3 in training, at example 0; 1 of 1 row differ',
      },
    ],
    ["a truth", [row("a", { late: false })], { verdict: "fail", exceeding: 1 }],
    ["a category", [row("a", { origin: "JFK" })], { verdict: "fail", reason: expect.stringContaining('"JFK"') }],
    [
      "what is missing for a server",
      [row("a", { mean: null })],
      { verdict: "fail", reason: expect.stringContaining('"mean" is missing for a server and was 0.5') },
    ],
    ["the one of two rows that is most like it", [row("a", { count: 9 }), row("a")], { verdict: "pass" }],
    ["no row of its time and texts", [row("b")], { verdict: "fail", reason: expect.stringContaining("no row of") }],
    ["a row that a server refuses", [{ group: "a" }], { verdict: "pass", rows: 0, refused: 1 }],
  ])("holds an example against %s", (_, rows, found) => {
    expect(matchRows(features, [row("a")], rows)).toMatchObject(found);
  });

  it("takes no row for two examples", () => {
    const found = matchRows(features, [row("a"), row("a")], [row("a"), row("a", { count: 9 })]);
    expect(found).toMatchObject({ verdict: "fail", rows: 2, exceeding: 1 });
  });

  it.each([
    ["first", [row("a", { count: 9 }), row("a")]],
    ["last", [row("a"), row("a", { count: 9 })]],
  ])("holds the example of a refused row that comes %s against no row of another example", (_, examples) => {
    const found = matchRows(features, examples, [row("a"), { group: "a" }]);
    expect(found).toMatchObject({ verdict: "pass", rows: 1, exceeding: 0, refused: 1 });
  });

  it("leaves each example its own row where another one has none", () => {
    const found = matchRows(features, [row("a", { count: 9 }), row("a")], [row("a"), row("a", { count: 8 })]);
    expect(found).toMatchObject({ verdict: "fail", rows: 2, exceeding: 1 });
    expect(found.reason).toContain('"count" is 8 for a server and was 9 in training, at example 0');
  });
});
