/**
 * What an endpoint's server saw of requests, as measures of an experiment: the shares of requests that failed, and of answers that were
 * slow. What was not answered is in no log and known by no unit, so here each request counts by itself, as if it were independent of
 * the others: an interval is narrower than it should be where failures come in bursts that hit one arm alone. Pure.
 * @module
 */
import type { ExperimentSpec, GuardrailSpec } from "../definitions/experiment-spec.ts";
import type { VariantEvidence } from "../serving/variants/evidence.ts";
import {
  addSeen as addWindow,
  countSlower,
  countTimes,
  nothingCounted,
  nothingSeen,
  type Seen,
} from "../serving/variants/evidence-window.ts";
import { type ArmCohort, type ExperimentSummary, isOfRequests, nameMeasure } from "./experiment-summary.ts";
import { mergeMoments, noUnits, type UnitMoments } from "./unit-moments.ts";

/** What was seen of each arm from one reading of the server to the next. */
export interface SeenOfArms {
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  /** By the names of arms, what happened since the reading before. */
  readonly arms: Readonly<Record<string, Seen>>;
}

/** The guardrails that are of requests, whatever their labels. */
export function listRequestGuardrails({ guardrails }: Pick<ExperimentSpec, "guardrails">): readonly GuardrailSpec[] {
  return guardrails.filter(({ metric }) => isOfRequests(metric));
}

/** What was seen of an arm, as the measures of an experiment's guardrails; without those of which nothing was seen. */
export function measureRequests(
  { guardrails }: Pick<ExperimentSpec, "guardrails">,
  seen: Seen,
): Record<string, UnitMoments> {
  const { measures } = addSeen(nothing, listRequestGuardrails({ guardrails }), seen);
  return Object.fromEntries(Object.entries(measures).filter(([, { units }]) => units > 0));
}

/** A summary with what was seen of requests in the cohorts in which it was seen; what is later than all of them waits for the next. */
export function addEvidence(
  summary: ExperimentSummary,
  { guardrails }: Pick<ExperimentSpec, "guardrails">,
  seen: readonly SeenOfArms[],
): ExperimentSummary {
  const asked = listRequestGuardrails({ guardrails });
  let from = Number.NEGATIVE_INFINITY;
  const cohorts = summary.cohorts.map((cohort) => {
    const until = Date.parse(cohort.until);
    const within = seen.filter(({ at }) => at > from && at <= until);
    from = until;
    let arms: Readonly<Record<string, ArmCohort>> = cohort.arms;
    for (const reading of within)
      for (const [arm, one] of Object.entries(reading.arms)) arms = { ...arms, [arm]: addSeen(arms[arm], asked, one) };
    return { ...cohort, arms: { ...arms } };
  });
  return { ...summary, cohorts };
}

/**
 * A summary with all that a server has counted of its arms by now, in the last cohort: for whoever reads the server once. It has counted
 * since it was started, or since an arm had another release.
 *
 * @param seen what the server says of its variants. @default it says nothing
 * @returns the names of the measures too of which nothing is known
 */
export function addReading(
  summary: ExperimentSummary,
  { arms, guardrails }: Pick<ExperimentSpec, "arms" | "guardrails">,
  seen: readonly VariantEvidence[] = [],
): { readonly summary: ExperimentSummary; readonly unseen: readonly string[] } {
  const asked = listRequestGuardrails({ guardrails });
  const last = summary.cohorts.at(-1);
  const readings = seen.filter((one) => arms.some(({ name }) => name === one.name));
  if (!last || readings.length === 0) return { summary, unseen: asked.map(nameMeasure) };
  const all = readings.map((one) => [one.name, addWindow(nothingSeen, nothingCounted, one)] as const);
  const reading = { at: Date.parse(last.until), arms: Object.fromEntries(all) };
  return { summary: addEvidence(summary, { guardrails }, [reading]), unseen: [] };
}

const nothing: ArmCohort = { exposed: 0, matured: 0, measures: {} };

function addSeen(arm: ArmCohort = nothing, asked: readonly GuardrailSpec[], seen: Seen): ArmCohort {
  const measures = { ...arm.measures };
  for (const guardrail of asked) {
    const name = nameMeasure(guardrail);
    const share =
      guardrail.metric === "errors"
        ? countShare(seen.failed, seen.answered + seen.failed)
        : countShare(countSlower(seen, guardrail.over ?? 0), countTimes(seen));
    measures[name] = mergeMoments(measures[name] ?? noUnits, share);
  }
  return { ...arm, measures };
}

/** The moments of so many requests of which some are counted. */
function countShare(hits: number, all: number): UnitMoments {
  if (all === 0) return noUnits;
  return { units: all, x: hits / all, y: 1, xx: hits * (1 - hits / all), xy: 0, yy: 0 };
}
