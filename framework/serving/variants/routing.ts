/**
 * Routing: which versions an endpoint answers with, and how many of its callers each has. The endpoint's entity writes it,
 * its server reads it.
 * @module
 */
import { z } from "zod";
import { versioned } from "../../definitions/versioned.ts";

/** Shares are whole basis points: so many are all. */
export const allPoints = 10_000;

const share = z.int().min(0).max(allPoints);

/** One version beside others. */
export const variantSchema = z.strictObject({
  /** `champion`, `canary`, `shadow`, or an arm's own name; no other variant of the endpoint has it. */
  name: z.string(),
  /** The model's name. */
  model: z.string(),
  /** The number of the model's release. */
  version: z.int().min(1),
  /** The digest of its package. */
  package: z.string(),
  /** The share of callers that it answers, in basis points. A shadow answers none. */
  weight: share,
  /**
   * The share of the other variants' answers that it is asked for too, unseen, so that the two can be compared; in basis points.
   * @default none
   */
  mirror: share.optional(),
});
export type Variant = z.output<typeof variantSchema>;

/** Fenced by `generation`, a counter of the endpoint's entity. */
export const routingSchema = versioned("routing", {
  generation: z.int().min(1),
  /** What the assignment of callers to variants is salted with. An experiment or a canary has its own, and keeps it to its end. */
  salt: z.string(),
  /**
   * Their weights are 10,000 together, the first has those callers that come first. Where there are none, the server answers with
   * what the endpoint's model has in production.
   */
  variants: z.array(variantSchema).max(16),
});
export type Routing = z.output<typeof routingSchema>;

/** The name of that ref in the store. */
export function routingRefName(endpoint: string): string {
  return `endpoints/${endpoint}/routing`;
}
