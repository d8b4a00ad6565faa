import { describe, expect, it } from "vitest";
import { experimentSummarySchema } from "../../framework/experiments/experiment-summary.ts";
import { followExperiment } from "../../framework/experiments/follow-experiment.ts";
import { summariseUnits, type UnitRow } from "../../framework/experiments/summarise-units.ts";
import { createChance, specOf } from "../campaigns/experiments/simulation.ts";

const hour = 3_600_000;
const begun = Date.UTC(2026, 0, 1);
const row = (unit: string, variant: string, at: number, label?: number): UnitRow => ({
  unit,
  variant,
  at: begun + at * hour,
  measures: label === undefined ? {} : { label: [label, 1], accuracy: [1 - label, 1], errors: [1, 1] },
});

const spec = specOf({
  window: "2 hours",
  per: "unit",
  guardrails: [
    { metric: "accuracy", better: "higher", by: 0.01 },
    { metric: "errors", better: "lower", by: 0.01 },
  ],
});
const gathering = { endpoint: "desk", experiment: spec, begun, matures: 3 * hour, cohort: hour };

describe("the summary of an experiment's units", () => {
  it("counts a unit once, by the requests of its first while, when all of them are matured", () => {
    const rows = [
      row("a", "control", 0.5, 1),
      row("a", "control", 2.4, 0),
      row("a", "control", 2.6, 0),
      row("b", "treatment", 1.5, 1),
    ];
    const summary = summariseUnits(rows, { ...gathering, asOf: begun + 8 * hour });
    expect(experimentSummarySchema.parse(summary)).toEqual(summary);
    expect(summary.cohorts).toHaveLength(8);
    expect(summary.cohorts.map(({ arms }) => arms["control"]?.exposed ?? 0)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    // 0.5 + 2 hours of requests + 3 hours of labels.
    expect(summary.cohorts[5]?.arms["control"]).toMatchObject({
      matured: 1,
      measures: { label: { units: 1, x: 0.5, y: 1 } },
    });
    // What guardrails need of labels is there too; requests are counted by the server, not by units.
    expect(Object.keys(summary.cohorts[5]?.arms["control"]?.measures ?? {})).toEqual(["label", "accuracy"]);
    expect(summary.cohorts[6]?.arms["treatment"]?.matured).toBe(1);
  });

  it("has sums instead of means where each row counts the same", () => {
    const rows = [row("a", "control", 0.5, 1), row("a", "control", 1, 0)];
    const { cohorts } = summariseUnits(rows, {
      ...gathering,
      experiment: { ...spec, per: "row" },
      asOf: begun + 8 * hour,
    });
    expect(cohorts[5]?.arms["control"]?.measures["label"]).toMatchObject({ units: 1, x: 1, y: 2 });
  });

  it("has units that have no label among the matured, and in no measure of labels", () => {
    const { cohorts } = summariseUnits([row("a", "control", 0.5)], { ...gathering, asOf: begun + 8 * hour });
    expect(cohorts[5]?.arms["control"]).toEqual({ exposed: 0, matured: 1, measures: {} });
  });

  it("measures no unit that two arms answered at first, and minds none that another answered later", () => {
    const rows = [
      row("a", "treatment", 1, 1),
      row("a", "control", 0.5, 1),
      row("b", "control", 0.5, 1),
      row("b", "treatment", 3, 0),
    ];
    const { crossed, cohorts } = summariseUnits(rows, { ...gathering, asOf: begun + 8 * hour });
    expect(crossed).toBe(1);
    expect(cohorts[0]?.arms["control"]?.exposed).toBe(2);
    expect(cohorts[5]?.arms["control"]).toMatchObject({ matured: 1, measures: { label: { units: 1, x: 1 } } });
    expect(cohorts.every(({ arms }) => arms["treatment"] === undefined)).toBe(true);
  });

  it("leaves out variants that are no arm, and what lies outside its time", () => {
    const rows = [row("b", "treatment-stopped", 1, 1), row("c", "control", -1, 1), row("d", "control", 9, 1)];
    const { cohorts } = summariseUnits(rows, { ...gathering, asOf: begun + 8 * hour });
    expect(cohorts.every(({ arms }) => Object.keys(arms).length === 0)).toBe(true);
  });

  it("is of the same units in whatever order their rows come", () => {
    const rows = ["a", "b", "c", "d"].flatMap((unit, i) => [
      row(unit, i % 2 ? "control" : "treatment", i, i / 4),
      row(unit, i % 2 ? "control" : "treatment", i + 1, 1),
    ]);
    const asOf = begun + 12 * hour;
    const turned = summariseUnits(rows.toReversed(), { ...gathering, asOf });
    expect(turned).toEqual(summariseUnits(rows, { ...gathering, asOf }));
  });

  it("says of what was known at a look the same whenever it is made", () => {
    const rows = Array.from({ length: 50 }, (_, i) => row(`u${i}`, i % 2 ? "control" : "treatment", i / 10, i % 3));
    const [early, late] = [6, 30].map((hours) => summariseUnits(rows, { ...gathering, asOf: begun + hours * hour }));
    expect(late?.cohorts.slice(0, 6)).toEqual(early?.cohorts);
  });

  it("is not misled by an arm whose bad news comes late", () => {
    // Both arms are alike; the treatment's true labels come at once, its false ones after two hours.
    const chance = createChance(12);
    const matured = specOf({ window: "0 seconds", per: "unit", minimum: 0.06 });
    const asOf = begun + 40 * hour;
    const all = Array.from({ length: 8000 }, (_, i) => {
      const [variant, label] = [chance() < 0.5 ? "control" : "treatment", chance() < 0.3 ? 1 : 0];
      return { row: row(`u${i}`, variant, (i / 8000) * 36, label), late: variant === "treatment" && label === 0 };
    });
    const gatheringAll = { ...gathering, experiment: matured, asOf };
    const waited = summariseUnits(
      all.map(({ row: one }) => one),
      { ...gatheringAll, matures: 3 * hour },
    );
    const states = followExperiment(matured, waited).decision.comparisons.map(({ state }) => state);
    expect(states).not.toContain("better");
    // Who counts what is known by now sees only good news of the last hours, at every look.
    const hasty = summariseUnits(
      all.flatMap(({ row: one, late }) => (late ? [{ ...one, at: one.at + 2 * hour }] : [one])),
      { ...gatheringAll, matures: 0 },
    );
    expect(followExperiment(matured, hasty).decision.comparisons[0]?.value).toBeGreaterThan(0.3);
    expect(followExperiment(matured, hasty).decision).toMatchObject({
      verdict: expect.stringMatching(/winner|invalid/),
    });
  });
});
