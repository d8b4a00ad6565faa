/**
 * The decision of an experiment, with the numbers that it was made by. A look that decides nothing has the same form.
 * @module
 */
import { z } from "zod";
import { versioned } from "../definitions/versioned.ts";

/** A difference of an arm to the control, in the metric's unit, with the interval that holds at all looks together. */
const interval = {
  difference: z.number(),
  low: z.number(),
  high: z.number(),
};

/** What is known of one arm beside the control. */
export const comparisonSchema = z.strictObject({
  arm: z.string(),
  /** How many matured units with a label there are, and the metric over them; null where there is none yet. */
  units: z.int(),
  controlUnits: z.int(),
  value: z.number().nullable(),
  controlValue: z.number().nullable(),
  /** @default too little is known yet */
  interval: z.strictObject(interval).optional(),
  /** The chance that any interval of it misses. */
  alpha: z.number(),
  /**
   * `running` while nothing is certain; `stopped` by a guardrail; `same` where what is left is smaller than the minimum; `undecided`
   * where time ran out.
   */
  state: z.enum(["running", "better", "worse", "same", "stopped", "undecided"]),
  /** Since when it is no longer running. @default it runs */
  since: z.iso.datetime().optional(),
});
export type Comparison = z.output<typeof comparisonSchema>;

/** What is known of one guardrail of one arm. */
export const guardrailResultSchema = z.strictObject({
  arm: z.string(),
  measure: z.string(),
  units: z.int(),
  /** How much worse than the control the arm is: below 0 it is better. @default too little is known yet */
  harm: z.number().optional(),
  /** How much worse it is at least, for certain. @default too little is known yet */
  atLeast: z.number().optional(),
  /** How much worse it may be. */
  by: z.number(),
  crossed: z.boolean(),
});
export type GuardrailResult = z.output<typeof guardrailResultSchema>;

export const experimentDecisionSchema = versioned("experiment-decision", {
  endpoint: z.string(),
  experiment: z.string(),
  /** The end of the cohort that decided, or of the last one. */
  asOf: z.iso.datetime(),
  /** How long the experiment had lasted then, in seconds. */
  elapsed: z.number(),
  /** `invalid` where the arms do not have the units that they should. */
  verdict: z.enum(["continue", "winner", "no-winner", "invalid"]),
  /** The arm that won. @default none did */
  winner: z.string().optional(),
  /** The arms whose callers the control answers from now on. */
  stopped: z.array(z.string()),
  /** In words, for people. */
  sentence: z.string(),
  metric: z.string(),
  /** How many units each arm has, by its name: exposed and matured. */
  units: z.record(z.string(), z.strictObject({ exposed: z.int(), matured: z.int() })),
  /** Units whose first requests more than one arm answered: they are exposed, and in no measure. */
  crossed: z.int(),
  /** The always-valid p-values that all units, and those with labels, are dealt as allocated, and the least that passes. */
  mismatch: z.strictObject({ exposed: z.number(), labelled: z.number(), level: z.number() }),
  comparisons: z.array(comparisonSchema),
  guardrails: z.array(guardrailResultSchema),
});
export type ExperimentDecision = z.output<typeof experimentDecisionSchema>;
