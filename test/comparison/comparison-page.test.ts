import { describe, expect, it } from "vitest";
import type { ComparedRun, Comparison } from "../../framework/comparison/compared-run.ts";
import { rankRuns } from "../../framework/comparison/compared-run.ts";
import { formatComparisonPage } from "../../framework/comparison/comparison-page.ts";

function runOf(index: number, more: Partial<ComparedRun> = {}): ComparedRun {
  return {
    id: `id-${index}`,
    label: `run ${index}`,
    status: "FINISHED",
    seconds: index,
    params: new Map([
      ["rate", String(0.01 * 1.5 ** index)],
      ["same", "x"],
    ]),
    metrics: new Map([["auc", index / 100]]),
    curves: new Map([["auc", [0, 1, 2].map((step) => ({ step, value: (index * step) / 200 }))]]),
    ...more,
  };
}
const make = (runs: readonly ComparedRun[], more: Partial<Comparison> = {}): Comparison => ({
  title: "late",
  runs,
  objective: { metric: "auc", direction: "maximize" },
  logarithmic: new Set(),
  ...more,
});
const count = (page: string, pattern: RegExp) => page.match(pattern)?.length ?? 0;

describe("the page of a comparison", () => {
  it("has each run as a line across the axes, as a curve and as a row, under one number", () => {
    const page = formatComparisonPage(make(Array.from({ length: 3 }, (_, index) => runOf(index))));
    for (const run of [0, 1, 2]) expect(count(page, new RegExp(`data-run="${run}"`, "g"))).toBe(3);
    expect(page).toContain("it takes at least 10 runs that ended with auc, and 3 have");
    expect(page).toContain("The same in all runs: same x.");
    expect(page).toMatch(/<tbody><tr [^>]*><td data-value="run 2"/);
  });

  it("says how many runs the importance stands on, and draws runs that broke off as such", () => {
    const runs = Array.from({ length: 30 }, (_, index) => runOf(index, index === 4 ? { status: "pruned" } : {}));
    const page = formatComparisonPage(make(runs, { logarithmic: new Set(["rate"]) }));
    expect(page).toContain("It stands on 29 runs.");
    expect(page).toContain("rate, log");
    expect(count(page, /<path class="run broken"/g)).toBe(1);
    expect(count(page, /data-class="run broken"/g)).toBe(1);
  });

  it("takes five hundred runs", () => {
    const runs = Array.from({ length: 500 }, (_, index) => runOf(index % 40, { id: `id-${index}` }));
    const page = formatComparisonPage(make(runs));
    expect(count(page, /<path class="run/g)).toBe(500);
    expect(page.length).toBeLessThan(1_500_000);
  });

  it("is there for runs without metrics, without parameters, or without anything", () => {
    const bare = [0, 1].map((index) => runOf(index, { metrics: new Map(), curves: new Map() }));
    const page = formatComparisonPage(make(bare, { objective: undefined }));
    expect(page).toContain("Not measured: the runs have no metric.");
    expect(count(page, /<path class="run bare"/g)).toBe(2);
    const empty = formatComparisonPage(make([runOf(0, { params: new Map(), curves: new Map() })]));
    expect(empty).toContain("No parameter differs between the runs.");
    expect(empty).not.toContain("NaN%");
  });

  it("draws no number that is none: a NaN or an infinity is named in the table, and stands at none on its axis", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, 0.5].map((value, index) =>
      runOf(index, {
        metrics: new Map([["auc", value]]),
        curves: new Map([
          [
            "auc",
            [
              { step: 0, value: 0.1 },
              { step: 1, value },
              { step: 2, value: 0.2 },
            ],
          ],
        ]),
      }),
    );
    const page = formatComparisonPage(make(odd));
    expect(page).not.toMatch(/(d|points|data-at|cx|y)="[^"]*(NaN|Infinity)/);
    expect(page).toContain('data-value="NaN" title="NaN">NaN</td>');
    expect(page).toContain(">∞</td>");
    expect(page).toContain("2 values not drawn, being NaN or infinite");
    expect(page).toContain(">none</text>");
  });

  it("is nothing that a name could become", () => {
    const evil = "</script><script>alert(1)</script>\u202e";
    const runs = [0, 1].map((index) =>
      runOf(index, {
        label: evil,
        params: new Map([[evil, `"><b>${index}`]]),
        metrics: new Map([[evil, index]]),
        status: evil,
      }),
    );
    const page = formatComparisonPage(make(runs, { title: evil, objective: { metric: evil } }));
    expect(count(page, /<script>/g)).toBe(1);
    expect(page).not.toContain("\u202e");
    expect(page).not.toContain("<b>");
  });
});

it("runs are ranked by the objective's direction, those without a value last", () => {
  const runs = [1, 3, Number.NaN, 2].map((value, index) => runOf(index, { metrics: new Map([["loss", value]]) }));
  const names = (direction: "minimize" | "maximize") =>
    rankRuns(runs, { metric: "loss", direction }).map(({ label }) => label);
  expect(names("minimize")).toEqual(["run 0", "run 3", "run 1", "run 2"]);
  expect(names("maximize")).toEqual(["run 1", "run 3", "run 0", "run 2"]);
});
