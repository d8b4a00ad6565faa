import { describe, expect, it } from "vitest";
import { isScored, nameScored, scoringIdentity } from "../../framework/scoring/scoring.ts";
import { formatPace } from "../../framework/scoring/scoring-pace.ts";
import { chooseSliceRows, cutSlices, sliceIdentity } from "../../framework/scoring/slice.ts";

describe("slices of the rows of a file", () => {
  it.each([
    [0, []],
    [1, [[0, 1]]],
    [10, [[0, 10]]],
    [
      25,
      [
        [0, 10],
        [10, 20],
        [20, 25],
      ],
    ],
  ])("cover all %i rows once", (rows, expected) => {
    expect(cutSlices("a", rows, 10).map(({ from, to }) => [from, to])).toEqual(expected);
  });

  it("have fewer rows where each is answered with many numbers, and never none", () => {
    expect([1, 8, 10, 100, 1e7].map(chooseSliceRows)).toEqual([524_288, 524_288, 417_792, 40_960, 2048]);
  });

  it("are others for other rows, another package, or other columns", () => {
    const [by, slice] = [
      { package: "p", how: "h" },
      { of: "a", from: 0, to: 10 },
    ];
    const identities = [
      sliceIdentity(slice, by),
      sliceIdentity({ ...slice, of: "b" }, by),
      sliceIdentity({ ...slice, to: 9 }, by),
      sliceIdentity(slice, { ...by, package: "q" }),
      sliceIdentity(slice, { ...by, how: "i" }),
    ];
    expect(new Set(identities).size).toBe(5);
    expect(sliceIdentity({ ...slice }, { ...by })).toBe(identities[0]);
  });
});

describe("a scoring", () => {
  const spec = { sha256: "s", size: 1 };
  const asked = { package: "p", dataset: "orders", datasets: { orders: { spec, root: "r" } }, columns: ["a", "b"] };

  it("is the same whatever the order of its columns and the specs are, and another for another root or package", () => {
    const same = { ...asked, columns: ["b", "a"], datasets: { orders: { spec: { sha256: "t", size: 2 }, root: "r" } } };
    expect(scoringIdentity(same)).toBe(scoringIdentity(asked));
    const others = [{ package: "q" }, { datasets: { orders: { spec, root: "x" } } }, { columns: ["a"] }];
    for (const other of others) expect(scoringIdentity({ ...asked, ...other })).not.toBe(scoringIdentity(asked));
  });

  it("is of a dataset whose name no definition has", () => {
    expect(nameScored("orders", "stars")).toBe("orders.scored-by.stars");
    expect([nameScored("orders", "stars"), "orders", "scored-by", "orders.scored-by./x", "a.b"].map(isScored)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("shows its rows, how many a second, and the time that is left", () => {
    let now = 0;
    const pace = formatPace(1_000_000, 200_000, () => now);
    expect(pace(0)).toBe("scoring: 200,000 of 1,000,000 rows");
    now = 2000;
    expect(pace(200_000)).toBe("scoring: 400,000 of 1,000,000 rows, 100,000 a second, 6 s left");
    now = 8000;
    expect(pace(600_000)).toBe("scoring: 1,000,000 of 1,000,000 rows, 100,000 a second, 0 s left");
  });

  it("counts the time from the first rows on, before which features were made ready", () => {
    let now = 0;
    const pace = formatPace(1_000_000, 0, () => now);
    now = 110_000;
    expect(pace(4096)).toBe("scoring: 4,096 of 1,000,000 rows");
    now = 112_000;
    expect(pace(200_000)).toContain("scoring: 204,096 of 1,000,000 rows, 100,000 a second, 8 s left");
  });
});
