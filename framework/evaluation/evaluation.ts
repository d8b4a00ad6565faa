/**
 * An evaluation: what a candidate did on rows it never saw, beside what would be done without it, and what the gates say.
 * @module
 */
import { z } from "zod";
import { modelTestSpec } from "../definitions/model-test-spec.ts";
import { gateSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";
import { attributionsSchema } from "./attributions.ts";
import { curvesSchema } from "./curves.ts";

/** A metric's value with a 95 % bootstrap interval. */
export const measurementSchema = z.strictObject({
  metric: z.string(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  rows: z.int(),
});
export type Measurement = z.output<typeof measurementSchema>;

export const gateVerdictSchema = z.strictObject({
  gate: gateSpec,
  verdict: z.enum(["pass", "fail", "inconclusive", "first-version"]),
  /** One sentence with the numbers. */
  reason: z.string(),
});
export type GateVerdict = z.output<typeof gateVerdictSchema>;

/** What a test of the model came to. */
export const modelTestVerdictSchema = z.strictObject({
  test: modelTestSpec,
  verdict: z.enum(["pass", "fail", "inconclusive", "first-version"]),
  /** One sentence with the numbers. */
  reason: z.string(),
  /** How many rows were tested, each in all the ways in which the test asks it. */
  rows: z.int(),
  /** How many of them are not as the test asks. */
  exceeding: z.int(),
});
export type ModelTestVerdict = z.output<typeof modelTestVerdictSchema>;

/** What came of holding a candidate, served by a real model server, against what it was judged by, made by and trained on. */
const servedCheckSchema = z.strictObject({
  /** Its answers against the evaluation's, and against those of the trainer's framework; the features of rows against training's. */
  check: z.enum(["served", "framework", "features"]),
  verdict: z.enum(["pass", "fail", "not-compared"]),
  /** One sentence with the numbers, or why it could not be compared. */
  reason: z.string(),
  /** How many rows were compared. */
  rows: z.int(),
  /** How many of them are not the same. */
  exceeding: z.int(),
});
export type ServedCheck = z.output<typeof servedCheckSchema>;

export const evaluationSchema = versioned("evaluation", {
  /** The digest of the evaluated package. */
  package: z.string(),
  trainingSet: z.string(),
  rows: z.int(),
  from: z.string(),
  to: z.string(),
  metrics: z.array(measurementSchema),
  /** The same rows judged by the baseline: the named feature where the metric can use it, the prior where it cannot. */
  baseline: z.array(measurementSchema.extend({ by: z.string() })),
  /** The same rows judged by the version in production. @default nothing is in production, or it predicts something else */
  production: z
    .strictObject({
      package: z.string(),
      metrics: z.array(measurementSchema),
      /** @default as below */
      curves: curvesSchema.optional(),
    })
    .optional(),
  slices: z.array(
    z.strictObject({
      column: z.string(),
      value: z.string(),
      rows: z.int(),
      counted: z.boolean(),
      metrics: z.array(measurementSchema),
    }),
  ),
  gates: z.array(gateVerdictSchema),
  /** @default the model has none */
  tests: z.array(modelTestVerdictSchema).optional(),
  /** What a real model server answers with it. @default nobody served it, or an older version evaluated */
  served: z.array(servedCheckSchema).optional(),
  /** What a report draws. @default a binary label is the same on all rows, or an older version evaluated */
  curves: curvesSchema.optional(),
  /** How much each feature counts. @default an older version evaluated, or there were no rows to look at */
  attributions: attributionsSchema.optional(),
  /** `pass` when every gate and every test passes or is the first version's, and nothing that was compared differs. */
  decision: z.enum(["pass", "fail"]),
});
export type Evaluation = z.output<typeof evaluationSchema>;
