import { describe, expect, it } from "vitest";
import type { ComparedRun } from "../../framework/comparison/compared-run.ts";
import { leastRuns, measureImportance } from "../../framework/comparison/parameter-importance.ts";
import { createDraw } from "../../framework/models/random.ts";

const options = { metric: "auc", logarithmic: new Set<string>() };

/** Runs at points of the unit cube, with the value of a function there. */
function runsOf(
  count: number,
  make: (draw: () => number) => Record<string, string | number>,
  value: (params: Record<string, string | number>) => number,
): ComparedRun[] {
  const draw = createDraw(5);
  const unit = () => draw() / 2 ** 32;
  return Array.from({ length: count }, (_, index) => {
    const params = make(unit);
    return {
      id: `r${index}`,
      label: `run ${index}`,
      status: "FINISHED",
      params: new Map(Object.entries(params).map(([key, each]) => [key, String(each)])),
      metrics: new Map([["auc", value(params)]]),
      curves: new Map(),
    };
  });
}
const shares = (runs: readonly ComparedRun[], more = options) => {
  const found = measureImportance(runs, more);
  if ("refused" in found) throw new Error(found.refused);
  return { ...found, share: Object.fromEntries(found.params.map(({ param, share }) => [param, share])) };
};

describe("the importance of parameters", () => {
  it("is the share of variance that each explains: of a + 2b a fifth and four fifths, of what says nothing next to none", () => {
    const runs = runsOf(
      400,
      (unit) => ({ a: unit(), b: unit(), c: unit() }),
      ({ a, b }) => Number(a) + 2 * Number(b),
    );
    const { params, share, runs: count } = shares(runs);
    expect(params.map(({ param }) => param)).toEqual(["b", "a", "c"]);
    expect(count).toBe(400);
    expect(share["b"]).toBeGreaterThan(0.72);
    expect(share["b"]).toBeLessThan(0.86);
    expect(share["a"]).toBeGreaterThan(0.12);
    expect(share["a"]).toBeLessThan(0.26);
    expect(share["c"]).toBeLessThan(0.02);
  });

  it("counts categories, and what is drawn on a scale of logarithms by that scale", () => {
    const runs = runsOf(
      200,
      (unit) => ({ kind: unit() < 0.5 ? "one" : unit() < 0.5 ? "two" : "three", rate: 10 ** (-4 * unit()) }),
      ({ kind, rate }) => (kind === "two" ? 1 : 0) + 0.25 * Math.log10(Number(rate)),
    );
    const { share } = shares(runs, { ...options, logarithmic: new Set(["rate"]) });
    // Of a third with 1: 2/9; of 0.25 times a range of 4: 1/12.
    expect(share["kind"]).toBeGreaterThan(0.6);
    expect(share["rate"]).toBeGreaterThan(0.15);
  });

  it("weighs all of a scale of logarithms alike: as much at its lower end as at its upper one", () => {
    const runs = runsOf(
      200,
      (unit) => ({ rate: 10 ** (-1.5 * unit()), other: unit() }),
      ({ rate, other }) => (Number(rate) < 10 ** -0.75 ? 1 : 0) + (Number(other) < 0.5 ? 1 : 0),
    );
    const even = shares(runs).share;
    const { share } = shares(runs, { ...options, logarithmic: new Set(["rate"]) });
    // Half of the values lie in the lower half of that scale, and in a seventh of an even one.
    expect(share["rate"]).toBeCloseTo(0.5, 1);
    expect(even["rate"]).toBeLessThan(0.4);
  });

  it("says little of each of two parameters that count only together", () => {
    const runs = runsOf(
      400,
      (unit) => ({ a: unit(), b: unit() }),
      ({ a, b }) => (Number(a) > 0.5 === Number(b) > 0.5 ? 1 : 0),
    );
    const { share } = shares(runs);
    expect((share["a"] ?? 1) + (share["b"] ?? 1)).toBeLessThan(0.3);
  });

  it("is the same whenever it is measured", () => {
    const runs = runsOf(
      40,
      (unit) => ({ a: unit(), b: unit() }),
      ({ a }) => Number(a),
    );
    expect(measureImportance(runs, options)).toEqual(measureImportance(runs, options));
  });

  it("leaves out parameters that not all runs have, and says so", () => {
    const runs = runsOf(
      20,
      (unit) => ({ a: unit() }),
      ({ a }) => Number(a),
    ).map((run, index) => (index % 2 === 0 ? run : { ...run, params: new Map([...run.params, ["drop", "0.1"]]) }));
    const found = shares(runs);
    expect(found.left).toEqual(["drop"]);
    expect(found.params.map(({ param }) => param)).toEqual(["a"]);
  });

  it.each<[string, ComparedRun[], RegExp]>([
    [
      "too few runs",
      runsOf(
        leastRuns - 1,
        (unit) => ({ a: unit() }),
        ({ a }) => Number(a),
      ),
      /at least 10 runs that ended with auc, and 9 have/,
    ],
    [
      "runs that broke off",
      runsOf(
        30,
        (unit) => ({ a: unit() }),
        ({ a }) => Number(a),
      ).map((run) => ({ ...run, status: "pruned" })),
      /and 0 have/,
    ],
    [
      "runs without the metric",
      runsOf(
        30,
        (unit) => ({ a: unit() }),
        () => Number.NaN,
      ),
      /and 0 have/,
    ],
    [
      "parameters that are all the same",
      runsOf(
        30,
        () => ({ a: 1 }),
        () => Math.random(),
      ),
      /no parameter differs/,
    ],
    [
      "a metric that is the same",
      runsOf(
        30,
        (unit) => ({ a: unit() }),
        () => 1,
      ),
      /auc is the same in all runs/,
    ],
  ])("is refused for %s", (_title, runs, reason) => {
    expect(measureImportance(runs, options)).toEqual({ refused: expect.stringMatching(reason) });
  });
});
