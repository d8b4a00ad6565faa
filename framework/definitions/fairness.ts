/**
 * Fairness: a gate on how differently a model treats groups of people.
 * @module
 */
import type { Gate } from "./gate.ts";
import { infer } from "./inferred.ts";
import { readOptions } from "./options.ts";

/** What is compared between groups, and by which measure of each. */
export const fairnessMeasures = {
  "demographic-parity": "selection-rate",
  "equal-opportunity": "recall",
  calibration: "calibration-error",
} as const;

/** What a fairness gate compares between groups. */
export type FairnessMetric = keyof typeof fairnessMeasures;

/** What a fairness gate asks. */
export interface FairnessOptions<C extends string> {
  /**
   * The string or boolean column of the examples whose values are the groups.
   * @example "carrier"
   */
  readonly by: C;
  /**
   * What is compared. `demographic-parity`: the share of rows that are said to be true. `equal-opportunity`: of the true rows, the
   * share that are said to be. `calibration`: how far the probabilities are from what came true, where the worst group alone
   * counts.
   * @example "equal-opportunity"
   */
  readonly metric: FairnessMetric;
  /**
   * How far the highest and the lowest group may be apart; for `calibration`, how far off any may be. 0 to 1.
   * @example 0.1
   */
  readonly maxGap: number;
  /**
   * The least rows a group must have to count; one with fewer is listed and left out. A whole number, at least 1.
   * @example 500
   */
  readonly min: number;
}

/**
 * Asks that groups are treated alike. It stands in `gates` of a model with a boolean label. With fewer than two groups that count
 * it is inconclusive, which is no pass.
 *
 * @example
 * fairness({ by: "carrier", metric: "equal-opportunity", maxGap: 0.1, min: 500 })
 */
export function fairness<const C extends string>(options: FairnessOptions<C>): Gate<never, C> {
  const { by, min, ...rest } = readOptions(options);
  const rule = { kind: "fairness", ...rest, slice: { column: by, min } } as const;
  // It is on no metric that the model computes, and so fits every model.
  return infer<Gate<never, C>>({ kind: "gate", metric: rest.metric as never, rule });
}
