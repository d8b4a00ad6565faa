/**
 * One commit of what runs log: entries become a few statements, however many there are.
 * @module
 */
import type { AnySql, Sql } from "../database.ts";
import type { TrackingFailure } from "../tracking-failure.ts";
import { type Amendment, writeAmendments } from "./amendment.ts";
import { decideEntries, type KnownRun, refuseRun, type StoredParam } from "./decide-entries.ts";
import type { KeyValue, LoggedMetric, RunEntry } from "./run-entry.ts";

/** What came of entries. */
export interface Written {
  /** Why an entry was not written, by its position. */
  readonly failures: ReadonlyMap<number, TrackingFailure>;
  /** Whether something may be due to be sealed: runs that were sealed before, or logged models. */
  readonly due: boolean;
}

/** Writes entries: each as a whole or, for a reason of its own, not at all. */
export async function writeEntries(sql: Sql, entries: readonly RunEntry[], now: number): Promise<Written> {
  const plain: number[] = [];
  const others: number[] = [];
  for (const [index, entry] of entries.entries()) (isPlain(entry) ? plain : others).push(index);
  const failures = new Map<number, TrackingFailure>();
  if (plain.length > 0) {
    const known = await writePlain(
      sql,
      plain.map((index) => entries[index] as RunEntry),
    );
    for (const index of plain) {
      const { runId } = entries[index] as RunEntry;
      const run = known.get(runId);
      const failure = refuseRun(runId, run);
      if (failure) failures.set(index, failure);
      // What is logged to a run that was sealed is recorded as an amendment too.
      else if (run && run.seals > 0) others.push(index);
    }
  }
  if (others.length === 0) return { failures, due: false };
  others.sort((a, b) => a - b);
  const written = await writeOthers(
    sql,
    others.map((index) => entries[index] as RunEntry),
    now,
  );
  for (const [position, failure] of written.failures) failures.set(others[position] as number, failure);
  return { failures, due: written.due };
}

/** Whether an entry has nothing but metrics of its run. */
function isPlain({ metrics, params, tags }: RunEntry): boolean {
  return params.length === 0 && tags.length === 0 && !metrics.some(({ model_id }) => model_id);
}

/** The values of metrics, column by column. */
function toColumns(entries: readonly RunEntry[]) {
  const runIds: string[] = [];
  const keys: string[] = [];
  const steps: number[] = [];
  const timestamps: number[] = [];
  const values: number[] = [];
  for (const { runId, metrics } of entries) {
    for (const { key, step, timestamp, value } of metrics) {
      runIds.push(runId);
      keys.push(key);
      steps.push(step);
      timestamps.push(timestamp);
      values.push(value);
    }
  }
  return { runIds, keys, steps, timestamps, values };
}

/** Metrics of runs that are not sealed: one statement, which is a transaction. @returns the runs that there are */
async function writePlain(sql: Sql, entries: readonly RunEntry[]): Promise<Map<string, KnownRun>> {
  const ids = [...new Set(entries.map(({ runId }) => runId))];
  const { runIds, keys, steps, timestamps, values } = toColumns(entries);
  const known = await sql<KnownRun[]>`
    WITH known AS MATERIALIZED (
      SELECT run_id, experiment_id, lifecycle_stage, seals FROM runs WHERE run_id = ANY(${ids}::text[])
    ), given AS MATERIALIZED (
      SELECT g.run_id, g.key, g.step, g.timestamp, g.value, k.experiment_id
      FROM unnest(${runIds}::text[], ${keys}::text[], ${steps}::bigint[], ${timestamps}::bigint[], ${values}::float8[])
        AS g(run_id, key, step, timestamp, value)
      JOIN known k ON k.run_id = g.run_id AND k.lifecycle_stage = 'active' AND k.seals = 0
    ), history AS (${insertHistory(sql)}), latest AS (${upsertLatest(sql)})
    SELECT run_id, lifecycle_stage, seals FROM known`;
  return new Map(known.map((run) => [run.run_id, run]));
}

/** In one order always, so that two commits never wait for each other. */
function insertHistory(sql: AnySql) {
  return sql`INSERT INTO metrics (run_id, key, step, timestamp, value)
    SELECT run_id, key, step, timestamp, value FROM given ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT DO NOTHING`;
}

/** The last value is that of the largest step, then the latest time, then the largest value, where NaN counts as nought. */
function upsertLatest(sql: AnySql) {
  return sql`INSERT INTO latest_metrics AS l (run_id, key, experiment_id, value, step, timestamp)
    SELECT DISTINCT ON (run_id, key) run_id, key, experiment_id, value, step, timestamp FROM given
    ORDER BY run_id, key, step DESC, timestamp DESC, CASE WHEN value = 'NaN' THEN 0 ELSE value END DESC
    ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value, step = excluded.step, timestamp = excluded.timestamp
    WHERE (excluded.step, excluded.timestamp, CASE WHEN excluded.value = 'NaN' THEN 0 ELSE excluded.value END)
        > (l.step, l.timestamp, CASE WHEN l.value = 'NaN' THEN 0 ELSE l.value END)`;
}

