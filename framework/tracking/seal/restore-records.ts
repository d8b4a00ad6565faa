/**
 * Restores records from their last seals: experiments, logged models, registered models, versions and aliases.
 * @module
 */
import { mapConcurrently } from "../../data/concurrency.ts";
import { type Reference, referenceSchema } from "../../store/reference.ts";
import type { AnySql, Sql } from "../database.ts";
import type { TrackingStore } from "../tracking-tools.ts";
import { restoringSetting } from "./record-tables.ts";
import {
  type RecordKind,
  recordKinds,
  recordName,
  recordPrefix,
  type SealedRecord,
  sealedRecordSchema,
  type TrackedRecord,
} from "./sealed-record.ts";

/** How many documents are read at once. */
const readers = 8;

interface ReadRecord {
  readonly document: SealedRecord;
  readonly seals: readonly { readonly number: number; readonly reference: Reference }[];
}

/** Reads the last document of every record that was sealed, with the references of all its seals. */
export async function readRecords(store: TrackingStore): Promise<ReadRecord[]> {
  const known = new Map<string, { kind: RecordKind; id: string; numbers: number[] }>();
  for await (const name of store.listNames(recordPrefix)) {
    const [kind, id = "", number] = name.slice(recordPrefix.length).split("/");
    const of = recordKinds.find((one) => one === kind);
    if (of === undefined) continue;
    const record = known.get(`${of}/${id}`) ?? { kind: of, id, numbers: [] };
    record.numbers.push(Number(number));
    known.set(`${of}/${id}`, record);
  }
  const read: ReadRecord[] = [];
  await mapConcurrently([...known.values()], readers, async ({ kind, id, numbers }) => {
    const seals = await Promise.all(
      numbers
        .toSorted((a, b) => a - b)
        .map(async (number) => ({
          number,
          reference: referenceSchema.parse(await store.readName(recordName({ kind, id, number }))),
        })),
    );
    const last = seals.at(-1);
    if (last) read.push({ document: await store.getJson(last.reference, sealedRecordSchema), seals });
  });
  return read.sort((a, b) => a.document.id.localeCompare(b.document.id, "en", { numeric: true }));
}

/** Which records, and how many of them were restored. */
export type RestoredRecords = Readonly<Record<RecordKind, number>>;

/** Restores those records of some kinds that the database does not have. Repeated, it goes on where it ended. */
export async function restoreRecords(
  sql: Sql,
  records: readonly ReadRecord[],
  kinds: readonly RecordKind[] = recordKinds,
): Promise<Partial<RestoredRecords>> {
  const counts: Partial<Record<RecordKind, number>> = {};
  for (const kind of kinds) {
    counts[kind] = 0;
    for (const { document, seals } of records.filter((one) => one.document.kind === kind)) {
      const isNew = await sql.begin(async (transaction) => {
        await transaction`SELECT set_config(${restoringSetting}, 'on', true)`;
        const restored = document.record !== null && (await restore(transaction, document.record));
        for (const { number, reference } of seals) {
          const seal = { kind, id: document.id, number, ...reference, at: 0 };
          await transaction`INSERT INTO record_seals ${transaction(seal)} ON CONFLICT DO NOTHING`;
        }
        return restored;
      });
      if (isNew) counts[kind] += 1;
    }
  }
  return counts;
}

/** Numbers are not given twice, also those of models that were deleted. */
export async function numberAfter(sql: Sql, records: readonly ReadRecord[]): Promise<void> {
  const last = (of: RecordKind) =>
    Math.max(0, ...records.flatMap(({ document: { kind, id } }) => (kind === of ? [Number(id)] : [])));
  await sql`
    SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'),
      greatest(1, ${last("experiment")}::bigint, (SELECT max(experiment_id) FROM experiments)))`;
  const model = last("registered-model");
  if (model === 0) return;
  await sql`
    SELECT setval(pg_get_serial_sequence('registered_models', 'id'),
      greatest(${model}::bigint, (SELECT max(id) FROM registered_models)))`;
}

