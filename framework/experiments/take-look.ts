/**
 * A look at an experiment: goes on from the look before, with the cohorts that have ended meanwhile and what the server has counted
 * since. What was decided stays decided, also where labels are corrected later. Pure.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { formatOf } from "../definitions/format.ts";
import type { VariantEvidence } from "../serving/variants/evidence.ts";
import { addSeen, nothingCounted, nothingSeen } from "../serving/variants/evidence-window.ts";
import type { Counted, ExperimentLook, RequestMoments } from "./experiment-look.ts";
import type { ArmCohort, ExperimentSummary } from "./experiment-summary.ts";
import { followExperiment, type KnownLooks } from "./follow-experiment.ts";
import { listRequestGuardrails, measureRequests } from "./request-evidence.ts";
import { lengthOfCohort } from "./summarise-units.ts";
import { mergeMeasures } from "./unit-moments.ts";

export interface LookTerms {
  readonly endpoint: string;
  readonly experiment: ExperimentSpec;
  /** `identifyExperiment` of it. */
  readonly identity: string;
  /** When it is looked at, in milliseconds since 1970. */
  readonly at: number;
  /** As the log tells it now; that of the look before where no cohort has ended since. */
  readonly summary: ExperimentSummary;
  /** The look before, of the same experiment. @default it is the first */
  readonly before?: ExperimentLook | undefined;
  /**
   * A look at this experiment when its endpoint had it before: the arms that it stopped stay so, and all else begins anew. Where there is
   * a look before it counts for nothing, for that one knows of them.
   * @default none stopped an arm
   */
  readonly earlier?: ExperimentLook | undefined;
  /** What the server says of its variants. @default it says nothing */
  readonly seen?: readonly VariantEvidence[];
}

/** Whether the experiment is over by a look: no later one changes what it says. */
export function isFinal({ verdict }: ExperimentLook["decision"]): boolean {
  return verdict !== "continue";
}

/** When the first unit came, in milliseconds since 1970: from then on cohorts are counted. @returns nothing while none has come */
export function findBegin({ summary }: Pick<ExperimentLook, "summary">): number | undefined {
  return summary.begun === summary.asOf ? undefined : Date.parse(summary.begun);
}

/** Whether the log has to be read: a cohort has ended since the look before, or no unit had come by then. */
export function hasNewCohort(
  before: Pick<ExperimentLook, "summary"> | undefined,
  experiment: Pick<ExperimentSpec, "atMost">,
  at: number,
): boolean {
  const begun = before && findBegin(before);
  if (!before || begun === undefined) return true;
  return Math.floor((at - begun) / lengthOfCohort(experiment)) > before.summary.cohorts.length;
}

/** What a look knows that was decided by then, for whoever goes on from it. */
export function knowLooks({ summary, decision }: Pick<ExperimentLook, "summary" | "decision">): KnownLooks {
  return {
    // Before the first unit there was no cohort to be judged.
    until: findBegin({ summary }) === undefined ? "" : decision.asOf,
    ended: decision.comparisons.filter(({ state }) => state !== "running"),
  };
}

/** Looks at an experiment. @returns the look before where that decided it, and where nothing is known that it did not know */
export function takeLook(terms: LookTerms): ExperimentLook {
  const { endpoint, experiment, identity, at, before, earlier } = terms;
  if (before && isFinal(before.decision)) return before;
  const moment = new Date(at).toISOString();
  const asked = listRequestGuardrails(experiment);
  const seen = asked.length > 0 ? (terms.seen ?? []) : [];
  const { added, counted } = countOn(experiment, seen, before?.counted);
  const { summary, open } = carryOn(terms.summary, before);
  const now = { summary, open: mergeArms(open, added) };
  const isNews = summary.cohorts.length > (before?.summary.cohorts.length ?? 0) || Object.keys(added).length > 0;
  const isKnown = before && !isNews && findBegin({ summary }) === findBegin(before);
  // A server that was started anew has counted nothing that decides, and the next look counts on from it all the same.
  if (isKnown && isDeepStrictEqual(counted, before.counted)) return before;
  const known = before ? knowLooks(before) : earlier && { ...knowLooks(earlier), until: "" };
  const decision =
    before && !isNews
      ? before.decision
      : followExperiment(experiment, closeOpen({ ...now, at: moment }), known).decision;
  return {
    format: formatOf("experiment-look"),
    endpoint,
    experiment: experiment.name,
    identity,
    at: moment,
    ...now,
    counted,
    decision,
  };
}

