/**
 * Conditions: what takes a canary back.
 * @module
 */
import { readOptions } from "./options.ts";
import type { Duration } from "./units.ts";

/** How long an answer may take: `"50 ms"`, `"2 seconds"`. */
export type ResponseTime = `${number} ms` | Extract<Duration, `${string} second` | `${string} seconds`>;

/** What takes a canary back, as it is written. */
export interface WrittenRule {
  readonly kind:
    | "errorRate"
    | "responseTime"
    | "responseTimeOfChampion"
    | "disagreement"
    | "metricBelow"
    | "metricAbove"
    | "metricBelowChampion"
    | "metricAboveChampion";
  readonly above?: number | ResponseTime;
  readonly factor?: number;
  /** The name of a metric of matured labels. @default it is another measure */
  readonly metric?: string;
  readonly below?: number;
  readonly by?: number;
  /** @default as many as the canary must answer at each step */
  readonly over?: number;
}

/** A condition that takes a canary back where it holds. It stands in `abortOn` of a canary. */
export interface Condition {
  readonly kind: "condition";
  readonly rule: WrittenRule;
}

/** A condition that takes its least number of requests from the canary, unless it is told another. */
export interface OpenCondition extends Condition {
  /**
   * How many there must be before the condition counts: requests of the canary, of a disagreement rows that were compared, of a metric
   * matured labels, of the champion too where it is compared with that. With fewer it is inconclusive, and the canary does not go on. A
   * whole number, at least 1.
   * @default "atLeast" of the canary
   * @example errorRate.above(0.01).over(500)
   */
  over(requests: number): Condition;
}

/** A measure of a canary, with a limit that is its own. */
export interface Measure<L> {
  /**
   * Takes the canary back when it is above this.
   * @example errorRate.above(0.01)
   */
  above(limit: L): OpenCondition;
}

/** What a canary is compared with. */
export interface ChampionOptions {
  /**
   * How many times the champion's time the canary's may be. 1 or more.
   * @example 1.5
   */
  readonly factor: number;
}

/** How much worse than the champion a canary may be. */
export interface BelowChampion {
  /**
   * How much, in the metric's unit. More than 0.
   * @example 0.02
   */
  readonly by: number;
}

/** A measure that can be compared with the champion's. */
export interface ComparedMeasure<L> extends Measure<L> {
  /**
   * Takes the canary back when it is above that many times the champion's, of the answers that both give meanwhile.
   * @example responseTime.aboveChampion({ factor: 1.5 })
   */
  aboveChampion(options: ChampionOptions): OpenCondition;
}

/** The share of the canary's requests that it had no answer for, through no fault of their callers. 0 to 1. */
export const errorRate: Measure<number> = { above: (limit) => createCondition({ kind: "errorRate", above: limit }) };

/** How long 99 of 100 of the canary's answers take at most, from a request's arrival. At most 10 seconds. */
export const responseTime: ComparedMeasure<ResponseTime> = {
  above: (limit) => createCondition({ kind: "responseTime", above: limit }),
  aboveChampion: (options) => createCondition({ ...readOptions(options), kind: "responseTimeOfChampion" }),
};

/**
 * The share of rows on which canary and champion disagree: another label, or a number that differs by more than a thousandth of the
 * larger. It needs `mirror`, which has both answer the same rows. 0 to 1.
 */
export const disagreement: Measure<number> = {
  above: (limit) => createCondition({ kind: "disagreement", above: limit }),
};

/** Makes a condition of a rule. */
export function createCondition(rule: WrittenRule): OpenCondition {
  return {
    kind: "condition",
    rule,
    over: (requests) => ({ kind: "condition", rule: { ...rule, over: requests } }),
  };
}
