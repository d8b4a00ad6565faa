/**
 * An experiment for a terminal.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { formatDuration } from "../definitions/units.ts";
import type { ExperimentDecision } from "../experiments/experiment-decision.ts";
import { findValue, sayMismatch } from "../experiments/experiment-page.ts";
import type { ExperimentSummary } from "../experiments/experiment-summary.ts";
import type { ExperimentPlan } from "../experiments/plan-experiment.ts";
import { formatNumber, formatSigned, sayDifference } from "../experiments/say-decision.ts";
import { lengthOfCohort } from "../experiments/summarise-units.ts";
import { formatTable } from "./table.ts";

export function formatExperiment(spec: ExperimentSpec, decision: ExperimentDecision): readonly string[] {
  const { comparisons, guardrails, units } = decision;
  const arms = spec.arms.map(({ name, weight }) => {
    const { exposed = 0, matured = 0 } = units[name] ?? {};
    const value = findValue(name, comparisons, spec.control);
    const state = comparisons.find(({ arm }) => arm === name)?.state ?? "control";
    return [
      name,
      state,
      `${weight / 100} %`,
      exposed.toLocaleString("en"),
      matured.toLocaleString("en"),
      value === null ? "–" : formatNumber(value),
    ];
  });
  const rails = guardrails.map(({ arm, measure, units: counted, harm, atLeast, by, crossed }) => [
    arm,
    measure,
    counted.toLocaleString("en"),
    harm === undefined ? "–" : formatSigned(harm),
    atLeast === undefined ? "–" : formatSigned(atLeast),
    formatNumber(by),
    crossed ? "crossed" : "",
  ]);
  return [
    `experiment ${spec.name} on endpoint ${decision.endpoint}, as of ${decision.asOf}`,
    decision.sentence,
    "",
    ...formatTable([["arm", "state", "share", "units", "matured", spec.metric], ...arms]),
    ...comparisons.map((one) => `  ${one.arm}: ${sayDifference(spec, one)}`),
    `  ${sayMismatch(decision)}`,
    ...(rails.length > 0
      ? ["", ...formatTable([["arm", "guardrail", "units", "worse by", "at least", "allowed", ""], ...rails])]
      : []),
  ];
}

/** Since when something is known, where no cohort has ended: nothing is counted before. Nothing once one has. Pure. */
export function sayFirstCohort(
  experiment: Pick<ExperimentSpec, "atMost">,
  { begun, cohorts }: Pick<ExperimentSummary, "begun" | "cohorts">,
): readonly string[] {
  if (cohorts.length > 0) return [];
  const length = lengthOfCohort(experiment);
  const first = new Date(Date.parse(begun) + length).toISOString();
  return [
    `  units are counted every ${formatDuration(Math.max(1, Math.round(length / 1000)))}, a 240th of "atMost": none is before ${first}`,
  ];
}

/** How long an experiment takes, arm by arm. @param daily how many units come in a day. @default nobody knows */
export function formatExperimentPlan(
  plans: readonly (readonly [arm: string, plan: ExperimentPlan])[],
  { power, minimum }: Pick<ExperimentSpec, "power" | "minimum">,
  daily?: number,
): readonly string[] {
  const last = (units: number): string =>
    daily === undefined ? units.toLocaleString("en") : `${units.toLocaleString("en")} (${formatDays(units / daily)})`;
  const rows = plans.map(([arm, { fixed, most, expected }]) => [
    arm,
    last(fixed),
    last(most),
    last(expected.minimum),
    last(expected.none),
  ]);
  const head = [
    "arm",
    "looked at once",
    "watched, at most",
    `where it differs by ${formatNumber(minimum)}`,
    "where it does not",
  ];
  return [
    `units of all arms, to find a difference of ${formatNumber(minimum)} with a chance of ${formatNumber(power)}`,
    ...formatTable([head, ...rows]),
  ];
}

function formatDays(days: number): string {
  const whole = Math.ceil(days);
  return `${whole.toLocaleString("en")} ${whole === 1 ? "day" : "days"}`;
}
