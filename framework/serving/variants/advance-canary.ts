/**
 * The decision on a canary: goes on, holds, goes back. Pure, and read by workflows.
 *
 * A step is judged once, when its time is over and there is enough to judge by: by the plain rates, as a team has written them. Looking
 * at a plain rate again and again until it is exceeded once would take back most good versions, so before that only what is beyond
 * doubt counts: a count that would come about in less than one of a thousand looks if the true rate were at its limit, by the bound of
 * Hoeffding (Probability inequalities for sums of bounded random variables, 1963, theorem 1). Too little is never a pass: it holds.
 * @module
 */
import type { AbortRuleSpec, CanarySpec } from "../../definitions/rollout-spec.ts";
import { formatDuration, toSeconds } from "../../definitions/units.ts";
import { countSlower, countTimes, findQuantile, type Seen } from "./evidence-window.ts";

/** What was seen of both versions since a step began. */
export interface CanaryWindow {
  readonly canary: Seen;
  readonly champion: Seen;
}

export interface CanaryState {
  readonly rollout: CanarySpec;
  /** The place of the step among the rollout's. */
  readonly step: number;
  readonly seen: CanaryWindow;
  /** Seconds since the server went by the step. */
  readonly elapsed: number;
}

export type CanaryDecision =
  | { readonly kind: "hold"; readonly why: string }
  /** To the step of this place. */
  | { readonly kind: "advance"; readonly to: number }
  | { readonly kind: "abort"; readonly reasons: readonly string[] }
  /** All callers get the new version. */
  | { readonly kind: "finish" };

/** Decides on a canary by what was seen since its step began. */
export function decideCanary({ rollout, step, seen, elapsed }: CanaryState): CanaryDecision {
  const judged = rollout.abortOn.map((rule) => judge(rule, seen));
  const doubtless = judged.filter(({ isDoubtless }) => isDoubtless);
  if (doubtless.length > 0) return { kind: "abort", reasons: doubtless.map(({ says }) => says) };
  const left = toSeconds(rollout.hold) - elapsed;
  if (left > 0) return { kind: "hold", why: `${formatDuration(Math.ceil(left))} to go` };
  const requests = countRequests(seen.canary);
  const missing = [
    ...(requests < rollout.atLeast ? [`${requests} of ${rollout.atLeast} requests`] : []),
    ...judged.flatMap(({ missing: lacks }) => (lacks === undefined ? [] : [lacks])),
  ];
  if (missing.length > 0) return { kind: "hold", why: `too little to tell by: ${[...new Set(missing)].join(", ")}` };
  const exceeded = judged.filter(({ isAbove }) => isAbove);
  if (exceeded.length > 0) return { kind: "abort", reasons: exceeded.map(({ says }) => says) };
  return moveOn(rollout, step);
}

/** What comes after a step that is passed. */
export function moveOn({ steps }: CanarySpec, step: number): CanaryDecision {
  const next = steps[step + 1];
  return next === undefined || next >= 100 ? { kind: "finish" } : { kind: "advance", to: step + 1 };
}

/** What was seen, in a line: `812 of 100 requests, errors 0.1 %`. */
export function describeSeen({ atLeast, abortOn }: CanarySpec, seen: CanaryWindow): string {
  const parts = abortOn.flatMap((rule) => measure(rule, seen));
  return [`${countRequests(seen.canary)} of ${atLeast} requests`, ...new Set(parts)].join(", ");
}

function countRequests({ answered, failed }: Seen): number {
  return answered + failed;
}

interface Judged {
  /** Whether the limit is exceeded by the plain rate. Of no meaning while something is missing. */
  readonly isAbove: boolean;
  /** Whether it is exceeded beyond doubt, however little was seen. */
  readonly isDoubtless: boolean;
  /** @default there is enough to judge by */
  readonly missing?: string;
  /** What there is to say where it is exceeded. */
  readonly says: string;
}

