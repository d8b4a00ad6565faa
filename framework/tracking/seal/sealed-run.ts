/**
 * Sealed runs: all that a run has, as a document of the store. A run is sealed when it ends, and again after what is changed in it
 * later; each seal is a write-once name, and no document that was sealed is ever another.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { versioned } from "../../definitions/versioned.ts";
import { referenceSchema } from "../../store/reference.ts";
import { type AnySql, type Sql, withMoment } from "../database.ts";
import { writeDouble } from "../field.ts";
import { makePrints, type RunRow } from "../runs/read-runs.ts";
import type { KeyValue } from "../runs/run-entry.ts";

// Lists, not records: a key may be called like what every object has.
const pairs = z.array(z.strictObject({ key: z.string(), value: z.string() }));
const wholeNumber = z.int();
/** Step, time, value. */
const point = z.tuple([wholeNumber, wholeNumber, z.union([z.number(), z.literal("NaN")])]);

export const sealedRunSchema = versioned("sealed-run", {
  run: z.string(),
  /** Counts from 1. */
  number: z.int().min(1),
  experiment: z.strictObject({
    id: wholeNumber,
    name: z.string(),
    artifacts: z.string(),
    created: wholeNumber,
    tags: pairs,
  }),
  name: z.string(),
  status: z.string(),
  /** As the client said who it was. */
  user: z.string(),
  /** As the server knew. */
  actor: z.string(),
  /** In milliseconds since 1970, like all times here. */
  start: wholeNumber.nullable(),
  end: wholeNumber.nullable(),
  lifecycle: z.enum(["active", "deleted"]),
  artifacts: z.strictObject({
    at: z.string(),
    files: z.array(referenceSchema.extend({ path: z.string() })),
  }),
  params: pairs,
  tags: pairs,
  /** The history of each metric, in the order of steps and times. */
  metrics: z.array(z.strictObject({ key: z.string(), points: z.array(point) })),
  datasets: z.array(
    z.strictObject({
      name: z.string(),
      digest: z.string(),
      sourceType: z.string(),
      source: z.string(),
      schema: z.string(),
      profile: z.string(),
      tags: pairs,
    }),
  ),
  models: z.array(z.strictObject({ direction: z.enum(["input", "output"]), model: z.string(), step: wholeNumber })),
  /** What was changed since it was sealed first, in the order in which it was. */
  amendments: z.array(z.strictObject({ at: wholeNumber, actor: z.string(), what: z.unknown() })),
});

export type SealedRun = z.output<typeof sealedRunSchema>;

/** What the names of seals begin with. */
export const sealPrefix = "sealed-runs/";

/** The write-once name of a seal; its value is the reference of the document. */
export function sealName(run: string, number: number): string {
  return `${sealPrefix}${run}/${number}`;
}

/** What a sealed run is made of, read at one moment. */
export interface ReadForSeal {
  readonly document: SealedRun;
  /** The number of the last amendment that is in it; 0 for none. */
  readonly lastAmendment: number;
  /** What clients are sent of it. */
  readonly print: string;
}

/** Reads a run as it is now, to be sealed under a number. */
export function readForSeal(sql: Sql, run: string, number: number): Promise<ReadForSeal> {
  return withMoment(sql, (moment) => read(moment, run, number));
}

interface ExperimentRow {
  readonly name: string;
  readonly artifact_location: string;
  readonly creation_time: number;
}

async function read(sql: AnySql, id: string, number: number): Promise<ReadForSeal> {
  const [run] = await sql<RunRow[]>`SELECT * FROM runs WHERE run_id = ${id}`;
  if (!run) throw new Error(`the run ${id} that was to be sealed is not there`);
  const { experiment_id } = run;
  const [experiment] = await sql<ExperimentRow[]>`SELECT * FROM experiments WHERE experiment_id = ${experiment_id}`;
  const experimentTags = await sql<
    KeyValue[]
  >`SELECT key, value FROM experiment_tags WHERE experiment_id = ${experiment_id} ORDER BY key`;
  const params = await sql<KeyValue[]>`SELECT key, value FROM params WHERE run_id = ${id} ORDER BY key`;
  const tags = await sql<KeyValue[]>`SELECT key, value FROM tags WHERE run_id = ${id} ORDER BY key`;
  const points = await sql<{ key: string; step: number; timestamp: number; value: number }[]>`
    SELECT key, step, timestamp, value FROM metrics WHERE run_id = ${id} ORDER BY key, step, timestamp, value`;
  const datasets = await sql<(Omit<SealedRun["datasets"][number], "sourceType"> & { source_type: string })[]>`
    SELECT s.name, s.digest, s.source_type, s.source, s.schema, s.profile, d.tags
    FROM run_datasets d JOIN datasets s ON s.dataset_id = d.dataset_id WHERE d.run_id = ${id} ORDER BY d.number`;
  const models = await sql<SealedRun["models"]>`
    SELECT direction, model_id AS model, step FROM run_models WHERE run_id = ${id} ORDER BY number`;
  const folder = `${run.artifact_uri.replace(/^mlflow-artifacts:\/+/, "")}/`;
  const files = await sql<{ path: string; sha256: string; size: number }[]>`
    SELECT path, sha256, size FROM artifacts WHERE starts_with(path, ${folder}) AND path > ${folder} AND path < ${`${folder.slice(0, -1)}0`}
    ORDER BY path`;
  const amendments = await sql<{ number: number; at: number; actor: string; what: unknown }[]>`
    SELECT number, at, actor, what FROM amendments WHERE run_id = ${id} ORDER BY number`;
  const metrics: { key: string; points: [number, number, number | "NaN"][] }[] = [];
  for (const { key, step, timestamp, value } of points) {
    if (metrics.at(-1)?.key !== key) metrics.push({ key, points: [] });
    metrics.at(-1)?.points.push([step, timestamp, writeDouble(value)]);
  }
  const document: SealedRun = {
    format: formatOf("sealed-run"),
    run: id,
    number,
    experiment: {
      id: experiment_id,
      name: experiment?.name ?? "",
      artifacts: experiment?.artifact_location ?? "",
      created: experiment?.creation_time ?? 0,
      tags: toPairs(experimentTags),
    },
    name: run.name,
    status: run.status,
    user: run.user_id,
    actor: run.actor,
    start: run.start_time,
    end: run.end_time,
    lifecycle: run.lifecycle_stage === "deleted" ? "deleted" : "active",
    artifacts: {
      at: run.artifact_uri,
      files: files.map(({ path, sha256, size }) => ({ path: path.slice(folder.length), sha256, size })),
    },
    params: toPairs(params),
    tags: toPairs(tags),
    metrics,
    datasets: datasets.map(({ source_type: sourceType, ...dataset }) => ({ ...dataset, sourceType })),
    models: models.map(({ direction, model, step }) => ({ direction, model, step })),
    amendments: amendments.map(({ at, actor, what }) => ({ at, actor, what })),
  };
  const print = (await makePrints(sql, [id])).get(id) ?? "";
  return { document, lastAmendment: amendments.at(-1)?.number ?? 0, print };
}

function toPairs(rows: readonly KeyValue[]): SealedRun["tags"] {
  return rows.map(({ key, value }) => ({ key, value }));
}
