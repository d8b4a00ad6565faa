/**
 * What was read of one file of a source. Plain data: it comes from the process that read the file.
 * @module
 */
import { z } from "zod";
import { profileSchema } from "../profile/profile.ts";
import type { Breach } from "../refusal.ts";

const written = z.strictObject({ path: z.string(), rows: z.int() });

const part = written.extend({
  /** @default it was not made when the file was read */
  profile: profileSchema.exactOptional(),
});

const example = z.strictObject({ position: z.int(), value: z.string().optional() });

export const fileReadingSchema = z.strictObject({
  name: z.string(),
  /** Rows of the file. */
  rows: z.int(),
  /** Rows that break at least one rule. */
  broken: z.int(),
  /** Each rule that was broken, most frequent first. */
  breaches: z.array(
    z.strictObject({
      column: z.string(),
      reason: z.string(),
      rows: z.int(),
      // A null is no value, and JSON leaves it out.
      examples: z.array(example.transform(({ position, value }) => ({ position, value }))),
    }),
  ) satisfies z.ZodType<readonly Breach[]>,
  /** Columns of the file that the schema lacks; they were not read. */
  dropped: z.array(z.string()),
  /** First and last event time of the rows that keep the contract, RFC 3339; both "" where there are none. */
  from: z.string(),
  to: z.string(),
  /** Parquet files of the rows that keep the contract, in order. */
  parts: z.array(part),
  /** A Parquet file of the rows that break it. @default there are none */
  quarantine: written.optional(),
});
