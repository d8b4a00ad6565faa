/**
 * An experiment from its first cohort on, look by look, to the first that decides it. Pure: the same summary gives the same decision,
 * whenever it is asked, and cohorts that come later never change one.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { formatOf } from "../definitions/format.ts";
import { toSeconds } from "../definitions/units.ts";
import { type ArmTotals, addCohort, type Totals } from "./arm-totals.ts";
import { compareArms } from "./compare-arms.ts";
import type { Comparison, ExperimentDecision, GuardrailResult } from "./experiment-decision.ts";
import type { ExperimentSummary } from "./experiment-summary.ts";
import { type ArmCount, measureMismatch, mismatchLevel, mismatchProbability } from "./sample-ratio.ts";
import { sayDecision } from "./say-decision.ts";
import { watchGuardrails } from "./watch-guardrails.ts";

/** What was known at one look. */
export interface Look {
  readonly until: string;
  readonly comparisons: readonly Comparison[];
  readonly guardrails: readonly GuardrailResult[];
  readonly mismatch: ExperimentDecision["mismatch"];
}

/** What was decided by earlier looks, and stays so: labels that were corrected since decide nothing once more. */
export interface KnownLooks {
  /** Until when cohorts had been looked at. Later ones alone are judged. */
  readonly until: string;
  /** The arms that had ended by then, as they were when they did. */
  readonly ended: readonly Comparison[];
}

export interface FollowedExperiment {
  /** One for each cohort, up to the one that decided. */
  readonly looks: readonly Look[];
  readonly decision: ExperimentDecision;
}

/** The arms that run no longer, as they were when they ended: they get no units any more. */
type Ended = ReadonlyMap<string, Comparison>;
type Largest = Readonly<Record<"exposed" | "labelled", number>>;

/**
 * Follows an experiment through all cohorts of a summary.
 *
 * @param known what earlier looks have decided. @default there were none
 */
export function followExperiment(
  spec: ExperimentSpec,
  summary: ExperimentSummary,
  known?: KnownLooks,
): FollowedExperiment {
  const looks: Look[] = [];
  let totals: Totals = {};
  let ended: Ended = new Map();
  let largest: Largest = { exposed: 0, labelled: 0 };
  const final = summary.cohorts.at(-1);
  if (!final) ended = new Map(pickEnded(known, summary.asOf).map((one) => [one.arm, one] as const));
  for (const cohort of summary.cohorts) {
    const isJudged = known === undefined || cohort.until > known.until;
    // What is said at last is as of the summary, also of an arm that ended since the last cohort did.
    const past = isJudged ? (known?.ended ?? []) : pickEnded(known, cohort === final ? summary.asOf : cohort.until);
    ended = new Map([...ended, ...past.map((one) => [one.arm, one] as const)]);
    totals = addCohort(totals, cohort.arms, spec);
    largest = raise(largest, spec, { totals, ended });
    const look = lookAt(spec, { until: cohort.until, begun: summary.begun, totals, ended, largest });
    looks.push(look);
    if (!isJudged) continue;
    ended = new Map(look.comparisons.flatMap((one) => (one.state === "running" ? [] : [[one.arm, one] as const])));
    if (findVerdict(look) !== "continue") break;
  }
  const last = looks.at(-1) ?? lookAt(spec, { until: summary.asOf, begun: summary.begun, totals, ended, largest });
  return { looks, decision: describe({ spec, summary, totals }, last) };
}

/** The arms that had ended by a moment. */
function pickEnded(known: KnownLooks | undefined, by: string): readonly Comparison[] {
  return (known?.ended ?? []).filter(({ since = "" }) => since <= by);
}

interface Known {
  readonly until: string;
  readonly begun: string;
  readonly totals: Totals;
  readonly ended: Ended;
  readonly largest: Largest;
}

function lookAt(spec: ExperimentSpec, { until, begun, totals, ended, largest }: Known): Look {
  const guardrails = watchGuardrails(spec, totals);
  const isOver = secondsBetween(begun, until) >= toSeconds(spec.atMost);
  const comparisons = compareArms(spec, totals).map((found): Comparison => {
    const before = ended.get(found.arm);
    if (before) return before;
    const isStopped = guardrails.some(({ arm, crossed }) => arm === found.arm && crossed);
    const state = isStopped ? "stopped" : found.state === "running" && isOver ? "undecided" : found.state;
    return { ...found, state, ...(state !== "running" && { since: until }) };
  });
  const mismatch = {
    exposed: mismatchProbability(largest.exposed),
    labelled: mismatchProbability(largest.labelled),
    level: mismatchLevel,
  };
  return { until, comparisons, guardrails, mismatch };
}

/** The largest evidence against the allocation so far. Arms that have ended get no units any more and are left out. */
function raise(largest: Largest, spec: ExperimentSpec, { totals, ended }: Pick<Known, "totals" | "ended">): Largest {
  const arms = spec.arms.filter(({ name }) => !ended.has(name));
  const counts = (unitsOf: (arm: ArmTotals | undefined) => number): ArmCount[] =>
    arms.map(({ name, weight }) => ({ share: weight, units: unitsOf(totals[name]) }));
  const exposed = measureMismatch(counts((arm) => arm?.exposed ?? 0));
  const labelled = measureMismatch(counts((arm) => arm?.measures[spec.metric]?.units ?? 0));
  return { exposed: Math.max(largest.exposed, exposed), labelled: Math.max(largest.labelled, labelled) };
}

function findVerdict({ comparisons, mismatch }: Look): ExperimentDecision["verdict"] {
  if (mismatch.exposed < mismatch.level || mismatch.labelled < mismatch.level) return "invalid";
  if (comparisons.some(({ state }) => state === "better")) return "winner";
  return comparisons.some(({ state }) => state === "running") ? "continue" : "no-winner";
}

interface Subject {
  readonly spec: ExperimentSpec;
  readonly summary: ExperimentSummary;
  readonly totals: Totals;
}

function describe({ spec, summary, totals }: Subject, look: Look): ExperimentDecision {
  const verdict = findVerdict(look);
  const winner = verdict === "winner" ? findBest(spec, look.comparisons) : undefined;
  const ended = look.comparisons.filter(({ state }) => state !== "running" && state !== "better");
  const decision = {
    format: formatOf("experiment-decision"),
    endpoint: summary.endpoint,
    experiment: spec.name,
    asOf: look.until,
    elapsed: secondsBetween(summary.begun, look.until),
    verdict,
    ...(winner !== undefined && { winner }),
    stopped: ended.map(({ arm }) => arm),
    metric: spec.metric,
    units: Object.fromEntries(
      spec.arms.map(({ name }) => {
        const { exposed = 0, matured = 0 } = totals[name] ?? {};
        return [name, { exposed, matured }] as const;
      }),
    ),
    crossed: summary.crossed,
    mismatch: look.mismatch,
    comparisons: [...look.comparisons],
    guardrails: [...look.guardrails],
  };
  return { ...decision, sentence: sayDecision(spec, decision) };
}

/** Of several that are better, the one that is so by the most, for certain. */
function findBest({ better }: ExperimentSpec, comparisons: readonly Comparison[]): string | undefined {
  const gain = ({ interval }: Comparison) => (interval ? (better === "higher" ? interval.low : -interval.high) : 0);
  const [best] = comparisons.filter(({ state }) => state === "better").sort((a, b) => gain(b) - gain(a));
  return best?.arm;
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
