/**
 * Experiments that are simulated unit by unit: callers who come several times and are alike each time, labels that come late, and all of
 * it repeatable from a seed that was fixed beforehand.
 * @module
 */
import type { ExperimentSpec } from "../../../framework/definitions/experiment-spec.ts";
import type { ArmCohort, ExperimentSummary } from "../../../framework/experiments/experiment-summary.ts";
import { type FollowedExperiment, followExperiment } from "../../../framework/experiments/follow-experiment.ts";
import { noUnits, type UnitMoments } from "../../../framework/experiments/unit-moments.ts";
import { createDraw } from "../../../framework/models/random.ts";

/** A number from 0 to 1, neither included. */
export type Chance = () => number;

export function createChance(seed: number): Chance {
  const draw = createDraw(seed);
  return () => (draw() + 0.5) / 2 ** 32;
}

/** A draw of the standard normal distribution (Box and Muller 1958). */
function drawNormal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance());
}

/** What one unit shows: a value for each of its rows. */
export type Population = (chance: Chance, arm: string) => readonly number[];

/** One to many rows, two on average. */
function drawRows(chance: Chance): number {
  let rows = 1;
  while (chance() < 0.5 && rows < 20) rows += 1;
  return rows;
}

/**
 * Units whose rows are true with a rate of their own: most of them less often than `rate`, some four times as often, so that rows of one
 * unit are far from independent.
 */
export function clusteredRate(rate: number, lift = 0): Population {
  return (chance, arm) => {
    // A fifth of the units has much of all there is; the others share the rest.
    const high = Math.min(1, 3 * rate);
    const own = chance() < 0.2 ? high : (rate - 0.2 * high) / 0.8;
    const shifted = own + (arm === "treatment" ? lift : 0);
    return Array.from({ length: drawRows(chance) }, () => (chance() < shifted ? 1 : 0));
  };
}

/** Units whose rows have a level of their own, with a heavy tail: the exponential of a normal with deviation 1.5. */
export const heavyTailed: Population = (chance) => {
  const level = drawNormal(chance);
  return Array.from({ length: drawRows(chance) }, () => Math.exp(1.5 * (0.8 * level + 0.6 * drawNormal(chance))));
};

export interface Simulation {
  readonly spec: ExperimentSpec;
  readonly population: Population;
  /** How many units there are in all, and how many of them mature between two looks. */
  readonly units: number;
  readonly perLook: number;
}

const day = 86_400_000;

/** The summary of one simulated experiment: units mature one cohort after the other, a day each. */
export function simulateSummary({ spec, population, units, perLook }: Simulation, chance: Chance): ExperimentSummary {
  const begun = Date.UTC(2026, 0, 1);
  const cohorts: ExperimentSummary["cohorts"] = [];
  for (let done = 0; done < units; done += perLook) {
    const arms: Record<string, ArmCohort> = {};
    for (const { name } of spec.arms) arms[name] = { exposed: 0, matured: 0, measures: { [spec.metric]: noUnits } };
    const units = new Map<string, (readonly [x: number, y: number])[]>();
    for (let i = 0; i < perLook; i += 1) {
      const arm = drawArm(spec, chance);
      const rows = population(chance, arm);
      const sum = rows.reduce((total, value) => total + value, 0);
      const unit = spec.per === "unit" ? ([sum / rows.length, 1] as const) : ([sum, rows.length] as const);
      const before = units.get(arm);
      if (before) before.push(unit);
      else units.set(arm, [unit]);
    }
    for (const [name, own] of units) {
      const measures = { [spec.metric]: gatherMoments(own) };
      arms[name] = { exposed: own.length, matured: own.length, measures };
    }
    cohorts.push({ until: new Date(begun + (cohorts.length + 1) * day).toISOString(), arms });
  }
  const asOf = new Date(begun + cohorts.length * day).toISOString();
  return {
    format: "experiment-summary/1",
    endpoint: "desk",
    experiment: spec.name,
    begun: new Date(begun).toISOString(),
    asOf,
    crossed: 0,
    cohorts,
  };
}

/** The moments of units, all at once. */
function gatherMoments(units: readonly (readonly [x: number, y: number])[]): UnitMoments {
  const [x, y] = [0, 1].map((at) => units.reduce((sum, unit) => sum + (unit[at] as number), 0) / units.length);
  const [meanX = 0, meanY = 0] = [x, y];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [a, b] of units) {
    xx += (a - meanX) ** 2;
    xy += (a - meanX) * (b - meanY);
    yy += (b - meanY) ** 2;
  }
  return { units: units.length, x: meanX, y: meanY, xx, xy, yy };
}

function drawArm({ arms }: ExperimentSpec, chance: Chance): string {
  const drawn = chance() * arms.reduce((sum, { weight }) => sum + weight, 0);
  let end = 0;
  const found = arms.find(({ weight }) => {
    end += weight;
    return drawn < end;
  });
  return (found ?? arms[0])?.name ?? "";
}

export function simulate(simulation: Simulation, chance: Chance): FollowedExperiment {
  return followExperiment(simulation.spec, simulateSummary(simulation, chance));
}

/** An experiment that asks for little, with what a test says otherwise. */
export function specOf(changes: Partial<ExperimentSpec> = {}): ExperimentSpec {
  return {
    name: "bigger",
    arms: [
      { name: "control", model: "late", weight: 5000 },
      { name: "treatment", model: "late-bigger", weight: 5000 },
    ],
    control: "control",
    metric: "label",
    better: "higher",
    per: "row",
    minimum: 0.05,
    guardrails: [],
    alpha: 0.05,
    power: 0.8,
    window: "1 day",
    atMost: "10000 days",
    decide: "recommend",
    ...changes,
  };
}
