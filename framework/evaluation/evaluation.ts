/**
 * An evaluation: what a candidate did on rows it never saw, beside what would be done without it, and what the gates say.
 * @module
 */
import { z } from "zod";
import { gateSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";

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
  production: z.strictObject({ package: z.string(), metrics: z.array(measurementSchema) }).optional(),
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
  /** `pass` when every gate passes or is the first version's. */
  decision: z.enum(["pass", "fail"]),
});
export type Evaluation = z.output<typeof evaluationSchema>;
