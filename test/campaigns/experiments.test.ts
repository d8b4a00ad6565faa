/**
 * Experiments that are watched all the time find differences where there are none no more often than they say, find those that there are
 * as often as planned, and deal units evenly and independently.
 *
 * The seeds are 1 to 6, one for each question, and were written down before the first run. `STEWARD_CAMPAIGN=full` follows five times as
 * many units in more scenarios, and writes what it saw to `results/experiments.json`.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ExperimentSpec } from "../../framework/definitions/experiment-spec.ts";
import { normalQuantile } from "../../framework/experiments/normal-distribution.ts";
import { fixedPower, planExperiment } from "../../framework/experiments/plan-experiment.ts";
import { type ArmCount, measureMismatch, mismatchProbability } from "../../framework/experiments/sample-ratio.ts";
import { computeChances } from "../../framework/experiments/sequential-power.ts";
import { estimateRatio, type UnitMoments } from "../../framework/experiments/unit-moments.ts";
import { assignVariant, placeUnit } from "../../framework/serving/variants/assignment.ts";
import {
  type Chance,
  clusteredRate,
  createChance,
  heavyTailed,
  type Population,
  simulate,
  simulateSummary,
  specOf,
} from "./experiments/simulation.ts";

const full = process.env["STEWARD_CAMPAIGN"] === "full";
const runs = 1000;
const seen: Record<string, unknown> = {};

afterAll(async () => {
  if (!full) return;
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "experiments.json"), `${JSON.stringify({ runs, ...seen }, undefined, 2)}\n`);
});

/** The most of so many runs that may have an event of a chance: the chance and two standard errors. */
function allow(chance: number, of = runs): number {
  return (chance + 2 * Math.sqrt((chance * (1 - chance)) / of)) * of;
}

const three: Partial<ExperimentSpec> = {
  arms: [
    { name: "control", model: "late", weight: 5000 },
    { name: "treatment", model: "late-bigger", weight: 2500 },
    { name: "other", model: "late-other", weight: 2500 },
  ],
};
const uneven: Partial<ExperimentSpec> = {
  arms: [
    { name: "control", model: "late", weight: 9000 },
    { name: "treatment", model: "late-bigger", weight: 1000 },
  ],
};

/** A population, the smallest difference worth finding in it, and what is asked otherwise. */
type Scenario = readonly [title: string, population: Population, minimum: number, changes: Partial<ExperimentSpec>];

const scenarios: readonly Scenario[] = [
  ["one row in a hundred true", clusteredRate(0.01), 0.012, {}],
  ["one row in ten true", clusteredRate(0.1), 0.05, {}],
  ["every second row true", clusteredRate(0.5), 0.09, {}],
  ["a heavy tail", heavyTailed, 1.5, {}],
  ["one row in ten true, each unit by its mean", clusteredRate(0.1), 0.05, { per: "unit" }],
  ["one row in a hundred true, a tenth of units in one arm", clusteredRate(0.01), 0.015, uneven],
  ...(full
    ? ([
        ["a heavy tail, each unit by its mean", heavyTailed, 1.5, { per: "unit" }],
        ["one row in a hundred true, three arms", clusteredRate(0.01), 0.012, three],
        ["a heavy tail, a tenth of units in one arm", heavyTailed, 1.5, uneven],
      ] as const)
    : []),
];

describe("two arms that do not differ, watched all the time", () => {
  it.each(scenarios)("are told apart no more often than 5 in 100, with %s", (title, population, minimum, changes) => {
    const chance = createChance(1);
    const spec = specOf({ minimum: full ? minimum / 2 : minimum, ...changes });
    const [units, perLook] = full ? [10_000, 50] : [2_000, 25];
    const found = { differ: 0, invalid: 0, same: 0, looks: 0 };
    for (let run = 0; run < runs; run += 1) {
      const { decision, looks } = simulate({ spec, population, units, perLook }, chance);
      const states = decision.comparisons.map(({ state }) => state);
      if (states.some((state) => state === "better" || state === "worse")) found.differ += 1;
      if (states.includes("same")) found.same += 1;
      if (decision.verdict === "invalid") found.invalid += 1;
      found.looks += looks.length;
    }
    seen[`no difference, with ${title}`] = found;
    expect(found.differ).toBeLessThanOrEqual(allow(0.05));
    expect(found.invalid).toBeLessThanOrEqual(allow(0.001));
    // What never had a chance to err shows nothing.
    expect(found.looks).toBeGreaterThan(runs * 10);
  });
});

