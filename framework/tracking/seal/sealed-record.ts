/**
 * Sealed records: experiments, logged models, registered models and their versions, each as a document of the store whenever it was changed. Each
 * seal is a write-once name, as those of runs are; the last one is what a lost database is restored from.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { versioned } from "../../definitions/versioned.ts";
import { referenceSchema } from "../../store/reference.ts";
import type { AnySql } from "../database.ts";
import { writeDouble } from "../field.ts";

const pairs = z.array(z.strictObject({ key: z.string(), value: z.string() }));
const wholeNumber = z.int();
/** In milliseconds since 1970. */
const time = wholeNumber;

const experimentRecord = z.strictObject({
  kind: z.literal("experiment"),
  id: wholeNumber,
  name: z.string(),
  artifacts: z.string(),
  lifecycle: z.string(),
  created: time,
  updated: time,
  tags: pairs,
});

const loggedModelRecord = z.strictObject({
  kind: z.literal("logged-model"),
  id: z.string(),
  experiment: wholeNumber,
  name: z.string(),
  artifacts: z.strictObject({
    at: z.string(),
    files: z.array(referenceSchema.extend({ path: z.string(), updated: time, actor: z.string() })),
  }),
  created: time,
  updated: time,
  status: z.string(),
  type: z.string().nullable(),
  run: z.string().nullable(),
  lifecycle: z.string(),
  actor: z.string(),
  params: pairs,
  tags: pairs,
  metrics: z.array(
    z.strictObject({
      run: z.string(),
      key: z.string(),
      step: wholeNumber,
      timestamp: time,
      value: z.union([z.number(), z.literal("NaN")]),
      dataset: z.string(),
      digest: z.string(),
    }),
  ),
});

const registeredModelRecord = z.strictObject({
  kind: z.literal("registered-model"),
  id: wholeNumber,
  name: z.string(),
  description: z.string().nullable(),
  created: time,
  updated: time,
  actor: z.string(),
  /** The number of the latest version, also of one that was deleted since. */
  numbered: wholeNumber,
  tags: pairs,
  aliases: z.array(z.strictObject({ alias: z.string(), version: wholeNumber })),
});

const modelVersionRecord = z.strictObject({
  kind: z.literal("model-version"),
  model: wholeNumber,
  version: wholeNumber,
  created: time,
  updated: time,
  actor: z.string(),
  stage: z.string(),
  description: z.string().nullable(),
  source: z.string(),
  location: z.string(),
  run: z.string().nullable(),
  link: z.string().nullable(),
  logged: z.string().nullable(),
  tags: pairs,
});

const recordSchema = z.discriminatedUnion("kind", [
  experimentRecord,
  loggedModelRecord,
  registeredModelRecord,
  modelVersionRecord,
]);

export type TrackedRecord = z.output<typeof recordSchema>;
export type RecordKind = TrackedRecord["kind"];
/** In the order in which they refer to each other. */
export const recordKinds = [
  "experiment",
  "logged-model",
  "registered-model",
  "model-version",
] as const satisfies RecordKind[];

export const sealedRecordSchema = versioned("sealed-record", {
  kind: z.enum(recordKinds),
  /** As a text; of a version that of its model and its number, `3.1`. */
  id: z.string(),
  /** Counts from 1. */
  number: z.int().min(1),
  /** Nothing once it was deleted. */
  record: recordSchema.nullable(),
});

export type SealedRecord = z.output<typeof sealedRecordSchema>;

/** What the names of all seals of records begin with. */
export const recordPrefix = "sealed-records/";

/** The write-once name of a seal; its value is the reference of the document. */
export function recordName({ kind, id, number }: Pick<SealedRecord, "kind" | "id" | "number">): string {
  return `${recordPrefix}${kind}/${id}/${number}`;
}

/** Reads a record as it is now, to be sealed under a number. */
export async function readForRecordSeal(
  sql: AnySql,
  { kind, id, number }: Pick<SealedRecord, "kind" | "id" | "number">,
): Promise<SealedRecord> {
  const record = await readers[kind](sql, id);
  return { format: formatOf("sealed-record"), kind, id, number, record: record ?? null };
}