function judge(rule: AbortRuleSpec, { canary, champion }: CanaryWindow): Judged {
  switch (rule.kind) {
    case "errorRate": {
      const [of, all] = [canary.failed, countRequests(canary)];
      return judgeShare({ of, all, what: "errors", unit: "requests" }, rule);
    }
    case "disagreement": {
      // Where it has no answer and the champion has one, the two do not agree.
      const [of, all] = [canary.disagreed + canary.unanswered, canary.rows + canary.unanswered];
      return judgeShare({ of, all, what: "disagreement", unit: "compared rows" }, rule);
    }
    case "responseTime": {
      const slow = countSlower(canary, rule.above);
      const limit = formatMilliseconds(rule.above);
      return judgeTime(canary, { limit: rule.above, surely: slow, over: rule.over, says: `above ${limit}` });
    }
    case "responseTimeOfChampion": {
      const theirs = findQuantile(champion, tail);
      const enough = countTimes(champion) >= rule.over;
      const limit = rule.factor * (theirs?.value ?? Infinity);
      const surely = enough && theirs ? countSlower(canary, rule.factor * theirs.atMost) : 0;
      const says = `above ${rule.factor} times the champion's ${formatMilliseconds(theirs?.value ?? 0)}`;
      const judged = judgeTime(canary, { limit, surely, over: rule.over, says });
      return enough
        ? judged
        : { ...judged, missing: `${countTimes(champion)} of ${rule.over} answers of the champion` };
    }
  }
}

interface Counted {
  readonly of: number;
  readonly all: number;
  readonly what: string;
  readonly unit: string;
}

function judgeShare({ of, all, what, unit }: Counted, { above, over }: { above: number; over: number }): Judged {
  return {
    isAbove: all > 0 && of / all > above,
    isDoubtless: isBeyondDoubt({ of, all, limit: above }),
    ...(all < over && { missing: `${all} of ${over} ${unit}` }),
    says: `${what} ${formatShare(of, all)} of ${all} ${unit}, above ${formatShare(above, 1)}`,
  };
}

/** The share of answers that are to come in time. */
const tail = 0.99;

interface TimeLimit {
  /** In milliseconds. */
  readonly limit: number;
  /** How many answers surely took longer. */
  readonly surely: number;
  readonly over: number;
  readonly says: string;
}

function judgeTime(seen: Seen, { limit, surely, over, says }: TimeLimit): Judged {
  const all = countTimes(seen);
  const time = findQuantile(seen, tail)?.value ?? 0;
  return {
    isAbove: time > limit,
    isDoubtless: isBeyondDoubt({ of: surely, all, limit: 1 - tail }),
    ...(all < over && { missing: `${all} of ${over} answers` }),
    says: `99 of 100 answers take ${formatMilliseconds(time)} over ${all} answers, ${says}`,
  };
}

/** How unlikely a count must be, were the true rate at its limit. */
const doubt = 0.001;

/** Whether so many of so many are beyond doubt more than a share. */
function isBeyondDoubt({ of, all, limit }: { of: number; all: number; limit: number }): boolean {
  if (all === 0 || of / all <= limit) return false;
  const share = of / all;
  const divergence =
    share * Math.log(share / limit) + (share < 1 ? (1 - share) * Math.log((1 - share) / (1 - limit)) : 0);
  return all * divergence >= -Math.log(doubt);
}

function measure(rule: AbortRuleSpec, { canary, champion }: CanaryWindow): readonly string[] {
  switch (rule.kind) {
    case "errorRate":
      return [`errors ${formatShare(canary.failed, countRequests(canary))}`];
    case "disagreement":
      return [
        `disagreement ${formatShare(canary.disagreed + canary.unanswered, canary.rows + canary.unanswered)} of ${canary.rows + canary.unanswered} rows`,
      ];
    case "responseTime":
      return [sayTime("99 of 100 answers within", canary)];
    case "responseTimeOfChampion":
      return [sayTime("99 of 100 answers within", canary), sayTime("the champion's within", champion)];
  }
}

function sayTime(words: string, seen: Seen): string {
  const time = findQuantile(seen, tail);
  return time ? `${words} ${formatMilliseconds(time.value)}` : `${words} a time that is not known`;
}

/** `0.12 %`; of nothing there is no share. */
function formatShare(of: number, all: number): string {
  return all === 0 ? "none" : `${Number(((of / all) * 100).toPrecision(3))} %`;
}

function formatMilliseconds(value: number): string {
  return Number.isFinite(value) ? `${Number(value.toPrecision(3))} ms` : "longer than is measured";
}
