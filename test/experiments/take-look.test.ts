import { describe, expect, it } from "vitest";
import type { ExperimentLook } from "../../framework/experiments/experiment-look.ts";
import { experimentLookSchema } from "../../framework/experiments/experiment-look.ts";
import type { ExperimentSummary } from "../../framework/experiments/experiment-summary.ts";
import { followExperiment } from "../../framework/experiments/follow-experiment.ts";
import { hasNewCohort, knowLooks, takeLook } from "../../framework/experiments/take-look.ts";
import type { UnitMoments } from "../../framework/experiments/unit-moments.ts";
import type { VariantEvidence } from "../../framework/serving/variants/evidence.ts";
import { specOf } from "../campaigns/experiments/simulation.ts";

const hour = 3_600_000;
const begun = Date.UTC(2026, 0, 1);
// 240 cohorts of an hour.
const experiment = specOf({
  window: "1 hour",
  atMost: "10 days",
  minimum: 0.05,
  guardrails: [{ metric: "errors", better: "lower", by: 0.01 }],
});

function share(units: number, rate: number): UnitMoments {
  const hits = Math.round(units * rate);
  return { units, x: hits / units, y: 1, xx: hits * (1 - hits / units), xy: 0, yy: 0 };
}

/** What the log tells after so many hours, in each of which both arms had as many units. */
function logOf(
  hours: number,
  rates: (hour: number) => readonly [control: number, treatment: number],
): ExperimentSummary {
  const armOf = (rate: number) => ({ exposed: 200, matured: 200, measures: { label: share(200, rate) } });
  return {
    format: "experiment-summary/1",
    endpoint: "desk",
    experiment: experiment.name,
    begun: new Date(begun).toISOString(),
    asOf: new Date(begun + hours * hour + 60_000).toISOString(),
    crossed: 0,
    cohorts: Array.from({ length: hours }, (_, i) => {
      const [control, treatment] = rates(i);
      return {
        until: new Date(begun + (i + 1) * hour).toISOString(),
        arms: { control: armOf(control), treatment: armOf(treatment) },
      };
    }),
  };
}

function counted(name: string, answered: number, failed: number, digest = "p1"): VariantEvidence {
  const latency = { bounds: [10], counts: [answered, answered] };
  return { name, model: name, version: 1, package: digest, weight: 5000, answered, failed, latency };
}

const even = () => [0.3, 0.3] as const;

/** Looks after so many hours and a minute. */
function lookAfter(hours: number, given: Partial<Parameters<typeof takeLook>[0]> = {}): ExperimentLook {
  const at = begun + hours * hour + 60_000;
  const summary = logOf(Math.floor(hours), even);
  const look = takeLook({ endpoint: "desk", experiment, identity: "i", at, summary, ...given });
  expect(experimentLookSchema.parse(look)).toEqual(look);
  return look;
}

const errorsOf = (look: ExperimentLook, arm = "treatment") =>
  look.decision.guardrails.find((one) => one.arm === arm && one.measure === "errors");

