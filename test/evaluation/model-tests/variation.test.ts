import { describe, expect, it } from "vitest";
import { placeEvenly, varyRows } from "../../../framework/evaluation/model-tests/variation.ts";

const leeway = { tolerance: 0, share: 0 };
const rows = [
  { wind: 3, city: "Bonn" },
  { wind: null, city: "Ulm" },
  { wind: 1, city: "Bonn" },
  { wind: 9, city: null },
];

describe("varyRows", () => {
  it("asks a monotone test with the same rising values in each row, the missing one included", () => {
    const asked = varyRows({ kind: "monotone", feature: "wind", direction: "up", ...leeway }, rows);
    expect(asked).toHaveLength(4);
    for (const [i, group] of asked.entries()) {
      expect(group.map(({ wind }) => wind)).toEqual([1, 3, 9]);
      expect(new Set(group.map(({ city }) => city))).toEqual(new Set([rows[i]?.city]));
    }
  });

  it("asks at most 250 rows with at most 8 values each, from all over them", () => {
    const many = Array.from({ length: 1000 }, (_, wind) => ({ wind }));
    const asked = varyRows({ kind: "monotone", feature: "wind", direction: "up", ...leeway }, many);
    expect(asked).toHaveLength(250);
    expect(asked[0]?.map(({ wind }) => wind)).toEqual([0, 143, 285, 428, 571, 714, 856, 999]);
  });

  it("asks an invariant test with each row first, then with the values of others, a missing one too", () => {
    const asked = varyRows({ kind: "invariant", feature: "city", ...leeway }, rows);
    expect(asked.map((group) => group.map(({ city }) => city))).toEqual([
      ["Bonn", "Ulm", null],
      ["Ulm", "Bonn", null],
      ["Bonn", "Ulm", null],
      [null, "Bonn", "Ulm"],
    ]);
  });

  it("asks a directional test of rows that have the number, as they are and changed", () => {
    const asked = varyRows({ kind: "directional", feature: "wind", by: -2, direction: "up", ...leeway }, rows);
    expect(asked.map((group) => group.map(({ wind }) => wind))).toEqual([
      [3, 1],
      [1, -1],
      [9, 7],
    ]);
  });

  it.each([
    { kind: "monotone", feature: "wind", direction: "up", ...leeway },
    { kind: "invariant", feature: "wind", ...leeway },
  ] as const)("asks nothing where $kind has nothing to vary", (test) => {
    expect(varyRows(test, [{ wind: 1 }, { wind: 1 }])).toEqual([]);
  });

  it("asks golden rows as they are written, and else each row once", () => {
    const golden = { kind: "golden", rows: [{ features: { wind: 2 }, answer: 1 }], within: 0 } as const;
    expect(varyRows({ ...golden, rows: [...golden.rows] }, rows)).toEqual([[{ wind: 2 }]]);
    expect(varyRows({ kind: "deterministic" }, rows)).toEqual(rows.map((row) => [row]));
  });
});

describe("placeEvenly", () => {
  it.each([
    [0, 3, []],
    [2, 3, [0, 1]],
    [10, 3, [0, 3, 6]],
  ])("places in %i at most %i", (length, most, expected) => {
    expect(placeEvenly(length, most)).toEqual(expected);
  });
});
