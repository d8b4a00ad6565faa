/**
 * References: how immutable objects are named everywhere outside the store. Messages and histories carry these, never data.
 * @module
 */
import { z } from "zod";

export const referenceSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** In bytes. */
  size: z.int().min(0),
});

/** An object in the store: its SHA-256, which is also its name, and its size in bytes. */
export type Reference = z.output<typeof referenceSchema>;
