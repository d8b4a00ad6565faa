/**
 * Each arm beside the control, at one look. Pure.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { subtractArms } from "./arm-difference.ts";
import type { Totals } from "./arm-totals.ts";
import { informationOf, reachBothSides } from "./confidence-sequence.ts";
import type { Comparison } from "./experiment-decision.ts";
import { type Estimate, estimateRatio } from "./unit-moments.ts";
import { findSide, findsNothing, leastInformation, leastUnits } from "./verdict.ts";

/**
 * The level of each comparison: they share the experiment's evenly (Bonferroni), so that it finds a difference in any arm where
 * there is none with that chance at most.
 */
export function shareAlpha({ alpha, arms }: Pick<ExperimentSpec, "alpha" | "arms">): number {
  return alpha / (arms.length - 1);
}

export function compareArms(spec: ExperimentSpec, totals: Totals): readonly Comparison[] {
  const alpha = shareAlpha(spec);
  const estimate = (arm: string): Estimate | undefined => {
    const moments = totals[arm]?.measures[spec.metric];
    return moments && estimateRatio(moments);
  };
  const control = estimate(spec.control);
  return spec.arms
    .filter(({ name }) => name !== spec.control)
    .map(({ name }): Comparison => {
      const own = estimate(name);
      const known = {
        arm: name,
        units: own?.units ?? 0,
        controlUnits: control?.units ?? 0,
        value: own?.value ?? null,
        controlValue: control?.value ?? null,
        alpha,
        state: "running" as const,
      };
      const { minimum } = spec;
      if (!own || !control || Math.min(own.units, control.units) < leastUnits) return known;
      const { value: difference, variance } = subtractArms(own, control);
      // Of units that are all alike nothing is known of how far off the next one may be.
      if (variance === 0) return known;
      const information = informationOf({ variance, sought: minimum });
      const reach = reachBothSides({ variance, sought: minimum, alpha });
      const interval = { difference, low: difference - reach, high: difference + reach };
      if (information < leastInformation) return { ...known, interval };
      const gain = spec.better === "higher" ? difference : -difference;
      const side = findSide({ difference: gain, reach, minimum });
      const nothing = findsNothing({ difference: gain, reach, minimum }) ? "same" : undefined;
      return { ...known, interval, state: side ?? nothing ?? "running" };
    });
}
