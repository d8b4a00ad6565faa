/**
 * The guardrails of each arm, at one look. Pure.
 * @module
 */
import type { ExperimentSpec, GuardrailSpec } from "../definitions/experiment-spec.ts";
import { subtractArms } from "./arm-difference.ts";
import type { Totals } from "./arm-totals.ts";
import { reachOneSide } from "./confidence-sequence.ts";
import type { GuardrailResult } from "./experiment-decision.ts";
import { nameMeasure } from "./experiment-summary.ts";
import { estimateRatio } from "./unit-moments.ts";
import { leastUnits } from "./verdict.ts";

/**
 * Holds every arm against every guardrail. Their level is the experiment's once more, shared evenly among all of them (Bonferroni):
 * an arm that is no worse than it may be is stopped by any of them, at any look, with that chance at most. A stop in error
 * costs the arm and never makes a winner, so the level of the comparisons is not spent on it.
 */
export function watchGuardrails(spec: ExperimentSpec, totals: Totals): readonly GuardrailResult[] {
  const arms = spec.arms.filter(({ name }) => name !== spec.control);
  const alpha = spec.alpha / Math.max(1, arms.length * spec.guardrails.length);
  return arms.flatMap(({ name }) =>
    spec.guardrails.map((guardrail) => watch(guardrail, { arm: name, control: spec.control, alpha, totals })),
  );
}

interface Watched {
  readonly arm: string;
  readonly control: string;
  readonly alpha: number;
  readonly totals: Totals;
}

function watch(guardrail: GuardrailSpec, { arm, control, alpha, totals }: Watched): GuardrailResult {
  const measure = nameMeasure(guardrail);
  const { by } = guardrail;
  const [own, other] = [arm, control].map((name) => {
    const moments = totals[name]?.measures[measure];
    return moments && estimateRatio(moments);
  });
  const known = { arm, measure, units: own?.units ?? 0, by, crossed: false };
  if (!own || !other || Math.min(own.units, other.units) < leastUnits) return known;
  const { value: difference, variance } = subtractArms(own, other);
  const harm = guardrail.better === "lower" ? difference : -difference;
  // Of units that are all alike nothing is known of how far off the next one may be.
  if (variance === 0) return { ...known, harm };
  const atLeast = harm - reachOneSide({ variance, sought: by, alpha });
  return { ...known, harm, atLeast, crossed: atLeast > by };
}
