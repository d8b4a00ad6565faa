/**
 * Evidence: what a server saw of each variant of its endpoint since it began to count. Counters only grow, so that the difference of
 * two readings is what happened between them; one that is lower than before was begun anew by another process.
 * @module
 */
import { z } from "zod";

const count = z.int().min(0);

/** What was seen of one variant. */
export const variantEvidenceSchema = z.strictObject({
  /** As routing has them. */
  name: z.string(),
  model: z.string(),
  version: z.int(),
  package: z.string(),
  weight: z.int(),
  /**
   * Requests that it was assigned and answered, and those that it had no answer for: the model failed, has no finite answer, or was late
   * for a caller who gave it a second or more. What a caller did wrong counts for nothing, nor does a 503, which is the server's as a
   * whole, nor any request that named the version.
   */
  answered: count,
  failed: count,
  /**
   * How long answers took from the request's arrival: how many took at most so many milliseconds, each bound with those below it, as a
   * Prometheus histogram has it; the last is all of them.
   */
  latency: z.strictObject({ bounds: z.array(z.number()), counts: z.array(count) }),
  /**
   * Rows that it answered unseen beside another variant, and those of them on which the two disagree: another label, or, of a number,
   * one that differs by more than a thousandth of the larger. @default it is asked nothing unseen
   */
  compared: z.strictObject({ rows: count, disagreed: count, failed: count, skipped: count }).optional(),
  /**
   * Processes of the server that ended, however they did, while it was asked. Requests that it was answering then are among `failed`, and
   * rows that it was asked for unseen among those of `compared`. @default none did
   */
  ended: count.optional(),
});
export type VariantEvidence = z.output<typeof variantEvidenceSchema>;

/** What `GET /<endpoint>/variants` answers. */
export const evidenceSchema = z.strictObject({
  endpoint: z.string(),
  /** The generation of the routing that is in force; 0 where the server follows production. */
  generation: z.int(),
  variants: z.array(variantEvidenceSchema),
});
export type Evidence = z.output<typeof evidenceSchema>;
