/**
 * Rollouts: how an endpoint's traffic moves to a new version.
 * @module
 */
import { readOptions } from "./options.ts";
import type { Condition } from "./rollout-condition.ts";
import type { Duration } from "./units.ts";

/** How an endpoint's traffic moves to a new version. */
export type Rollout = AllAtOnce | Canary;

/** All traffic moves at once. */
export interface AllAtOnce {
  readonly kind: "allAtOnce";
}

/** Traffic moves in steps, each on evidence. */
export interface Canary extends CanaryOptions {
  readonly kind: "canary";
}

/** How a canary goes, and what takes it back. */
export interface CanaryOptions {
  /**
   * The share of callers that the new version answers at each step, in per cent: rising, the last one 100. A caller who has it
   * keeps it at the next step.
   * @example [5, 25, 100]
   */
  readonly steps: readonly [number, ...number[], 100];
  /**
   * How long each step but the last is watched at least before it is judged; while nobody can watch, as while the stack is down, it
   * does not pass. More than 0, and not shorter than `matures` of the endpoint's feedback where a condition is of labels.
   * @example "10 minutes"
   */
  readonly hold: Duration;
  /**
   * How many requests the new version must have had at a step before the next one: with fewer the step is held on. A whole number, at
   * least 1.
   * @default 100
   * @example 1000
   */
  readonly atLeast?: number;
  /**
   * What takes the new version back. One at least; all are judged at the end of each step, and before it where a limit is
   * exceeded beyond doubt. A metric is measured on the matured labels of the answers that were given since the step began.
   * @example [errorRate.above(0.01), responseTime.aboveChampion({ factor: 1.5 }), accuracy.belowChampion({ by: 0.02 }).over(500)]
   */
  readonly abortOn: readonly [Condition, ...Condition[]];
  /**
   * The share of the earlier version's answers that the new one is asked for too, unseen by callers, so that the two can be compared.
   * 0 to 1.
   * @default 0
   * @example 0.1
   */
  readonly mirror?: number;
}

/**
 * All traffic moves to the new version at once. It stands in `rollout` of an endpoint.
 *
 * @example
 * endpoint("late-arrival", { model: late, rollout: allAtOnce() })
 */
export function allAtOnce(): Rollout {
  return { kind: "allAtOnce" };
}

/**
 * Traffic moves to a new version step by step, each on what was seen of the step before: it goes on, holds while there is too little to
 * tell by, or goes back to the version before. It stands in `rollout` of an endpoint.
 *
 * @example
 * endpoint("late-arrival", {
 *   model: late,
 *   rollout: canary({ steps: [5, 25, 100], hold: "10 minutes", abortOn: [errorRate.above(0.01)] }),
 * })
 */
export function canary(options: CanaryOptions): Rollout {
  return { ...readOptions(options), kind: "canary" };
}
