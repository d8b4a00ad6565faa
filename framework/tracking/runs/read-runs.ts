/**
 * Runs as clients are told of them.
 * @module
 */
import type { AnySql } from "../database.ts";
import { missing } from "../tracking-failure.ts";

/** A row of the table of runs. */
export interface RunRow {
  readonly run_id: string;
  readonly experiment_id: number;
  readonly name: string;
  readonly status: string;
  readonly user_id: string;
  readonly actor: string;
  /** In milliseconds since 1970, like all times. */
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly lifecycle_stage: string;
  readonly artifact_uri: string;
  /** How often it was sealed. */
  readonly seals: number;
}

/** What a client is told of a run beside its data. */
export function describeRunInfo(run: RunRow): object {
  return {
    run_uuid: run.run_id,
    run_id: run.run_id,
    run_name: run.name,
    experiment_id: String(run.experiment_id),
    user_id: run.user_id,
    status: run.status,
    ...(run.start_time !== null && { start_time: run.start_time }),
    ...(run.end_time !== null && { end_time: run.end_time }),
    artifact_uri: run.artifact_uri,
    lifecycle_stage: run.lifecycle_stage,
  };
}

/** A run and its metrics as columns side by side: they are read in a fraction of the time that a row for each takes. */
interface MeasuredRow extends RunRow {
  /** One a line; numbers have commas between them. */
  readonly keys: string | null;
  readonly values: string | null;
  readonly times: string | null;
  readonly steps: string | null;
}

/** What else a run has, as JSON; nothing of a kind is null. */
interface DescribedRow {
  readonly run_id: string;
  readonly params: string | null;
  readonly tags: string | null;
  readonly datasets: string | null;
  readonly inputs: string | null;
  readonly outputs: string | null;
}

/** Runs as clients are sent them, as JSON, in the given order: what is printed already is taken as it is. Runs that are not there are left out. */
export async function printRuns(
  sql: AnySql,
  found: readonly { readonly run_id: string; readonly print: string | null }[],
): Promise<string[]> {
  const others = found.flatMap(({ run_id, print }) => (print === null ? [run_id] : []));
  const made = others.length > 0 ? await makePrints(sql, others) : new Map<string, string>();
  return found.flatMap(({ run_id, print }) => print ?? made.get(run_id) ?? []);
}

/** Keeps the print of a run beside its seal. */
export async function keepPrint(
  sql: AnySql,
  { run, seals, print }: { readonly run: string; readonly seals: number; readonly print: string },
): Promise<void> {
  await sql`
    INSERT INTO printed_runs ${sql({ run_id: run, seals, print })}
    ON CONFLICT (run_id) DO UPDATE SET seals = excluded.seals, print = excluded.print`;
}

/**
 * The prints of runs as they are at this moment, by their ids: what clients are sent, as JSON. Most of it is as Postgres says it, and is
 * never taken apart.
 */
export async function makePrints(sql: AnySql, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const [measured, described] = await Promise.all([readMeasured(sql, [...ids]), readDescribed(sql, [...ids])]);
  const others = new Map(described.map((row) => [row.run_id, row]));
  return new Map(measured.map((row) => [row.run_id, printRun(row, others.get(row.run_id))]));
}

function printRun(row: MeasuredRow, other: DescribedRow | undefined): string {
  const data = `{"metrics":[${printMetrics(row)}],"params":${other?.params ?? "[]"},"tags":${other?.tags ?? "[]"}}`;
  const inputs = `{"dataset_inputs":${other?.datasets ?? "[]"},"model_inputs":${other?.inputs ?? "[]"}}`;
  const outputs = `{"model_outputs":${other?.outputs ?? "[]"}}`;
  return `{"info":${JSON.stringify(describeRunInfo(row))},"data":${data},"inputs":${inputs},"outputs":${outputs}}`;
}

function readMeasured(sql: AnySql, ids: string[]): Promise<readonly MeasuredRow[]> {
  return sql<MeasuredRow[]>`
    SELECT r.*, m.* FROM unnest(${ids}::text[]) WITH ORDINALITY AS g(run_id, number) JOIN runs r ON r.run_id = g.run_id
    CROSS JOIN LATERAL (
      SELECT string_agg(key, E'\\n') AS keys, string_agg(value::text, ',') AS values,
        string_agg("timestamp"::text, ',') AS times, string_agg(step::text, ',') AS steps
      FROM (SELECT key, value, "timestamp", step FROM latest_metrics WHERE run_id = r.run_id ORDER BY key) AS own
    ) m ORDER BY g.number`;
}

function readDescribed(sql: AnySql, ids: string[]): Promise<readonly DescribedRow[]> {
  return sql<DescribedRow[]>`
    SELECT g.run_id, p.*, t.*, d.*, o.* FROM unnest(${ids}::text[]) AS g(run_id)
    CROSS JOIN LATERAL (
      SELECT json_agg(own)::text AS params FROM (SELECT key, value FROM params WHERE run_id = g.run_id ORDER BY key) AS own
    ) p CROSS JOIN LATERAL (
      SELECT json_agg(own)::text AS tags FROM (SELECT key, value FROM tags WHERE run_id = g.run_id ORDER BY key) AS own
    ) t CROSS JOIN LATERAL (
      SELECT json_agg(own)::text AS datasets FROM (
        SELECT d.tags, json_build_object('name', s.name, 'digest', s.digest, 'source_type', s.source_type, 'source', s.source,
          'schema', s.schema, 'profile', s.profile) AS dataset
        FROM run_datasets d JOIN datasets s ON s.dataset_id = d.dataset_id WHERE d.run_id = g.run_id ORDER BY d.number) AS own
    ) d CROSS JOIN LATERAL (
      SELECT (json_agg(json_build_object('model_id', model_id)) FILTER (WHERE direction = 'input'))::text AS inputs,
        (json_agg(json_build_object('model_id', model_id, 'step', step)) FILTER (WHERE direction = 'output'))::text AS outputs
      FROM (SELECT direction, model_id, step FROM run_models WHERE run_id = g.run_id ORDER BY number) AS own
    ) o`;
}

/** A run with all that it has. @throws TrackingFailure 404 */
export async function readRun(sql: AnySql, id: string): Promise<object> {
  const run = (await makePrints(sql, [id])).get(id);
  if (run !== undefined) return JSON.parse(run) as object;
  throw missing(`Run with id=${id} not found`);
}

function printMetrics({ keys, values, times, steps }: MeasuredRow): string {
  if (keys === null) return "";
  const [sizes, stamps, numbers] = [values, times, steps].map((list) => list?.split(",") ?? []);
  const metrics = keys.split("\n").map((key, index) => {
    const place = `"timestamp":${stamps?.[index]},"step":${numbers?.[index]}`;
    return `{"key":${JSON.stringify(key)},${place},"value":${printDouble(sizes?.[index] ?? "NaN")}}`;
  });
  return metrics.join(",");
}

/** A double that Postgres says, in the fewest digits that say it exactly: what JSON has no number for is a text. */
function printDouble(said: string): string {
  if (said === "-0") return "0";
  return said.endsWith("N") || said.endsWith("y") ? `"${said}"` : said;
}
