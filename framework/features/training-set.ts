/**
 * A training set: examples with features as they were known at each example's time, split by time, immutable.
 * @module
 */
import { z } from "zod";
import { taskSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";
import { referenceSchema } from "../store/reference.ts";
import { fittedSteps } from "./fitted-step.ts";

/** Columns of a split's Parquet file besides the features, which go by their own names. */
export const reservedColumns = { label: "__label", time: "__time", slicePrefix: "__slice_" } as const;

const split = z.strictObject({ object: referenceSchema, rows: z.int(), from: z.string(), to: z.string() });

export const trainingSetSchema = versioned("training-set", {
  identity: z.string(),
  task: taskSpec,
  /** What a multiclass label may be: a row's label is the place of its class here, from 0. @default the label is none of several classes */
  classes: z.array(z.string()).optional(),
  /**
   * In the order of the model's inputs. Numbers are DOUBLE, booleans 0 or 1 as DOUBLE, categories VARCHAR; null is missing.
   * The splits have them as a caller would send them, before `fitted`.
   */
  features: z.array(z.strictObject({ name: z.string(), type: z.enum(["number", "boolean", "category"]) })),
  /** Fitted on the training rows: each category's values, sorted; a value's code is its index, an unseen or missing one is −1. */
  categories: z.record(z.string(), z.array(z.string())),
  /** Preprocessing with the constants of the training rows, by feature: what a model gets is made by it. @default nothing is fitted */
  fitted: fittedSteps.optional(),
  /** The mean label of the training rows: the answer of somebody who looks at nothing. */
  prior: z.number(),
  /** The share of each class among the training rows, of which `prior` is the largest then. @default the label is none of several classes */
  priors: z.array(z.number()).optional(),
  splits: z.strictObject({ train: split, validation: split, test: split }),
  /** Columns of the spine kept as `__slice_<name>` for evaluation: strings and booleans. */
  slices: z.array(z.string()),
  /**
   * The rows at which each feature set was computed as a server does, by the set's name: how many, and the digest of them and
   * the features' values. @default a training set that was built before this was kept
   */
  golden: z.record(z.string(), z.strictObject({ digest: z.string(), rows: z.int() })).optional(),
});

export type TrainingSet = z.output<typeof trainingSetSchema>;
