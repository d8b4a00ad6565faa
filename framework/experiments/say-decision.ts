/**
 * A decision in words: one sentence or two for people. Pure.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { formatDuration } from "../definitions/units.ts";
import type { Comparison, ExperimentDecision } from "./experiment-decision.ts";

type Unsaid = Omit<ExperimentDecision, "sentence">;

export function sayDecision(spec: ExperimentSpec, decision: Unsaid): string {
  const { verdict, winner, comparisons, elapsed } = decision;
  const after = `after ${formatDuration(elapsed)}`;
  switch (verdict) {
    case "invalid":
      return `The arms do not have the units that the allocation gives them (${sayMismatch(decision)}): units are lost or counted twice on the way, and nothing can be concluded.`;
    case "winner": {
      const found = comparisons.find(({ arm }) => arm === winner);
      return `Arm "${winner}" is better than "${spec.control}" ${after}: ${found ? sayDifference(spec, found) : ""}.`;
    }
    case "no-winner":
      return `No arm is better than "${spec.control}" ${after}: ${comparisons.map((one) => sayArm(spec, one, decision)).join("; ")}.`;
    case "continue": {
      const out = comparisons.filter(({ state }) => state !== "running");
      const said = out.map((one) => sayArm(spec, one, decision)).join("; ");
      return `Nothing is decided ${after}${said && `; out of it are: ${said}`}.`;
    }
  }
}

function sayMismatch({ mismatch: { exposed, labelled, level } }: Unsaid): string {
  return exposed < level
    ? `p = ${exposed.toPrecision(2)} over all units`
    : `p = ${labelled.toPrecision(2)} over the units with labels`;
}

function sayArm(spec: ExperimentSpec, comparison: Comparison, { guardrails }: Unsaid): string {
  const { arm, state } = comparison;
  const crossed = guardrails.find((one) => one.arm === arm && one.crossed);
  switch (state) {
    case "stopped":
      return `"${arm}" was stopped by a guardrail${crossed ? `: ${crossed.measure} is worse by at least ${formatNumber(crossed.atLeast ?? 0)}, and may be by ${formatNumber(crossed.by)}` : ""}`;
    case "same":
      return `"${arm}" differs by less than ${formatNumber(spec.minimum)}: ${sayDifference(spec, comparison)}`;
    case "worse":
      return `"${arm}" is worse: ${sayDifference(spec, comparison)}`;
    case "better":
      return `"${arm}" is better: ${sayDifference(spec, comparison)}`;
    case "undecided":
      return `of "${arm}" nothing was certain in time: ${sayDifference(spec, comparison)}`;
    case "running":
      return `"${arm}" goes on`;
  }
}

/** What became of an arm, short enough for a line of a history: `treatment is stopped: errors is worse by at least 0.012 of 0.002`. */
export function sayEnd(spec: Pick<ExperimentSpec, "metric">, comparison: Comparison, { guardrails }: Unsaid): string {
  const { arm, state, interval } = comparison;
  const crossed = guardrails.find((one) => one.arm === arm && one.crossed);
  const difference = interval
    ? `: ${spec.metric} ${formatSigned(interval.difference)} [${formatSigned(interval.low)}, ${formatSigned(interval.high)}]`
    : "";
  if (state === "stopped" && crossed) {
    const { measure, atLeast = 0, by } = crossed;
    return `${arm} is stopped: ${measure} worse by at least ${formatNumber(atLeast)}, ${formatNumber(by)} allowed`;
  }
  const states = {
    running: "goes on",
    better: "is better",
    worse: "is worse",
    same: "is no better",
    stopped: "is stopped",
    undecided: "is undecided",
  };
  return `${arm} ${states[state]}${difference}`;
}

/** `accuracy differs by +0.012 [+0.004, +0.020] over 12,000 and 11,950 units`. */
export function sayDifference(
  { metric }: Pick<ExperimentSpec, "metric">,
  { interval, units, controlUnits }: Comparison,
): string {
  const over = `over ${units.toLocaleString("en")} and ${controlUnits.toLocaleString("en")} units`;
  if (!interval) return `too little is known of ${metric}, ${over}`;
  const { difference, low, high } = interval;
  return `${metric} differs by ${formatSigned(difference)} [${formatSigned(low)}, ${formatSigned(high)}] ${over}`;
}

export function formatSigned(value: number): string {
  return `${value < 0 ? "−" : "+"}${formatNumber(Math.abs(value))}`;
}

/** Three digits that say something, with the sign of `formatSigned` where it is negative. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 }).replace("-", "−");
}
