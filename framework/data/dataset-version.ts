/**
 * A version of a dataset: an immutable manifest over content-addressed Parquet parts. The digest of its canonical bytes is
 * the root, and the root is the only thing a training set accepts.
 * @module
 */
import { z } from "zod";
import { columnSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";
import { referenceSchema } from "../store/reference.ts";

export const datasetVersionSchema = versioned("dataset-version", {
  dataset: z.string(),
  columns: z.array(columnSpec),
  eventTime: z.string(),
  key: z.array(z.string()),
  /** Rows that keep the contract, in order of event time. */
  parts: z.array(z.strictObject({ object: referenceSchema, rows: z.int() })),
  rows: z.int(),
  /** First and last event time, RFC 3339. */
  from: z.string(),
  to: z.string(),
  /** Rows that broke the contract, with `__position` in the source and `__reasons`. @default none were set apart */
  quarantine: z
    .strictObject({
      object: referenceSchema,
      rows: z.int(),
      /** Rows by reason, most frequent first; a row with two reasons counts in both. */
      reasons: z.array(z.strictObject({ column: z.string(), reason: z.string(), rows: z.int() })),
    })
    .optional(),
  /** The digest of the source's bytes. */
  fingerprint: z.string(),
});

export type DatasetVersion = z.output<typeof datasetVersionSchema>;
