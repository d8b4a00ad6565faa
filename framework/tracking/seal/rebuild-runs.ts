/**
 * Restores what was tracked from its seals, where the database was lost: each run as its last seal has it, with the artifacts that it lists, and
 * the records that are no run's own.
 * @module
 */
import { z } from "zod";
import { mapConcurrently } from "../../data/concurrency.ts";
import { type Reference, referenceSchema } from "../../store/reference.ts";
import type { AnySql, Sql } from "../database.ts";
import type { TrackingStore } from "../tracking-tools.ts";
import { whileRebuilding } from "./lost-database.ts";
import { restoringSetting } from "./record-tables.ts";
import { numberAfter, readRecords, restoreAliases, restoreRecords } from "./restore-records.ts";
import type { RecordKind } from "./sealed-record.ts";
import { type SealedRun, sealedRunSchema, sealName, sealPrefix } from "./sealed-run.ts";

/** What was restored. */
export interface Rebuilt {
  readonly restored: number;
  /** Runs that were in the database already, and are left as they are. */
  readonly present: number;
  /** Which records were restored beside the runs. */
  readonly records: Readonly<Record<RecordKind, number>>;
}

/** How far a rebuild is. */
export interface RebuildProgress {
  readonly runs: number;
  readonly of: number;
}

/** How many documents are read at once. */
const readers = 8;

/**
 * Restores every sealed run and record that the database does not have. Repeated, it goes on where it ended.
 *
 * @param onProgress told after each run @default nobody is told
 * @throws StewardError where the store has lost a document
 */
export function rebuildRuns(
  sql: Sql,
  store: TrackingStore,
  onProgress: (progress: RebuildProgress) => void = () => undefined,
): Promise<Rebuilt> {
  return whileRebuilding(sql, () => rebuild(sql, store, onProgress));
}

async function rebuild(
  sql: Sql,
  store: TrackingStore,
  onProgress: (progress: RebuildProgress) => void,
): Promise<Rebuilt> {
  const records = await readRecords(store);
  // First, so that what is made from now on is numbered after what was restored, also should this not come to its end.
  await numberAfter(sql, records);
  const experiments = await restoreRecords(sql, records, ["experiment"]);
  const last = await listSeals(store);
  const present = new Set((await sql<{ run_id: string }[]>`SELECT run_id FROM runs`).map(({ run_id }) => run_id));
  const absent = [...last].filter(([run]) => !present.has(run));
  let restored = 0;
  await mapConcurrently(absent, readers, async ([run, numbers]) => {
    const seals = await Promise.all(
      numbers.map(async (number) => ({
        number,
        reference: referenceSchema.parse(await store.readName(sealName(run, number))),
      })),
    );
    const newest = seals.at(-1);
    if (!newest) return;
    const document = await store.getJson(newest.reference, sealedRunSchema);
    await sql.begin(async (transaction) => {
      await transaction`SELECT set_config(${restoringSetting}, 'on', true)`;
      await restoreRun(transaction, document, seals);
    });
    onProgress({ runs: ++restored, of: absent.length });
  });
  const models = await restoreRecords(sql, records, ["logged-model", "registered-model", "model-version"]);
  await restoreAliases(sql, records);
  // Runs may have brought experiments of their own.
  await numberAfter(sql, records);
  const none = { experiment: 0, "logged-model": 0, "registered-model": 0, "model-version": 0 };
  return { restored, present: last.size - absent.length, records: { ...none, ...experiments, ...models } };
}

const numberSchema = z.coerce.number().int().min(1);

/** The numbers of the seals of each run, in their order. */
async function listSeals(store: TrackingStore): Promise<Map<string, number[]>> {
  const runs = new Map<string, number[]>();
  for await (const name of store.listNames(sealPrefix)) {
    const [, run = "", number = ""] = /^sealed-runs\/([^/]+)\/(\d+)$/.exec(name) ?? [];
    if (run === "") continue;
    runs.set(
      run,
      [...(runs.get(run) ?? []), numberSchema.parse(number)].sort((a, b) => a - b),
    );
  }
  return runs;
}

interface Seal {
  readonly number: number;
  readonly reference: Reference;
}

