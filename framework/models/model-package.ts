/**
 * A model package: everything an answer depends on, by digest. Its own digest is the model's digest.
 * @module
 */
import { z } from "zod";
import { taskSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";
import { fittedSteps } from "../features/fitted-step.ts";
import { referenceSchema } from "../store/reference.ts";
import { signatureSchema } from "./probe-verdict.ts";

export const modelPackageSchema = versioned("model-package", {
  model: z.string(),
  /**
   * One input `features`, FLOAT [−1, n], in the order of `inputs`, after `fitted`, categories as codes, missing as NaN. One
   * output: FLOAT [−1, 1] or [−1]; of several classes FLOAT [−1, k], in the order of `classes`.
   */
  onnx: referenceSchema,
  /**
   * What the trainer's own framework answered for some rows: `framework-answers`. @default the trainer wrote ONNX itself, or the
   * package is older than this record
   */
  answers: referenceSchema.optional(),
  task: taskSpec,
  /** What a multiclass label may be: the places of the probabilities. @default the label is none of several classes */
  classes: z.array(z.string()).optional(),
  /** What a caller sends, one tensor per feature, before `fitted`. */
  inputs: z.array(z.strictObject({ name: z.string(), type: z.enum(["number", "boolean", "category"]) })),
  /** The name of the output: `probability` of a binary label being true, `probabilities` of classes, `value` of a regression. */
  output: z.string(),
  /** Fitted preprocessing; see `TrainingSet.categories`. */
  categories: z.record(z.string(), z.array(z.string())),
  /** Fitted preprocessing, which a server applies; see `TrainingSet.fitted`. @default nothing is fitted */
  fitted: fittedSteps.optional(),
  /** The identity of the run and the digests of what went into it. */
  run: z.string(),
  trainingSet: z.string(),
  /** What the trainer stood on: the digest of its lock, and the version of its language. @default the package is older than this record */
  environment: z
    .strictObject({ lock: z.string(), python: z.string().optional(), node: z.string().optional() })
    .optional(),
  /** What admission found of the model's file. @default the package is older than this record */
  signature: signatureSchema.optional(),
  /** One real row, of the validation split or else of the training rows, for `steward predict` without an argument. */
  example: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
});

export type ModelPackage = z.output<typeof modelPackageSchema>;

/** The published projection of a model's entity: what a model server reads at start. Fenced by `generation`. */
export const productionRefSchema = versioned("production", {
  generation: z.int(),
  version: z.int(),
  package: z.string(),
  evaluation: z.string(),
});
export type ProductionRef = z.output<typeof productionRefSchema>;

/** The name of that ref in the store. */
export function productionRefName(model: string): string {
  return `models/${model}/production`;
}