/** @returns whether it was not there */
async function restore(sql: AnySql, record: TrackedRecord): Promise<boolean> {
  switch (record.kind) {
    case "experiment": {
      const { id: experiment_id, name, artifacts: artifact_location, lifecycle: lifecycle_stage } = record;
      const { created: creation_time, updated: last_update_time, tags } = record;
      const row = { experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time };
      // The one of number 0 is in every database.
      const { count } = await sql`
        INSERT INTO experiments ${sql(row)} ON CONFLICT (experiment_id) DO UPDATE SET
          name = excluded.name, artifact_location = excluded.artifact_location, lifecycle_stage = excluded.lifecycle_stage,
          creation_time = excluded.creation_time, last_update_time = excluded.last_update_time
        WHERE experiments.experiment_id = 0 AND experiments.creation_time <> excluded.creation_time AND NOT EXISTS (SELECT 1 FROM runs WHERE experiment_id = 0)`;
      if (count > 0) await restorePairs(sql, "experiment_tags", { columns: { experiment_id }, pairs: tags });
      return count > 0;
    }
    case "logged-model": {
      const { id: model_id, experiment: experiment_id, name, artifacts, created, updated, status, actor } = record;
      const more = { model_type: record.type, source_run_id: record.run, lifecycle_stage: record.lifecycle };
      const row = {
        model_id,
        experiment_id,
        name,
        artifact_uri: artifacts.at,
        created,
        updated,
        status,
        actor,
        ...more,
      };
      const { count } = await sql`INSERT INTO logged_models ${sql(row)} ON CONFLICT DO NOTHING`;
      if (count === 0) return false;
      await restorePairs(sql, "logged_model_params", { columns: { model_id }, pairs: record.params });
      await restorePairs(sql, "logged_model_tags", { columns: { model_id }, pairs: record.tags });
      for (const { run: run_id, value, dataset: dataset_name, digest: dataset_digest, ...metric } of record.metrics) {
        const point = { model_id, run_id, ...metric, value: Number(value), dataset_name, dataset_digest };
        await sql`INSERT INTO logged_model_metrics ${sql(point)} ON CONFLICT DO NOTHING`;
      }
      const folder = artifacts.at.replace(/^mlflow-artifacts:\/+/, "");
      for (const { path, ...file } of artifacts.files)
        await sql`INSERT INTO artifacts ${sql({ path: `${folder}/${path}`, ...file })} ON CONFLICT DO NOTHING`;
      return true;
    }
    case "registered-model": {
      const { id, name, description, created, updated, actor, numbered } = record;
      const { count } = await sql`
        INSERT INTO registered_models (id, name, description, created, updated, actor, numbered) OVERRIDING SYSTEM VALUE
        VALUES (${id}, ${name}, ${description}, ${created}, ${updated}, ${actor}, ${numbered}) ON CONFLICT DO NOTHING`;
      if (count === 0) return false;
      await restorePairs(sql, "registered_model_tags", { columns: { model: id }, pairs: record.tags });
      return true;
    }
    case "model-version": {
      const { kind: _, tags, run: run_id, link: run_link, logged: logged_model, ...rest } = record;
      const { model, version } = rest;
      // Its model may have been deleted before its own deletion was sealed.
      const [known] = await sql`SELECT 1 FROM registered_models WHERE id = ${model}`;
      if (!known) return false;
      const row = { ...rest, run_id, run_link, logged_model };
      const { count } = await sql`INSERT INTO model_versions ${sql(row)} ON CONFLICT DO NOTHING`;
      if (count === 0) return false;
      await restorePairs(sql, "model_version_tags", { columns: { model, version }, pairs: tags });
      return true;
    }
  }
}

/** Restores the aliases of models, once their versions are there. */
export async function restoreAliases(sql: Sql, records: readonly ReadRecord[]): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`SELECT set_config(${restoringSetting}, 'on', true)`;
    for (const { document } of records) {
      if (document.record?.kind !== "registered-model") continue;
      const { id, aliases } = document.record;
      for (const { alias, version } of aliases) {
        await transaction`
          INSERT INTO registered_model_aliases (model, alias, version)
          SELECT model, ${alias}, version FROM model_versions WHERE model = ${id} AND version = ${version} ON CONFLICT DO NOTHING`;
      }
    }
  });
}

interface RestoredPairs {
  /** What names the record. */
  readonly columns: Readonly<Record<string, string | number>>;
  readonly pairs: readonly { readonly key: string; readonly value: string }[];
}

async function restorePairs(sql: AnySql, table: string, { columns, pairs }: RestoredPairs): Promise<void> {
  if (pairs.length === 0) return;
  await sql`INSERT INTO ${sql(table)} ${sql(pairs.map((pair) => ({ ...columns, ...pair })))} ON CONFLICT DO NOTHING`;
}
