/**
 * What the child process of an admission is asked, and what it says about a model.
 * @module
 */
import { z } from "zod";
import { taskSpec } from "../definitions/spec.ts";

/** What a runtime makes of a model: decided by its file and the runtime's version alone. */
export const signatureSchema = z.strictObject({
  /** The version of onnxruntime that opened it. */
  onnxruntime: z.string(),
  /** The version of each domain of operators, by domain; ONNX's own is `ai.onnx`. */
  opsets: z.record(z.string(), z.int()),
  /** How many nodes its graph and functions have. */
  nodes: z.int(),
  input: z.strictObject({ name: z.string(), type: z.string(), shape: z.array(z.union([z.string(), z.number()])) }),
  output: z.strictObject({ name: z.string(), type: z.string(), shape: z.array(z.union([z.string(), z.number()])) }),
});
export type ModelSignature = z.output<typeof signatureSchema>;

/** What an admission found: the signature, and what asking the model took on the machine that asked. */
export const admissionSchema = z.strictObject({
  signature: signatureSchema,
  /** The most memory that the process had while it opened and asked the model, in bytes. */
  peakBytes: z.int(),
  /** The time within which 99 of 100 single rows were answered, in milliseconds. */
  p99Milliseconds: z.number(),
});
export type Admission = z.output<typeof admissionSchema>;

export const probeVerdictSchema = z.union([
  /** Why the model is refused. */
  z.strictObject({ reason: z.string() }),
  z.strictObject({ admission: admissionSchema }),
]);
export type ProbeVerdict = z.output<typeof probeVerdictSchema>;

/** What the child process is to look at. */
export const probeRequestSchema = z.strictObject({
  path: z.string(),
  features: z.int(),
  task: taskSpec,
  /** How many numbers a row is answered with. */
  width: z.int().min(1),
  limits: z.strictObject({
    nodes: z.int(),
    graphDepth: z.int(),
    functionDepth: z.int(),
    elements: z.int(),
    controlFlow: z.array(z.string()),
  }),
});
export type ProbeRequest = z.output<typeof probeRequestSchema>;