/** The variance of the metric between units, of both arms together, from many units. */
function measureVariance(spec: ExperimentSpec, population: Population): number {
  const summary = simulateSummary({ spec, population, units: 100_000, perLook: 100_000 }, createChance(2));
  const [cohort] = summary.cohorts;
  const variances = spec.arms.map(({ name }) => {
    const { units = 0, variance = 0 } = estimateRatio(cohort?.arms[name]?.measures[spec.metric] as UnitMoments) ?? {};
    return units * variance;
  });
  return variances.reduce((sum, variance) => sum + variance, 0) / variances.length;
}

const powers: readonly (readonly [title: string, population: Population, minimum: number])[] = [
  ["one row in five", clusteredRate(0.2, 0.05), 0.05],
  ...(full ? ([["one row in fifty", clusteredRate(0.02, 0.006), 0.006]] as const) : []),
];

describe("an arm that is better by the smallest difference worth finding", () => {
  it.each(powers)("is found as often as computed, and as planned, with %s true", (title, population, minimum) => {
    const spec = specOf({ minimum });
    const variance = measureVariance(spec, population);
    const plan = planExperiment({ variance, minimum, shares: [0.5, 0.5], alpha: 0.05, power: 0.8 });
    const perLook = Math.ceil(plan.most / 40);
    const looks = Array.from({ length: 40 }, (_, i) => (perLook * (i + 1)) / (4 * variance));
    const computed = computeChances({ looks, minimum, alpha: 0.05 }, minimum);
    const chance = createChance(3);
    let [found, units] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      const { decision, looks: made } = simulate({ spec, population, units: perLook * 40, perLook }, chance);
      if (decision.winner === "treatment") found += 1;
      units += made.length * perLook;
    }
    seen[`power of watching, ${title}`] = { found: found / runs, computed: computed.better, units: units / runs, plan };
    expect(Math.abs(found / runs - computed.better)).toBeLessThan(0.05);
    expect(Math.abs(found / runs - 0.8)).toBeLessThan(0.05);
    // How many units it takes on average is as planned too.
    expect(Math.abs(units / runs / plan.expected.minimum - 1)).toBeLessThan(0.1);
  });

  it("is found as often as the formula of a single look says, where it is looked at once", () => {
    const [title, population, minimum] = powers[0] as (typeof powers)[number];
    const spec = specOf({ minimum });
    const variance = measureVariance(spec, population);
    const { fixed } = planExperiment({ variance, minimum, shares: [0.5, 0.5], alpha: 0.05, power: 0.8 });
    const chance = createChance(4);
    let found = 0;
    for (let run = 0; run < runs; run += 1) {
      const { cohorts } = simulateSummary({ spec, population, units: fixed, perLook: fixed }, chance);
      const [control, treatment] = spec.arms.map(({ name }) =>
        estimateRatio(cohorts[0]?.arms[name]?.measures[spec.metric] as UnitMoments),
      );
      if (!control || !treatment) throw new Error("a simulated arm has no units");
      const z = (treatment.value - control.value) / Math.sqrt(treatment.variance + control.variance);
      if (z > normalQuantile(0.975)) found += 1;
    }
    const computed = fixedPower({ information: fixed / (4 * variance), alpha: 0.05 }, minimum);
    seen[`power of one look, ${title}`] = { found: found / runs, computed, units: fixed };
    expect(Math.abs(computed - 0.8)).toBeLessThan(0.01);
    expect(Math.abs(found / runs - computed)).toBeLessThan(0.05);
  });
});

