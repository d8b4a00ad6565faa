/**
 * What the child process of an admission says about a model.
 * @module
 */
import { z } from "zod";

export const probeVerdictSchema = z.strictObject({
  /** Why the model is refused. @default it is not */
  reason: z.string().optional(),
});

export type ProbeVerdict = z.output<typeof probeVerdictSchema>;