async function restoreRun(sql: AnySql, run: SealedRun, seals: readonly Seal[]): Promise<void> {
  await restoreExperiment(sql, run.experiment);
  const { run: run_id, experiment } = run;
  await sql`
    INSERT INTO runs ${sql({
      run_id,
      experiment_id: experiment.id,
      name: run.name,
      status: run.status,
      user_id: run.user,
      actor: run.actor,
      start_time: run.start,
      end_time: run.end,
      lifecycle_stage: run.lifecycle,
      artifact_uri: run.artifacts.at,
      seals: run.number,
    })}`;
  const points = run.metrics.flatMap(({ key, points: all }) =>
    all.map(([step, timestamp, value]) => ({ key, step, timestamp, value: Number(value) })),
  );
  await sql`
    INSERT INTO metrics (run_id, key, step, timestamp, value)
    SELECT ${run_id}, * FROM unnest(${points.map(({ key }) => key)}::text[], ${points.map(({ step }) => step)}::bigint[],
      ${points.map(({ timestamp }) => timestamp)}::bigint[], ${points.map(({ value }) => value)}::float8[])`;
  await sql`
    INSERT INTO latest_metrics (run_id, key, experiment_id, value, step, timestamp)
    SELECT DISTINCT ON (key) run_id, key, ${experiment.id}::bigint, value, step, timestamp FROM metrics WHERE run_id = ${run_id}
    ORDER BY key, step DESC, timestamp DESC, CASE WHEN value = 'NaN' THEN 0 ELSE value END DESC`;
  await restorePairs(sql, run_id, { params: run.params, tags: run.tags });
  for (const { sourceType: source_type, tags, ...dataset } of run.datasets) {
    await sql`INSERT INTO datasets ${sql({ ...dataset, source_type, experiment_id: experiment.id })} ON CONFLICT DO NOTHING`;
    await sql`
      INSERT INTO run_datasets (run_id, dataset_id, tags, context)
      SELECT ${run_id}, dataset_id, ${sql.json(tags)}, ${tags.find(({ key }) => key === "mlflow.data.context")?.value ?? null}
      FROM datasets WHERE experiment_id = ${experiment.id} AND name = ${dataset.name} AND digest = ${dataset.digest}`;
  }
  for (const { direction, model: model_id, step } of run.models) {
    await sql`INSERT INTO run_models ${sql({ run_id, direction, model_id, step })}`;
  }
  const folder = run.artifacts.at.replace(/^mlflow-artifacts:\/+/, "");
  for (const { path, sha256, size } of run.artifacts.files) {
    const row = { path: `${folder}/${path}`, sha256, size, updated: run.end ?? 0, actor: run.actor };
    await sql`INSERT INTO artifacts ${sql(row)} ON CONFLICT DO NOTHING`;
  }
  for (const { at, actor, what } of run.amendments) {
    await sql`INSERT INTO amendments (run_id, at, actor, what) VALUES (${run_id}, ${at}, ${actor}, ${JSON.stringify(what)}::text::jsonb)`;
  }
  for (const { number, reference } of seals) {
    await sql`INSERT INTO seals ${sql({ run_id, number, ...reference, at: run.end ?? 0 })}`;
  }
}

async function restorePairs(
  sql: AnySql,
  run: string,
  all: Readonly<Record<"params" | "tags", SealedRun["tags"]>>,
): Promise<void> {
  for (const [table, pairs] of Object.entries(all)) {
    await sql`
      INSERT INTO ${sql(table)} (run_id, key, value)
      SELECT ${run}, * FROM unnest(${pairs.map(({ key }) => key)}::text[], ${pairs.map(({ value }) => value)}::text[])`;
  }
}

/** An experiment that is there is as somebody has it now. One whose name was taken since has its number in it. */
async function restoreExperiment(sql: AnySql, experiment: SealedRun["experiment"]): Promise<void> {
  const { id, name, artifacts, created, tags } = experiment;
  const [taken] = await sql`SELECT 1 FROM experiments WHERE name = ${name} AND experiment_id <> ${id}`;
  const { count } = await sql`
    INSERT INTO experiments (experiment_id, name, artifact_location, creation_time, last_update_time)
    VALUES (${id}, ${taken ? `${name} (${id})` : name}, ${artifacts}, ${created}, ${created}) ON CONFLICT DO NOTHING`;
  if (count === 0) return;
  await sql`
    INSERT INTO experiment_tags (experiment_id, key, value)
    SELECT ${id}, * FROM unnest(${tags.map(({ key }) => key)}::text[], ${tags.map(({ value }) => value)}::text[])`;
}