/** What needs to look before it writes. */
async function writeOthers(sql: Sql, entries: readonly RunEntry[], now: number): Promise<Written> {
  return sql.begin(async (transaction) => {
    const ids = [...new Set(entries.map(({ runId }) => runId))];
    const known = await transaction<KnownRun[]>`
      SELECT run_id, lifecycle_stage, seals FROM runs WHERE run_id = ANY(${ids}::text[])
      ORDER BY run_id FOR NO KEY UPDATE`;
    const stored = await readParams(transaction, entries);
    const decided = decideEntries(entries, { known, stored });
    const { accepted } = decided;
    const sealed = new Set(known.filter(({ seals }) => seals > 0).map(({ run_id }) => run_id));
    const amendments: Amendment[] = [
      ...(await insertParams(transaction, decided.params)),
      ...(await upsertTags(transaction, accepted)),
      ...(await insertMetrics(transaction, accepted)),
    ].filter(({ runId }) => sealed.has(runId));
    const hasModels = await insertModelMetrics(transaction, accepted);
    await writeAmendments(transaction, amendments, now);
    return { failures: decided.failures, due: hasModels || amendments.length > 0 };
  });
}

async function readParams(sql: AnySql, entries: readonly RunEntry[]): Promise<readonly StoredParam[]> {
  const runIds: string[] = [];
  const keys: string[] = [];
  for (const { runId, params } of entries) {
    for (const { key } of params) {
      runIds.push(runId);
      keys.push(key);
    }
  }
  if (keys.length === 0) return [];
  return sql<StoredParam[]>`
    SELECT p.run_id, p.key, p.value FROM params p
    JOIN unnest(${runIds}::text[], ${keys}::text[]) AS g(run_id, key) ON g.run_id = p.run_id AND g.key = p.key`;
}

interface OfRun extends KeyValue {
  readonly runId: string;
  readonly actor: string;
}

async function insertParams(sql: AnySql, params: readonly OfRun[]): Promise<Amendment[]> {
  if (params.length === 0) return [];
  await sql`
    INSERT INTO params (run_id, key, value)
    SELECT * FROM unnest(${params.map(({ runId }) => runId)}::text[], ${params.map(({ key }) => key)}::text[],
      ${params.map(({ value }) => value)}::text[])
    ON CONFLICT DO NOTHING`;
  return params.map(({ runId, actor, key, value }) => ({ runId, actor, what: { param: { key, value } } }));
}

async function upsertTags(sql: AnySql, entries: readonly RunEntry[]): Promise<Amendment[]> {
  const last = new Map<string, OfRun>();
  for (const { runId, actor, tags } of entries) {
    for (const { key, value } of tags) last.set(`${runId} ${key}`, { runId, actor, key, value });
  }
  if (last.size === 0) return [];
  const tags = [...last.values()];
  const changed = await sql<{ run_id: string; key: string; value: string }[]>`
    INSERT INTO tags AS t (run_id, key, value)
    SELECT * FROM unnest(${tags.map(({ runId }) => runId)}::text[], ${tags.map(({ key }) => key)}::text[],
      ${tags.map(({ value }) => value)}::text[])
    ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value WHERE t.value <> excluded.value
    RETURNING run_id, key, value`;
  const names = tags.filter(({ key }) => key === "mlflow.runName");
  if (names.length > 0) {
    await sql`
      UPDATE runs SET name = g.name
      FROM unnest(${names.map(({ runId }) => runId)}::text[], ${names.map(({ value }) => value)}::text[]) AS g(run_id, name)
      WHERE g.run_id = runs.run_id`;
  }
  return changed.map(({ run_id, key, value }) => {
    const actor = last.get(`${run_id} ${key}`)?.actor ?? "";
    return { runId: run_id, actor, what: { tag: { key, value } } };
  });
}

async function insertMetrics(sql: AnySql, entries: readonly RunEntry[]): Promise<Amendment[]> {
  const { runIds, keys, steps, timestamps, values } = toColumns(entries);
  if (keys.length === 0) return [];
  const inserted = await sql<(Pick<LoggedMetric, "key" | "step" | "timestamp" | "value"> & { run_id: string })[]>`
    WITH given AS MATERIALIZED (
      SELECT g.*, r.experiment_id
      FROM unnest(${runIds}::text[], ${keys}::text[], ${steps}::bigint[], ${timestamps}::bigint[], ${values}::float8[])
        AS g(run_id, key, step, timestamp, value)
      JOIN runs r ON r.run_id = g.run_id
    ), latest AS (${upsertLatest(sql)}), history AS (${insertHistory(sql)} RETURNING run_id, key, step, timestamp, value)
    SELECT * FROM history`;
  const actors = new Map(entries.map(({ runId, actor }) => [runId, actor]));
  return inserted.map(({ run_id, value, ...metric }) => {
    const what = { metric: { ...metric, value: Number.isNaN(value) ? "NaN" : value } };
    return { runId: run_id, actor: actors.get(run_id) ?? "", what };
  });
}

/** A statement takes 65,534 parameters, of which each row has eight. */
const mostModelRows = 8000;

/** @returns whether there were any */
async function insertModelMetrics(sql: AnySql, entries: readonly RunEntry[]): Promise<boolean> {
  const rows = entries.flatMap(({ runId, metrics }) =>
    metrics.flatMap(({ model_id, key, step, timestamp, value, dataset_name, dataset_digest }) =>
      model_id
        ? [
            {
              model_id,
              run_id: runId,
              key,
              step,
              timestamp,
              value,
              dataset_name: dataset_name ?? "",
              dataset_digest: dataset_digest ?? "",
            },
          ]
        : [],
    ),
  );
  for (let from = 0; from < rows.length; from += mostModelRows) {
    const some = rows.slice(from, from + mostModelRows);
    await sql`INSERT INTO logged_model_metrics ${sql(some)} ON CONFLICT DO NOTHING`;
  }
  return rows.length > 0;
}
