/**
 * The spec of a rollout: how an endpoint's traffic moves to a new version, as data.
 * @module
 */
import { z } from "zod";
import { duration } from "./units.ts";

/** How many answers of the canary a condition needs before it counts. */
const over = z.int().min(1).max(1_000_000_000);
const share = z.number().min(0).max(1);

const metric = z.string();

/** What is expected of a condition. */
export const ruleForms =
  "errorRate.above(…), responseTime.above(…), responseTime.aboveChampion(…), disagreement.above(…), or one of a metric, such as accuracy.below(…)";

/** What takes a canary back. */
export const abortRuleSpec = z.discriminatedUnion(
  "kind",
  [
    /** The share of its requests that it has no answer for. */
    z.strictObject({ kind: z.literal("errorRate"), above: share, over }),
    /** How long 99 of 100 of its answers take at most, in milliseconds. */
    z.strictObject({ kind: z.literal("responseTime"), above: z.number().positive().max(10_000), over }),
    /** The same, as a multiple of the champion's meanwhile. */
    z.strictObject({ kind: z.literal("responseTimeOfChampion"), factor: z.number().min(1).max(1_000), over }),
    /** The share of rows, of those it was asked for unseen, on which it and the champion disagree. */
    z.strictObject({ kind: z.literal("disagreement"), above: share, over }),
    /** A metric on the matured labels of its answers, of which higher values are better, and one of which lower ones are. */
    z.strictObject({ kind: z.literal("metricBelow"), metric, below: z.number(), over }),
    z.strictObject({ kind: z.literal("metricAbove"), metric, above: z.number(), over }),
    /** The same beside the champion's meanwhile: by how much it may be worse, in the metric's unit. */
    z.strictObject({ kind: z.literal("metricBelowChampion"), metric, by: z.number().positive(), over }),
    z.strictObject({ kind: z.literal("metricAboveChampion"), metric, by: z.number().positive(), over }),
  ],
  ruleForms,
);
export type AbortRuleSpec = z.output<typeof abortRuleSpec>;
/** One that is decided on matured labels. */
export type LabelRuleSpec = Extract<AbortRuleSpec, { readonly metric: string }>;

/** Whether a condition is decided on matured labels. */
export function isOfLabels(rule: AbortRuleSpec): rule is LabelRuleSpec {
  return "metric" in rule;
}

export const canarySpec = z.strictObject({
  kind: z.literal("canary"),
  /** The share of callers at each step, in per cent: rising, the last one 100. */
  steps: z.array(z.number().positive().max(100)).min(2),
  /** How long each step but the last is watched at least. */
  hold: duration,
  /** How many requests the canary answers at each step at least. */
  atLeast: z.int().min(1),
  /** The share of the champion's answers that it is asked for too, unseen. */
  mirror: share,
  abortOn: z.array(abortRuleSpec).min(1),
  /** How long after its answer a label is final. @default no condition is of labels */
  matures: duration.optional(),
});
export type CanarySpec = z.output<typeof canarySpec>;

export const rolloutSpec = z.discriminatedUnion("kind", [z.strictObject({ kind: z.literal("allAtOnce") }), canarySpec]);

/** A model that is asked beside the endpoint's own, unseen. */
export const shadowSpec = z.strictObject({
  /** The model's name. */
  model: z.string(),
  /** The share of answers that it is asked for too. */
  share: share.positive(),
});
export type ShadowSpec = z.output<typeof shadowSpec>;
