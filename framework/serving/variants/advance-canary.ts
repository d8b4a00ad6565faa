/**
 * The decision on a canary: goes on, holds, goes back. Pure, and read by workflows.
 *
 * A step is judged once, when its time is over and there is enough to judge by: by the plain rates, as a team has written them. Looking
 * at a plain rate again and again until it is exceeded once would take back most good versions, so before that only what is beyond
 * doubt counts: `isBeyondDoubt`. Too little is never a pass: it holds.
 * @module
 */
import { type AbortRuleSpec, type CanarySpec, isOfLabels } from "../../definitions/rollout-spec.ts";
import { formatDuration, toSeconds } from "../../definitions/units.ts";
import { isBeyondDoubt } from "./beyond-doubt.ts";
import { countSlower, countTimes, findQuantile, type Seen } from "./evidence-window.ts";
import { describeLabels, judgeLabels, type LabelEvidence } from "./judge-labels.ts";

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
  /** Seconds for which the server went by the step and was watched. */
  readonly elapsed: number;
  /** What the matured labels of the step's answers say. @default nothing is known of them */
  readonly labels?: LabelEvidence | undefined;
  /** Why what they say is not yet what counts at the end of a step. @default it is */
  readonly unread?: string | undefined;
}

export type CanaryDecision =
  | { readonly kind: "hold"; readonly why: string }
  /** To the step of this place. */
  | { readonly kind: "advance"; readonly to: number }
  | { readonly kind: "abort"; readonly reasons: readonly string[] }
  /** All callers get the new version. */
  | { readonly kind: "finish" };

/** Decides on a canary by what was seen since its step began. */
export function decideCanary({ rollout, step, seen, elapsed, labels, unread }: CanaryState): CanaryDecision {
  const { ended = 0 } = seen.canary;
  if (ended >= mostEnded) return { kind: "abort", reasons: [sayEnded(ended)] };
  const judged = rollout.abortOn.map((rule) => (isOfLabels(rule) ? judgeLabels(rule, labels) : judge(rule, seen)));
  const doubtless = judged.filter(({ isDoubtless }) => isDoubtless);
  if (doubtless.length > 0) return { kind: "abort", reasons: doubtless.map(({ says }) => says) };
  const left = toSeconds(rollout.hold) - elapsed;
  if (left > 0) return { kind: "hold", why: `${formatDuration(Math.ceil(left))} to go` };
  const requests = countRequests(seen.canary);
  const missing = [
    ...(requests < rollout.atLeast ? [`${requests} of ${rollout.atLeast} requests`] : []),
    ...judged.flatMap(({ missing: lacks }) => (lacks === undefined ? [] : [lacks])),
    ...(unread !== undefined && rollout.abortOn.some(isOfLabels) ? [unread] : []),
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

/**
 * With so many processes that ended while a version answered it is taken back, whatever its conditions say. One may have been ended by
 * something else, as by a machine without memory.
 */
const mostEnded = 2;

/** What was seen, in a line: `812 of 100 requests, errors 0.1 %, accuracy 0.81 of 612 labels (champion 0.83 of 2,410)`. */
export function describeSeen({ atLeast, abortOn }: CanarySpec, seen: CanaryWindow, labels?: LabelEvidence): string {
  const parts = abortOn.flatMap((rule) =>
    isOfLabels(rule) ? [describeLabels(rule.metric, labels)] : measure(rule, seen),
  );
  const { ended = 0 } = seen.canary;
  const ends = ended > 0 ? [sayEnded(ended)] : [];
  return [`${countRequests(seen.canary)} of ${atLeast} requests`, ...new Set(parts), ...ends].join(", ");
}

function sayEnded(count: number): string {
  return `${count} ${count === 1 ? "process" : "processes"} ended while it answered`;
}

function countRequests({ answered, failed }: Seen): number {
  return answered + failed;
}

/** What is to be said of one condition. */
export interface Judged {
  /** Whether the limit is exceeded by the plain rate. Of no meaning while something is missing. */
  readonly isAbove: boolean;
  /** Whether it is exceeded beyond doubt, however little was seen. */
  readonly isDoubtless: boolean;
  /** @default there is enough to judge by */
  readonly missing?: string;
  /** What there is to say where it is exceeded. */
  readonly says: string;
}

type SeenRule = Exclude<AbortRuleSpec, { readonly metric: string }>;

function judge(rule: SeenRule, { canary, champion }: CanaryWindow): Judged {
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

function measure(rule: SeenRule, { canary, champion }: CanaryWindow): readonly string[] {
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
