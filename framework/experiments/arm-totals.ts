/**
 * What all cohorts up to a look come to, arm by arm. Pure.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import type { ArmCohort } from "./experiment-summary.ts";
import { mergeMeasures, type UnitMoments } from "./unit-moments.ts";

export interface ArmTotals {
  readonly exposed: number;
  readonly matured: number;
  readonly measures: Readonly<Record<string, UnitMoments>>;
}

/** By the names of arms; one without a unit may be missing. */
export type Totals = Readonly<Record<string, ArmTotals>>;

/** The totals with one cohort more. What is of no arm of the experiment, such as the callers of one that was stopped, is left out. */
export function addCohort(
  totals: Totals,
  cohort: Readonly<Record<string, ArmCohort>>,
  { arms }: Pick<ExperimentSpec, "arms">,
): Totals {
  return Object.fromEntries(
    arms.map(({ name }) => {
      const before = totals[name] ?? { exposed: 0, matured: 0, measures: {} };
      const added = Object.hasOwn(cohort, name) ? cohort[name] : undefined;
      return [name, added ? addArm(before, added) : before] as const;
    }),
  );
}

function addArm(before: ArmTotals, added: ArmCohort): ArmTotals {
  return {
    exposed: before.exposed + added.exposed,
    matured: before.matured + added.matured,
    measures: mergeMeasures(before.measures, added.measures),
  };
}