/** The summary that a look decided by: its cohorts, and as the last one what the server saw since. */
export function closeOpen({ summary, open, at }: Pick<ExperimentLook, "summary" | "open" | "at">): ExperimentSummary {
  if (Object.keys(open).length === 0) return summary;
  const last = { until: at, arms: addMeasures({}, open) };
  return { ...summary, asOf: at, cohorts: [...summary.cohorts, last] };
}

/**
 * What the server has counted of the arms since the look before. Of another release, or another process, it counts from nothing.
 *
 * @param before what it had counted by then. @default it is the first look: what is counted already may be of an experiment before this
 * one, whose arms had the same names, and counts for nothing; nor does it where the server has spoken of no arm in any look before
 */
function countOn(
  experiment: ExperimentSpec,
  seen: readonly VariantEvidence[],
  before: Readonly<Record<string, Counted>> | undefined,
): { readonly added: RequestMoments; readonly counted: Record<string, Counted> } {
  const counted: Record<string, Counted> = { ...before };
  const added: RequestMoments = {};
  const isBaseline = Object.keys(before ?? {}).length === 0;
  for (const { name } of experiment.arms) {
    const now = seen.find((one) => one.name === name);
    if (!now) continue;
    const last = before?.[name];
    const isSame = last?.package === now.package && last.version === now.version;
    // What is asked unseen is no request of a caller.
    const { compared: _compared, ...own } = now;
    const since = addSeen(nothingSeen, isSame ? last : nothingCounted, own);
    const measures = isBaseline ? {} : measureRequests(experiment, since);
    if (Object.keys(measures).length > 0) added[name] = measures;
    const { version, package: digest, answered, failed, latency } = now;
    counted[name] = { version, package: digest, answered, failed, latency };
  }
  return { added, counted };
}

/** The summary as it is now with what was seen of requests before; what was open then is in the cohort that has ended since. */
function carryOn(
  summary: ExperimentSummary,
  before: ExperimentLook | undefined,
): Pick<ExperimentLook, "summary" | "open"> {
  if (!before) return { summary, open: {} };
  // It was read again where it is another one: then it has the units alone.
  const carried =
    summary === before.summary
      ? summary.cohorts
      : summary.cohorts.map((cohort) => {
          const past = before.summary.cohorts.find(({ until }) => until === cohort.until);
          return past ? { ...cohort, arms: addMeasures(cohort.arms, pickRequests(past.arms, cohort.arms)) } : cohort;
        });
  const ended = carried.findIndex(({ until }) => Date.parse(until) >= Date.parse(before.at));
  if (ended < 0) return { summary: { ...summary, cohorts: carried }, open: before.open };
  const cohorts = carried.map((cohort, i) =>
    i === ended ? { ...cohort, arms: addMeasures(cohort.arms, before.open) } : cohort,
  );
  return { summary: { ...summary, cohorts }, open: {} };
}

type Arms = Readonly<Record<string, ArmCohort>>;

/** The measures of a cohort that the log knows nothing of: those of requests. */
function pickRequests(past: Arms, now: Arms): RequestMoments {
  return Object.fromEntries(
    Object.entries(past).map(([name, { measures }]) => {
      const own = now[name]?.measures ?? {};
      return [name, Object.fromEntries(Object.entries(measures).filter(([measure]) => !Object.hasOwn(own, measure)))];
    }),
  );
}

function addMeasures(arms: Arms, added: RequestMoments): Record<string, ArmCohort> {
  const next: Record<string, ArmCohort> = { ...arms };
  for (const [name, measures] of Object.entries(added)) {
    const arm = next[name] ?? { exposed: 0, matured: 0, measures: {} };
    next[name] = { ...arm, measures: mergeMeasures(arm.measures, measures) };
  }
  return next;
}

function mergeArms(a: RequestMoments, b: RequestMoments): RequestMoments {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, mergeMeasures(a[name] ?? {}, b[name] ?? {})]));
}
