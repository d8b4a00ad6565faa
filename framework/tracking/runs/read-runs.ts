/**
 * Runs as clients are told of them.
 * @module
 */
import type { AnySql } from "../database.ts";
import { writeDouble } from "../field.ts";
import { missing } from "../tracking-failure.ts";
import type { KeyValue } from "./run-entry.ts";

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

interface OfRun {
  readonly run_id: string;
}
interface MetricRow extends OfRun {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}
interface DatasetRow extends OfRun, Readonly<Record<"name" | "digest" | "source_type" | "source", string>> {
  readonly schema: string;
  readonly profile: string;
  readonly tags: readonly KeyValue[];
}
interface ModelRow extends OfRun {
  readonly direction: "input" | "output";
  readonly model_id: string;
  readonly step: number;
}

/** Runs with all that they have, in the order of the ids; what is not there is left out. */
export async function readRuns(sql: AnySql, ids: readonly string[]): Promise<object[]> {
  if (ids.length === 0) return [];
  const all = [...ids];
  const [runs, metrics, params, tags, datasets, models] = await Promise.all([
    sql<RunRow[]>`SELECT * FROM runs WHERE run_id = ANY(${all}::text[])`,
    sql<MetricRow[]>`
      SELECT run_id, key, value, timestamp, step FROM latest_metrics WHERE run_id = ANY(${all}::text[]) ORDER BY run_id, key`,
    sql<(KeyValue & OfRun)[]>`
      SELECT run_id, key, value FROM params WHERE run_id = ANY(${all}::text[]) ORDER BY run_id, key`,
    sql<(KeyValue & OfRun)[]>`
      SELECT run_id, key, value FROM tags WHERE run_id = ANY(${all}::text[]) ORDER BY run_id, key`,
    sql<DatasetRow[]>`
      SELECT d.run_id, d.tags, s.name, s.digest, s.source_type, s.source, s.schema, s.profile
      FROM run_datasets d JOIN datasets s ON s.dataset_id = d.dataset_id WHERE d.run_id = ANY(${all}::text[]) ORDER BY d.number`,
    sql<ModelRow[]>`
      SELECT run_id, direction, model_id, step FROM run_models WHERE run_id = ANY(${all}::text[]) ORDER BY number`,
  ]);
  const found = new Map(runs.map((run) => [run.run_id, run]));
  const of = {
    metrics: group(metrics, ({ run_id: _run, value, ...metric }) => ({ ...metric, value: writeDouble(value) })),
    params: group(params, ({ key, value }) => ({ key, value })),
    tags: group(tags, ({ key, value }) => ({ key, value })),
    datasets: group(datasets, ({ run_id: _run, tags: own, ...dataset }) => ({ tags: own, dataset })),
    inputs: group(
      models.filter(({ direction }) => direction === "input"),
      ({ model_id }) => ({ model_id }),
    ),
    outputs: group(
      models.filter(({ direction }) => direction === "output"),
      ({ model_id, step }) => ({ model_id, step }),
    ),
  };
  return all.flatMap((id) => {
    const run = found.get(id);
    if (!run) return [];
    return [
      {
        info: describeRunInfo(run),
        data: { metrics: of.metrics.get(id) ?? [], params: of.params.get(id) ?? [], tags: of.tags.get(id) ?? [] },
        inputs: { dataset_inputs: of.datasets.get(id) ?? [], model_inputs: of.inputs.get(id) ?? [] },
        outputs: { model_outputs: of.outputs.get(id) ?? [] },
      },
    ];
  });
}

/** A run with all that it has. @throws TrackingFailure 404 */
export async function readRun(sql: AnySql, id: string): Promise<object> {
  const [run] = await readRuns(sql, [id]);
  if (run) return run;
  throw missing(`Run with id=${id} not found`);
}

function group<Row_ extends OfRun, T>(rows: readonly Row_[], describe: (row: Row_) => T): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const before = groups.get(row.run_id);
    if (before) before.push(describe(row));
    else groups.set(row.run_id, [describe(row)]);
  }
  return groups;
}