describe("the check of the sample ratio, made at every look", () => {
  const shares = [0.5, 0.3, 0.2];

  /** The least p-value of all looks. */
  function watchRatio(chance: Chance, dealt: readonly number[], units: number): number {
    const counts = shares.map(() => 0);
    let largest = 0;
    for (let unit = 1; unit <= units; unit += 1) {
      const drawn = chance();
      const arm = drawn < (dealt[0] as number) ? 0 : drawn < (dealt[0] as number) + (dealt[1] as number) ? 1 : 2;
      counts[arm] = (counts[arm] as number) + 1;
      if (unit % 20 === 0) {
        const arms = shares.map((share, i): ArmCount => ({ share, units: counts[i] as number }));
        largest = Math.max(largest, measureMismatch(arms));
      }
    }
    return mismatchProbability(largest);
  }

  it.each([0.05, 0.01, 0.0005])(
    "alarms no more often than its level, %d, where units are dealt as allocated",
    (level) => {
      const chance = createChance(5);
      const units = full ? 50_000 : 5_000;
      const alarms = Array.from({ length: runs }, () => watchRatio(chance, shares, units)).filter(
        (p) => p < level,
      ).length;
      seen[`alarms at level ${level}`] = alarms / runs;
      expect(alarms).toBeLessThanOrEqual(allow(level));
    },
  );

  it("alarms where an arm loses one unit in ten", () => {
    const chance = createChance(6);
    const rest = 0.5 * 0.9 + 0.5;
    const lossy = [(0.5 * 0.9) / rest, 0.3 / rest, 0.2 / rest];
    const alarms = Array.from({ length: 100 }, () => watchRatio(chance, lossy, 20_000)).filter(
      (p) => p < 0.0005,
    ).length;
    expect(alarms).toBeGreaterThanOrEqual(95);
  });
});

describe("the assignment of units", () => {
  const units = full ? 1_000_000 : 100_000;
  const names = (i: number): readonly string[] => [`customer-${i}`, String(i), `${i.toString(16)}@example.com`];

  /** The value that chi-square exceeds with a chance of one in ten thousand (Wilson and Hilferty 1931). */
  function limitOf(freedom: number): number {
    const spread = 2 / (9 * freedom);
    return freedom * (1 - spread + normalQuantile(0.9999) * Math.sqrt(spread)) ** 3;
  }

  it.each([0, 1, 2])("is uniform over all places, whatever units are called (%d)", (form) => {
    const bins = 100;
    const counts = new Uint32Array(bins);
    for (let i = 0; i < units; i += 1) {
      const bin = Math.floor(placeUnit("desk/bigger", names(i)[form] as string) / (10_000 / bins));
      counts[bin] = (counts[bin] as number) + 1;
    }
    const expected = units / bins;
    const distance = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(distance).toBeLessThan(limitOf(bins - 1));
    // And no more even than chance is.
    expect(distance).toBeGreaterThan(bins / 2);
  });

  it.each([
    ["desk/bigger", "desk/bigger-2"],
    ["desk/bigger", "gate/bigger"],
    ["a/b", "a/c"],
  ])("to arms of experiment %s says nothing of that to arms of %s", (one, other) => {
    const variants = [3000, 3000, 4000].map((weight, i) => ({ name: `${i}`, weight }));
    const table = new Uint32Array(9);
    for (let i = 0; i < units; i += 1) {
      const [a, b] = [one, other].map((salt) => Number(assignVariant({ salt, variants }, `customer-${i}`)?.name));
      const cell = 3 * (a as number) + (b as number);
      table[cell] = (table[cell] as number) + 1;
    }
    const rows = [0, 1, 2].map((a) => [0, 1, 2].reduce((sum, b) => sum + (table[3 * a + b] as number), 0));
    const columns = [0, 1, 2].map((b) => [0, 1, 2].reduce((sum, a) => sum + (table[3 * a + b] as number), 0));
    const distance = table.reduce((sum, count, cell) => {
      const expected = ((rows[Math.floor(cell / 3)] as number) * (columns[cell % 3] as number)) / units;
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    expect(distance).toBeLessThan(limitOf(4));
  });
});
