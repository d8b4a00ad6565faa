import { describe, expect, it } from "vitest";
import type { ExperimentSpec } from "../../framework/definitions/experiment-spec.ts";
import { experimentDecisionSchema } from "../../framework/experiments/experiment-decision.ts";
import { type ArmCohort, experimentSummarySchema } from "../../framework/experiments/experiment-summary.ts";
import { followExperiment } from "../../framework/experiments/follow-experiment.ts";
import type { UnitMoments } from "../../framework/experiments/unit-moments.ts";
import { specOf } from "../campaigns/experiments/simulation.ts";

/** Units of which a share is true, each with one row. */
function share(units: number, rate: number): UnitMoments {
  const hits = Math.round(units * rate);
  return { units, x: hits / units, y: 1, xx: hits * (1 - hits / units), xy: 0, yy: 0 };
}

type Given = Readonly<Record<string, { readonly units: number; readonly rate: number; readonly errors?: number }>>;

function cohortOf(given: Given): Record<string, ArmCohort> {
  return Object.fromEntries(
    Object.entries(given).map(([name, { units, rate, errors }]) => {
      const measures = {
        label: share(units, rate),
        ...(errors !== undefined && { errors: share(units, errors) }),
      };
      return [name, { exposed: units, matured: units, measures }] as const;
    }),
  );
}

/** An experiment of so many like days. */
function follow(spec: ExperimentSpec, day: Given, days = 20) {
  const begun = Date.UTC(2026, 0, 1);
  const cohorts = Array.from({ length: days }, (_, i) => ({
    until: new Date(begun + (i + 1) * 86_400_000).toISOString(),
    arms: cohortOf(day),
  }));
  const summary = experimentSummarySchema.parse({
    format: "experiment-summary/1",
    endpoint: "desk",
    experiment: spec.name,
    begun: new Date(begun).toISOString(),
    asOf: cohorts.at(-1)?.until ?? new Date(begun).toISOString(),
    crossed: 3,
    cohorts,
  });
  const followed = followExperiment(spec, summary);
  expect(experimentDecisionSchema.parse(followed.decision)).toEqual(followed.decision);
  return followed;
}

const guarded = specOf({ guardrails: [{ metric: "errors", better: "lower", by: 0.01 }] });
const day = (control: number, treatment: number, more: object = {}): Given => ({
  control: { units: 200, rate: control, errors: 0.01 },
  treatment: { units: 200, rate: treatment, errors: 0.01, ...more },
});
const arm = (name: string, weight: number) => ({ name, model: name, weight });

