/**
 * A scoring: the rows of one version of a dataset with the answers of one package of a model, as a version of a dataset of its own. What
 * is recorded of it, and the names by which it is found.
 * @module
 */
import { z } from "zod";
import { versioned } from "../definitions/versioned.ts";
import type { Actor } from "../engine/messages.ts";
import { type Digest, digestOf } from "../plan/digest.ts";
import { type Reference, referenceSchema } from "../store/reference.ts";

/** What is asked for: everything that the answers depend on, by reference. */
export interface ScoreRequest {
  readonly identity: Digest;
  readonly model: string;
  /** The number of the release that was asked for. */
  readonly version: number;
  readonly package: Digest;
  /** The stored `TrainingJobSpec`, and the `FeaturesSpec` of each set by name, from which features are computed. */
  readonly training: Reference;
  readonly features: { readonly [set: string]: Reference };
  /** The dataset that is scored. */
  readonly dataset: string;
  /** The stored spec and the root of the version of each dataset: that which is scored, and those that are joined. */
  readonly datasets: { readonly [dataset: string]: { readonly spec: Reference; readonly root: Digest } };
  /** What is kept of the dataset beside its event time and its key. */
  readonly columns: readonly string[];
  readonly actor: Actor;
}

/** What came of it. */
export interface ScoreResult {
  /** The digest of the version. */
  readonly root: Digest;
  readonly rows: number;
  /** Rows that the model refuses, or has no finite answer for. */
  readonly refused: number;
  /** Rows that say no time, at which nothing is known. */
  readonly leftOut: number;
}

/** Of a scoring: equal identity, nothing runs. */
export function scoringIdentity({
  package: digest,
  dataset,
  datasets,
  columns,
}: Pick<ScoreRequest, "package" | "dataset" | "datasets" | "columns">): Digest {
  const roots = Object.fromEntries(Object.entries(datasets).map(([name, { root }]) => [name, root]));
  return digestOf({ format: 1, package: digest, dataset, roots, columns: columns.toSorted() });
}

/** What the dataset of scored rows is called: no definition has a dot in its name. */
export function nameScored(dataset: string, model: string): string {
  return `${scoredPrefix(dataset)}${model}`;
}

/** What the names of all that was scored of a dataset begin with. */
function scoredPrefix(dataset: string): string {
  return `${dataset}.scored-by.`;
}

/** Whether a dataset is one of scored rows, which no definition has. */
export function isScored(dataset: string): boolean {
  return /^[a-z0-9-]+\.scored-by\.[a-z0-9-]+$/.test(dataset);
}

/** What the write-once names of scorings begin with. */
export const scoringPrefix = "lineage/scorings/";

/** The value of such a name, under the scoring's identity: what the rows were scored by. */
export const scoringSchema = versioned("scoring", {
  model: z.string(),
  /** The number of the release that was asked for first. */
  version: z.int(),
  package: z.string(),
  /** The dataset of the scored rows, and the digest of its version. */
  dataset: z.string(),
  root: z.string(),
  /** The root of the version of each dataset that it was made from, by name. */
  datasets: z.record(z.string(), z.string()),
  columns: z.array(z.string()),
  rows: z.int(),
  refused: z.int(),
  leftOut: z.int(),
});
export type Scoring = z.output<typeof scoringSchema>;

/** Some of the rows, under a write-once name by what they depend on: what is there is not scored again. */
export const scoredPartSchema = versioned("scored-part", {
  object: referenceSchema,
  rows: z.int(),
  refused: z.int(),
});
export type ScoredPart = z.output<typeof scoredPartSchema>;