type ReadRecord = (sql: AnySql, id: string) => Promise<TrackedRecord | undefined>;

const readers: Readonly<Record<RecordKind, ReadRecord>> = {
  experiment: async (sql, id) => {
    const [found] = await sql<Omit<z.output<typeof experimentRecord>, "kind" | "tags">[]>`
      SELECT experiment_id AS id, name, artifact_location AS artifacts, lifecycle_stage AS lifecycle, creation_time AS created,
        last_update_time AS updated
      FROM experiments WHERE experiment_id = ${id}`;
    if (!found) return undefined;
    const tags = await sql`SELECT key, value FROM experiment_tags WHERE experiment_id = ${id} ORDER BY key`;
    return { kind: "experiment", ...found, tags: toPairs(tags) };
  },
  "logged-model": async (sql, id) => {
    const [found] = await sql<(Omit<z.output<typeof loggedModelRecord>, "kind" | "artifacts"> & { at: string })[]>`
      SELECT model_id AS id, experiment_id AS experiment, name, artifact_uri AS at, created, updated, status, model_type AS type,
        source_run_id AS run, lifecycle_stage AS lifecycle, actor
      FROM logged_models WHERE model_id = ${id}`;
    if (!found) return undefined;
    const { at, ...model } = found;
    const folder = `${at.replace(/^mlflow-artifacts:\/+/, "")}/`;
    const files = await sql<{ path: string; sha256: string; size: number; updated: number; actor: string }[]>`
      SELECT path, sha256, size, updated, actor FROM artifacts
      WHERE starts_with(path, ${folder}) AND path > ${folder} AND path < ${`${folder.slice(0, -1)}0`} ORDER BY path`;
    const params = await sql`SELECT key, value FROM logged_model_params WHERE model_id = ${id} ORDER BY key`;
    const tags = await sql`SELECT key, value FROM logged_model_tags WHERE model_id = ${id} ORDER BY key`;
    const metrics = await sql<
      { run: string; key: string; step: number; timestamp: number; value: number; dataset: string; digest: string }[]
    >`
      SELECT run_id AS run, key, step, timestamp, value, dataset_name AS dataset, dataset_digest AS digest
      FROM logged_model_metrics WHERE model_id = ${id} ORDER BY run_id, key, step, timestamp, value`;
    return {
      kind: "logged-model",
      ...model,
      artifacts: { at, files: files.map(({ path, ...file }) => ({ path: path.slice(folder.length), ...file })) },
      params: toPairs(params),
      tags: toPairs(tags),
      metrics: metrics.map(({ value, ...metric }) => ({ ...metric, value: writeDouble(value) })),
    };
  },
  "registered-model": async (sql, id) => {
    const [found] = await sql<Omit<z.output<typeof registeredModelRecord>, "kind" | "tags" | "aliases">[]>`
      SELECT id, name, description, created, updated, actor, numbered FROM registered_models WHERE id = ${id}`;
    if (!found) return undefined;
    const tags = await sql`SELECT key, value FROM registered_model_tags WHERE model = ${id} ORDER BY key`;
    const aliases = await sql<{ alias: string; version: number }[]>`
      SELECT alias, version FROM registered_model_aliases WHERE model = ${id} ORDER BY alias`;
    return {
      kind: "registered-model",
      ...found,
      tags: toPairs(tags),
      aliases: aliases.map(({ alias, version }) => ({ alias, version })),
    };
  },
  "model-version": async (sql, id) => {
    const [model = "", version = ""] = id.split(".");
    const [found] = await sql<Omit<z.output<typeof modelVersionRecord>, "kind" | "tags">[]>`
      SELECT model, version, created, updated, actor, stage, description, source, location, run_id AS run, run_link AS link,
        logged_model AS logged
      FROM model_versions WHERE model = ${model} AND version = ${version}`;
    if (!found) return undefined;
    const tags = await sql`
      SELECT key, value FROM model_version_tags WHERE model = ${model} AND version = ${version} ORDER BY key`;
    return { kind: "model-version", ...found, tags: toPairs(tags) };
  },
};

function toPairs(rows: readonly object[]): z.output<typeof pairs> {
  return (rows as readonly { key: string; value: string }[]).map(({ key, value }) => ({ key, value }));
}