describe("what a server counts, from look to look", () => {
  const opened = lookAfter(0, { seen: [counted("control", 0, 0), counted("treatment", 0, 0)] });
  const first = lookAfter(1, {
    before: opened,
    seen: [counted("control", 1000, 5), counted("treatment", 1000, 5)],
  });

  it("counts for nothing where it was counted before the first look, which may be of another experiment", () => {
    const seen = [counted("control", 9000, 5), counted("treatment", 5000, 4000)];
    const began = lookAfter(0, { seen });
    expect(began).toMatchObject({ open: {}, decision: { verdict: "continue", stopped: [] } });
    expect(lookAfter(0.5, { before: began, seen }).open).toEqual({});
    // An arm that the server had not loaded by then has counted nothing of another one.
    const loaded = lookAfter(0, { seen: [counted("control", 9000, 5)] });
    const later = lookAfter(0.5, { before: loaded, seen: [counted("control", 9000, 5), counted("treatment", 90, 9)] });
    expect(later.open["treatment"]?.["errors"]?.units).toBe(99);
  });

  it("counts from the first time that the server spoke, where it was silent at the first look", () => {
    const silent = lookAfter(0);
    const seen = [counted("control", 9000, 5), counted("treatment", 5000, 4000)];
    const began = lookAfter(0.5, { before: silent, seen });
    expect(began).toMatchObject({ open: {}, decision: { verdict: "continue", stopped: [] } });
    const later = lookAfter(0.75, {
      before: began,
      seen: [counted("control", 9100, 5), counted("treatment", 5000, 4000)],
    });
    expect(later.open["control"]?.["errors"]?.units).toBe(100);
  });

  it("counts once, in the cohort in which it was seen", () => {
    const second = lookAfter(1.5, {
      before: first,
      seen: [counted("control", 1500, 5), counted("treatment", 1400, 5)],
    });
    expect(errorsOf(second)?.units).toBe(1405);
    expect(second.open["treatment"]?.["errors"]?.units).toBe(1405);
    const third = lookAfter(2, { before: second });
    expect(third.open).toEqual({});
    expect(third.summary.cohorts[1]?.arms["treatment"]?.measures["errors"]?.units).toBe(1405);
    // The log, which knows nothing of it, is read again.
    const fourth = lookAfter(3, { before: third, seen: [counted("control", 1600, 5), counted("treatment", 1500, 5)] });
    expect(errorsOf(fourth)?.units).toBe(1505);
    expect(fourth.decision.units["control"]).toEqual({ exposed: 600, matured: 600 });
  });

  it.each([
    ["another process", counted("treatment", 300, 2)],
    ["another release", counted("treatment", 5000, 9, "p2")],
  ])("begins anew with %s, and is never less than it was", (_name, now) => {
    const second = lookAfter(1.5, { before: first, seen: [counted("control", 1000, 5), now] });
    expect(errorsOf(second)?.units).toBe(1005 + now.answered + now.failed);
  });

  it("waits where the server says nothing, and decides nothing anew", () => {
    const second = lookAfter(1.5, { before: first, summary: first.summary });
    expect(second.counted).toEqual(first.counted);
    expect(second.decision).toEqual(first.decision);
    const third = lookAfter(1.6, {
      before: second,
      seen: [counted("control", 1200, 5), counted("treatment", 1200, 5)],
    });
    expect(errorsOf(third)?.units).toBe(1205);
  });

  it("is the look before where nothing is new, and another one where the server counts anew", () => {
    const same = [counted("control", 1000, 5), counted("treatment", 1000, 5)];
    expect(lookAfter(1.5, { before: first, summary: first.summary, seen: same })).toBe(first);
    const anew = [counted("control", 0, 0), counted("treatment", 1000, 5)];
    const second = lookAfter(1.6, { before: first, summary: first.summary, seen: anew });
    expect(second.decision).toEqual(first.decision);
    const seen = [counted("control", 1100, 0), counted("treatment", 1000, 5)];
    const third = lookAfter(1.7, { before: second, summary: second.summary, seen });
    expect(third.open["control"]?.["errors"]?.units).toBe(1005 + 1100);
  });

  it("stops an arm between two cohorts, for good", () => {
    const failing = [counted("control", 9000, 5), counted("treatment", 5000, 4000)];
    const stopped = lookAfter(1.5, { before: first, seen: failing });
    expect(stopped.decision).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
    // With a third arm the experiment goes on without it.
    const arms = [...experiment.arms, { name: "other", model: "other", weight: 1 }];
    const three = { ...experiment, arms };
    const going = lookAfter(1.5, { experiment: three, before: first, seen: failing });
    expect(going.decision).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
    const later = lookAfter(2, {
      experiment: three,
      before: going,
      seen: [counted("control", 90_000, 5), counted("treatment", 900_000, 4000)],
      summary: logOf(2, () => [0.3, 0.9]),
    });
    expect(later.decision).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
    const since = later.decision.comparisons.find(({ arm }) => arm === "treatment")?.since;
    expect(since).toBe(going.at);
  });
});

describe("an arm that was stopped before its first unit came", () => {
  it("is stopped from the first unit on, also where these come to be known late", () => {
    const arms = [...experiment.arms, { name: "other", model: "other", weight: 1 }];
    const three = { ...experiment, arms };
    const late = new Date(begun + 2.5 * hour + 60_000).toISOString();
    const nobody = { ...logOf(0, even), begun: late, asOf: late };
    const seen = [counted("control", 9000, 5), counted("treatment", 5000, 4000)];
    const nothing = [counted("control", 0, 0), counted("treatment", 0, 0)];
    const opened = lookAfter(2, { experiment: three, summary: nobody, seen: nothing });
    const before = lookAfter(2.5, { experiment: three, before: opened, summary: nobody, seen });
    expect(before.decision).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
    const after = lookAfter(5, { experiment: three, before, summary: logOf(5, () => [0.3, 0.9]) });
    expect(after.decision).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
  });
});

