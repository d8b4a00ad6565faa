/**
 * The spec of a model's tests: what every candidate must do, whatever its metrics say, as data.
 * @module
 */
import { z } from "zod";
import { goldenRow, mostGoldenRows } from "./golden-rows.ts";
import { pathShape } from "./path-shape.ts";

/** What rows may exceed: `tolerance` in the label's unit, on at most `share` of the rows, 0 to 1. */
const leeway = { tolerance: z.number().min(0), share: z.number().min(0).max(1) };
const direction = z.enum(["up", "down"]);

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
    z
      .strictObject({
        kind: z.literal("golden"),
        /** Of a file they are read when the project is: none until then. */
        rows: z.array(goldenRow).max(mostGoldenRows),
        /** The file that has them, relative to the project file. @default they stand in the definition */
        file: pathShape.optional(),
        within: z.number().min(0),
      })
      .refine(({ rows, file }) => rows.length > 0 || file !== undefined, "one row at least, or the path of a file"),
    /** With more of the feature, and all else as it is, the answer does not go the other way. */
    z.strictObject({ kind: z.literal("monotone"), feature: z.string(), direction, ...leeway }),
    /** With any other value of the feature, and all else as it is, the answer stays. */
    z.strictObject({ kind: z.literal("invariant"), feature: z.string(), ...leeway }),
    /** With the feature changed by `by`, and all else as it is, the answer does not go the other way. */
    z.strictObject({ kind: z.literal("directional"), feature: z.string(), by: z.number(), direction, ...leeway }),
    /** Single rows at `rate` a second are answered, 99 of 100, in at most `ratio` times what a server without a model takes. */
    z.strictObject({
      kind: z.literal("latency"),
      rate: z.number().min(10).max(1000),
      ratio: z.number().positive(),
    }),
  ],
  "deterministic(), golden(…), inRange(…), simplex(…), monotone(…), invariant(…), directional(…), answersEachRow() or latency(…)",
);
export type ModelTestSpec = z.output<typeof modelTestSpec>;
