/**
 * The spec of a model's tests: what every candidate must do, whatever its metrics say, as data.
 * @module
 */
import { z } from "zod";

/** What rows may exceed: `tolerance` in the label's unit, on at most `share` of the rows, 0 to 1. */
const leeway = { tolerance: z.number().min(0), share: z.number().min(0).max(1) };
const direction = z.enum(["up", "down"]);

const goldenRow = z.strictObject({
  /** Values by the names of features; one that is left out is missing. */
  features: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  answer: z.number(),
});

export const modelTestSpec = z.discriminatedUnion(
  "kind",
  [
    /** One finite answer for each row, the same alone as among others. */
    z.strictObject({ kind: z.literal("answers-each-row") }),
    /** The same rows, asked again and by another that opens the model, get the same answers in every bit. */
    z.strictObject({ kind: z.literal("deterministic") }),
    z.strictObject({
      kind: z.literal("in-range"),
      low: z.number(),
      high: z.number(),
      share: z.number().min(0).max(1),
    }),
    /** The answer and what is left to 1 are probabilities. */
    z.strictObject({ kind: z.literal("simplex"), tolerance: z.number().min(0) }),
    /** Rows whose answers are known; `within` is in units of the larger of 1 and the answer. */
    z.strictObject({
      kind: z.literal("golden"),
      rows: z.array(goldenRow).min(1).max(256),
      within: z.number().min(0),
    }),
    /** With more of the feature, and all else as it is, the answer does not go the other way. */
    z.strictObject({ kind: z.literal("monotone"), feature: z.string(), direction, ...leeway }),
    /** With any other value of the feature, and all else as it is, the answer stays. */
    z.strictObject({ kind: z.literal("invariant"), feature: z.string(), ...leeway }),
    /** With the feature changed by `by`, and all else as it is, the answer does not go the other way. */
    z.strictObject({ kind: z.literal("directional"), feature: z.string(), by: z.number(), direction, ...leeway }),
    /** Single rows at `rate` a second are answered, 99 of 100, in at most `ratio` times what the control takes. */
    z.strictObject({
      kind: z.literal("latency"),
      rate: z.number().min(1).max(1000),
      ratio: z.number().positive(),
    }),
  ],
  "deterministic(), golden(…), inRange(…), simplex(…), monotone(…), invariant(…), directional(…), answersEachRow() or latency(…)",
);
export type ModelTestSpec = z.output<typeof modelTestSpec>;