describe("an arm that was stopped when the endpoint had the experiment before", () => {
  const arms = [...experiment.arms, { name: "other", model: "other", weight: 1 }];
  const three = { ...experiment, arms };
  const opened = lookAfter(1, { experiment: three, seen: [counted("control", 0, 0), counted("treatment", 0, 0)] });
  const failing = [counted("control", 9000, 5), counted("treatment", 5000, 4000)];
  const earlier = lookAfter(1.5, { experiment: three, before: opened, summary: opened.summary, seen: failing });

  it("stays so from the first look on, and all else begins anew", () => {
    const late = new Date(begun + 20 * hour + 60_000).toISOString();
    const nobody = { ...logOf(0, even), begun: late, asOf: late };
    const again = lookAfter(20, { experiment: three, earlier, summary: nobody, seen: failing });
    expect(again.decision).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
    expect(again).toMatchObject({ open: {}, summary: { cohorts: [] } });
    const next = lookAfter(3, { experiment: three, before: again, summary: logOf(3, () => [0.3, 0.9]) });
    expect(next.decision).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
  });

  it("is shown as stopped by whoever reads the log between two cohorts, from then on", () => {
    const known = knowLooks(earlier);
    const asOf = (hours: number) => ({
      ...logOf(1, even),
      asOf: new Date(begun + hours * hour + 60_000).toISOString(),
    });
    expect(followExperiment(three, asOf(1.6), known).decision.stopped).toEqual(["treatment"]);
    expect(followExperiment(three, asOf(1.2), known).decision.stopped).toEqual([]);
    expect(followExperiment(three, asOf(1.6)).decision.stopped).toEqual([]);
  });
});

describe("a look", () => {
  it("that decided is the decision, whatever is known later", () => {
    const decided = lookAfter(20, { summary: logOf(20, () => [0.3, 0.45]) });
    expect(decided.decision).toMatchObject({ verdict: "winner", winner: "treatment" });
    expect(lookAfter(30, { before: decided, summary: logOf(30, () => [0.9, 0.1]) })).toBe(decided);
  });

  it("decides on what has come since the one before, not once more on what was corrected", () => {
    const before = lookAfter(6);
    expect(before.decision.verdict).toBe("continue");
    const corrected = () => [0.3, 0.6] as const;
    const after = lookAfter(8, { before, summary: logOf(8, corrected) });
    expect(after.decision).toMatchObject({ verdict: "winner", asOf: new Date(begun + 7 * hour).toISOString() });
    // Whoever looks for the first time finds it earlier.
    const first = lookAfter(8, { summary: logOf(8, corrected) });
    expect(Date.parse(first.decision.asOf)).toBeLessThan(Date.parse(after.decision.asOf));
  });

  it("reads the log when a cohort has ended, or while no unit has come", () => {
    const before = lookAfter(2);
    expect(hasNewCohort(undefined, experiment, begun)).toBe(true);
    expect(hasNewCohort(before, experiment, begun + 2.9 * hour)).toBe(false);
    expect(hasNewCohort(before, experiment, begun + 3 * hour)).toBe(true);
    const at = new Date(begun).toISOString();
    const nobody = { summary: { ...logOf(0, even), begun: at, asOf: at } };
    expect(hasNewCohort(nobody, experiment, begun + 1)).toBe(true);
  });

  it("stays small, however often it is taken", () => {
    let look = lookAfter(0, { seen: [counted("control", 0, 0), counted("treatment", 0, 0)] });
    for (let minute = 1; minute < 240; minute += 5) {
      const seen = [counted("control", 100 * minute, minute), counted("treatment", 100 * minute, minute)];
      look = lookAfter(minute / 60, { before: look, seen });
    }
    expect(errorsOf(look)?.units).toBe(101 * 236);
    expect(JSON.stringify(look).length).toBeLessThan(10_000);
  });
});
