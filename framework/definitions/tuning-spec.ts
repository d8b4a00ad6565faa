/**
 * The spec of a tuning: how the parameters of a training job are searched, as data.
 * @module
 */
import { z } from "zod";
import { duration } from "./units.ts";

/** What a parameter may be, and how it is drawn. Both bounds are included. */
export const distributionSpec = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("int"),
    low: z.int(),
    high: z.int(),
    scale: z.enum(["linear", "log"]),
    step: z.int().min(1),
  }),
  z.strictObject({ kind: z.literal("float"), low: z.number(), high: z.number(), scale: z.enum(["linear", "log"]) }),
  z.strictObject({ kind: z.literal("choice"), values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1) }),
]);
export type DistributionSpec = z.output<typeof distributionSpec>;

/** A parameter that is searched; with `when` only where another one has that value, its default elsewhere. */
export const searchedSpec = z.strictObject({
  param: z.string(),
  distribution: distributionSpec,
  when: z.strictObject({ param: z.string(), is: z.union([z.string(), z.number(), z.boolean()]) }).optional(),
});
export type SearchedSpec = z.output<typeof searchedSpec>;

/** When a trial that does worse than others at the same step is given up. */
export const prunerSpec = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  /** Worse than the median of earlier trials; `startup` trials and `warmup` steps are let be. */
  z.strictObject({ kind: z.literal("median"), startup: z.int().min(0), warmup: z.int().min(0) }),
  /** Successive halving, asynchronous: the best one in `factor` of those at a rung goes on. */
  z.strictObject({ kind: z.literal("asha"), minSteps: z.int().min(1), factor: z.int().min(2) }),
  z.strictObject({
    kind: z.literal("hyperband"),
    minSteps: z.int().min(1),
    maxSteps: z.int().min(1),
    factor: z.int().min(2),
  }),
]);
export type PrunerSpec = z.output<typeof prunerSpec>;

/** What is sought: a metric of the validation rows. The first objective chooses among trials that none beats in all. */
export const objectiveSpec = z.strictObject({ metric: z.string(), direction: z.enum(["minimize", "maximize"]) });
export type ObjectiveSpec = z.output<typeof objectiveSpec>;

export const tuningSpec = z.strictObject({
  sampler: z.enum(["tpe", "gp", "cma-es", "random", "grid"]),
  pruner: prunerSpec,
  objectives: z.array(objectiveSpec).min(1),
  /** Sorted as written: the order in which a sampler draws them. */
  space: z.array(searchedSpec).min(1),
  /** How many trials at most. */
  trials: z.int().min(1),
  /** How many at a time at most. */
  parallel: z.int().min(1),
  /** What else ends the study: no new trial is begun after it. @default no limit but the trials */
  budget: z.strictObject({ time: duration.optional(), gpuHours: z.number().optional() }),
  /** Which share of the trials may fail before the study does, 0 to 1. */
  failures: z.number().min(0).max(1),
  /** Whether earlier studies of the same job, with the same objectives, are told to the sampler first. */
  warmStart: z.boolean(),
});
export type TuningSpec = z.output<typeof tuningSpec>;
