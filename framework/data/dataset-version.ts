/**
 * A version of a dataset: an immutable Merkle manifest over content-addressed Parquet parts. The digest of its canonical
 * bytes is the root, and the root is the only thing a training set accepts. The files of a source stand in the order of
 * their names; many of them stand on pages, so that a version that differs in one file shares all other pages with the
 * version before.
 * @module
 */
import { z } from "zod";
import { columnSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";
import { referenceSchema } from "../store/reference.ts";
import { fittedValue } from "./derivation/fitted-value.ts";

/** Rows that broke the contract, by reason, most frequent first; a row with two reasons counts in both. */
const reasons = z.array(z.strictObject({ column: z.string(), reason: z.string(), rows: z.int() }));

/** What was taken from one file of a source. */
export const versionFileSchema = z.strictObject({
  /** Its path relative to the folder in which the source begins; "" where the source is one file. */
  name: z.string(),
  /** The digest of its bytes. */
  fingerprint: z.string(),
  /** `fileIdentity` of it: a later version takes its parts as they are while this is the same. "" of what 0.1.0 took. */
  identity: z.string(),
  /** Rows that keep the contract. */
  rows: z.int(),
  /** First and last event time of them, RFC 3339; both "" where there are none. */
  from: z.string(),
  to: z.string(),
  /** In order of event time. */
  parts: z.array(
    z.strictObject({
      object: referenceSchema,
      rows: z.int(),
      /** @default none was made */
      profile: referenceSchema.optional(),
    }),
  ),
  /** The rows that broke the contract, with `__position` in the file and `__reasons`. @default none were set apart */
  quarantine: z.strictObject({ object: referenceSchema, rows: z.int(), reasons }).optional(),
  /** What steps of a derivation found in the rows that they were given. @default nothing was fitted */
  fitted: z.array(fittedValue).min(1).optional(),
});

export type VersionFile = z.output<typeof versionFileSchema>;

/** The files of a version where they are more than these stand on pages. */
export const mostFilesInline = 64;

/** What a version, or a page of one, says of its rows. */
const summary = {
  /** Rows that keep the contract. */
  rows: z.int(),
  /** First and last event time of them, RFC 3339; both "" where there are none. */
  from: z.string(),
  to: z.string(),
  /** The rows that were set apart, over all files. @default none were */
  quarantined: z.strictObject({ rows: z.int(), reasons }).optional(),
};
const summarySchema = z.strictObject(summary);

export type VersionSummary = z.output<typeof summarySchema>;

const pageSchema = z.strictObject({
  object: referenceSchema,
  /** How many there are on it. */
  files: z.int(),
  /**
   * What its files depend on: their names and fingerprints, and the contract they were read under. A later version takes the
   * page as it is, unread, while this is the same.
   */
  identity: z.string(),
  ...summary,
});

/** A page, as a version names it. */
export type VersionPage = z.output<typeof pageSchema>;

/** Some of the files of a version, as an object of its own. */
export const versionPageSchema = versioned("dataset-page", { files: z.array(versionFileSchema) });

export const datasetVersionSchema = versioned("dataset-version", {
  dataset: z.string(),
  columns: z.array(columnSpec),
  eventTime: z.string(),
  key: z.array(z.string()),
  ...summary,
  /** The digest of the source: of its bytes where it is one file that is named, else of its files' names and digests. */
  fingerprint: z.string(),
  /** The decisions that took rows back out of quarantine, and the digest of those rows. @default none did */
  readmitted: z.strictObject({ list: referenceSchema, rows: z.string() }).optional(),
  /** The files themselves, where they are few. */
  files: z.array(versionFileSchema).optional(),
  /** The pages they stand on, where they are many, in order. */
  pages: z.array(pageSchema).optional(),
});

export type DatasetVersion = z.output<typeof datasetVersionSchema>;