describe("an experiment", () => {
  it("goes on while nothing is certain", () => {
    const { decision, looks } = follow(guarded, day(0.3, 0.31), 10);
    expect(decision).toMatchObject({ verdict: "continue", stopped: [], elapsed: 10 * 86_400 });
    expect(decision).not.toHaveProperty("winner");
    expect(looks).toHaveLength(10);
    expect(decision.units).toEqual({
      control: { exposed: 2000, matured: 2000 },
      treatment: { exposed: 2000, matured: 2000 },
    });
    expect(decision.sentence).toMatch(/^Nothing is decided after /);
  });

  it("has said nothing where there is no unit yet", () => {
    const { decision, looks } = follow(guarded, {}, 0);
    expect(looks).toEqual([]);
    expect(decision).toMatchObject({ verdict: "continue", mismatch: { exposed: 1, labelled: 1 } });
    expect(decision.comparisons).toEqual([expect.objectContaining({ units: 0, value: null, state: "running" })]);
  });

  it("ends at the first look at which an arm is better, and later cohorts change nothing", () => {
    const { decision, looks } = follow(guarded, day(0.3, 0.36));
    expect(decision).toMatchObject({ verdict: "winner", winner: "treatment", stopped: [] });
    expect(looks.length).toBeLessThan(20);
    expect(decision.asOf).toBe(looks.at(-1)?.until);
    expect(follow(guarded, day(0.3, 0.36), 30).decision).toEqual(decision);
    expect(decision.comparisons[0]?.interval?.low).toBeGreaterThan(0);
    expect(decision.sentence).toMatch(
      /^Arm "treatment" is better than "control" after \d+ days?.*: label differs by \+0\.06 \[\+0\.0\d+, \+0\.\d+\] over [\d,]+ and [\d,]+ units\.$/,
    );
  });

  it("takes less for better where less is", () => {
    const less = specOf({ better: "lower" });
    expect(follow(less, day(0.3, 0.24)).decision).toMatchObject({ verdict: "winner", winner: "treatment" });
    expect(follow(less, day(0.3, 0.36)).decision).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
  });

  it("ends without a winner where the arm is worse", () => {
    const { decision } = follow(guarded, day(0.36, 0.3));
    expect(decision).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
    expect(decision.comparisons[0]).toMatchObject({ state: "worse", since: decision.asOf });
    expect(decision.sentence).toContain('"treatment" is worse: label differs by −0.06');
  });

  it("ends where what is left is smaller than the smallest difference worth finding", () => {
    const { decision } = follow(guarded, day(0.3, 0.3), 60);
    expect(decision).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
    expect(decision.comparisons[0]).toMatchObject({ state: "same" });
    expect(decision.sentence).toContain('"treatment" differs by less than 0.05');
  });

  it("ends when its time is over", () => {
    const { decision, looks } = follow({ ...guarded, atMost: "5 days" }, day(0.3, 0.31));
    expect(looks).toHaveLength(5);
    expect(decision).toMatchObject({ verdict: "no-winner" });
    expect(decision.comparisons[0]).toMatchObject({ state: "undecided" });
    expect(decision.sentence).toContain('of "treatment" nothing was certain in time');
  });

  it("stops an arm that a guardrail says is worse than it may be, whatever its metric says", () => {
    const { decision } = follow(guarded, day(0.3, 0.4, { errors: 0.3 }));
    expect(decision).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
    expect(decision.comparisons[0]).toMatchObject({ state: "stopped" });
    expect(decision.guardrails[0]).toMatchObject({ measure: "errors", by: 0.01, crossed: true });
    expect(decision.guardrails[0]?.atLeast).toBeGreaterThan(0.01);
    expect(decision.sentence).toContain("was stopped by a guardrail: errors is worse by at least");
  });

  it("lets an arm be worse than the control by as much as it may be", () => {
    const { decision } = follow(guarded, day(0.3, 0.31, { errors: 0.015 }), 100);
    expect(decision.guardrails[0]).toMatchObject({ crossed: false, harm: expect.closeTo(0.005) });
  });

  it("goes on with the others where one arm is stopped, and checks their units without it", () => {
    const three = { ...guarded, arms: [arm("control", 4000), arm("treatment", 3000), arm("other", 3000)] };
    const given = {
      control: { units: 400, rate: 0.3, errors: 0.01 },
      treatment: { units: 300, rate: 0.3, errors: 0.4 },
      other: { units: 300, rate: 0.37, errors: 0.01 },
    };
    const { decision, looks } = follow(three, given, 40);
    expect(decision).toMatchObject({ verdict: "winner", winner: "other", stopped: ["treatment"] });
    expect(looks[0]?.comparisons.map(({ state }) => state)).toEqual(["stopped", "running"]);
    // An arm that ended is as it was then.
    expect(decision.comparisons[0]?.units).toBe(300);
    // Two comparisons share the level.
    expect(decision.comparisons.map(({ alpha }) => alpha)).toEqual([0.025, 0.025]);
  });

  it("names the arm that is better by more, where two are at one look", () => {
    const three = specOf({ arms: [arm("control", 4000), arm("some", 3000), arm("more", 3000)] });
    const given = {
      control: { units: 4000, rate: 0.3 },
      some: { units: 3000, rate: 0.4 },
      more: { units: 3000, rate: 0.5 },
    };
    expect(follow(three, given).decision).toMatchObject({ winner: "more", verdict: "winner" });
  });

  it("says nothing of arms where units are missing", () => {
    const { decision, looks } = follow(guarded, {
      control: { units: 300, rate: 0.3 },
      treatment: { units: 200, rate: 0.35 },
    });
    expect(decision.verdict).toBe("invalid");
    expect(decision.mismatch.exposed).toBeLessThan(0.0005);
    expect(looks.length).toBeLessThan(5);
    expect(decision.sentence).toContain("over all units");
  });

  it("says nothing of arms of which one has its labels more often", () => {
    const { decision } = follow(guarded, day(0.3, 0.31));
    expect(decision.mismatch.labelled).toBe(1);
    const begun = Date.UTC(2026, 0, 1);
    const one = cohortOf(day(0.3, 0.31));
    const treated = { ...(one["treatment"] as ArmCohort), measures: { label: share(120, 0.31) } };
    const cohorts = Array.from({ length: 10 }, (_, i) => ({
      until: new Date(begun + (i + 1) * 86_400_000).toISOString(),
      arms: { ...one, treatment: treated },
    }));
    const found = followExperiment(guarded, {
      format: "experiment-summary/1",
      endpoint: "desk",
      experiment: "bigger",
      begun: new Date(begun).toISOString(),
      asOf: cohorts[9]?.until as string,
      crossed: 0,
      cohorts,
    }).decision;
    expect(found).toMatchObject({ verdict: "invalid", mismatch: { exposed: 1 } });
    expect(found.sentence).toContain("over the units with labels");
  });

  it("decides nothing on fewer units than means are normal of, or than anything sought shows on", () => {
    // Ten units on each side, all of one kind there and none here.
    const few = { control: { units: 10, rate: 0.1 }, treatment: { units: 10, rate: 0.9 } };
    const { looks } = follow(guarded, few);
    expect(looks.findIndex(({ comparisons }) => comparisons[0]?.state !== "running")).toBe(9);
    // A rare event: the standard error is larger than the difference that is sought.
    const rare = specOf({ minimum: 0.001 });
    const { decision } = follow(rare, { control: { units: 100, rate: 0.01 }, treatment: { units: 100, rate: 0.2 } }, 2);
    expect(decision.comparisons[0]).toMatchObject({ state: "running", interval: { difference: expect.closeTo(0.19) } });
  });

  it("counts what is answered in place of a stopped arm as no arm", () => {
    const { decision } = follow(guarded, { ...day(0.3, 0.31), "treatment-stopped": { units: 999, rate: 1 } }, 5);
    expect(Object.keys(decision.units)).toEqual(["control", "treatment"]);
    expect(decision.verdict).toBe("continue");
  });
});
