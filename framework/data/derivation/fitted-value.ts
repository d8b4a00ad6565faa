/**
 * Fitted values: what steps of a derivation found in the rows that they were given, kept with the version that was made.
 * @module
 */
import { z } from "zod";
import { fillings } from "../../definitions/derivation-step.ts";

const value = z.union([z.string(), z.number(), z.boolean()]);

/** What one step found for one column. */
export const fittedValue = z.strictObject({
  /** The place of the step, from 0. */
  step: z.int(),
  column: z.string(),
  by: z.enum([...fillings, "quantiles"]),
  /** One value; of quantiles two. */
  values: z.array(value).min(1).max(2),
});
export type FittedValue = z.output<typeof fittedValue>;
