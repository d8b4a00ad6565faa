/**
 * Logged models, as clients are told them.
 * @module
 */
import type { AnySql } from "../database.ts";
import { writeDouble } from "../field.ts";
import type { Fragment } from "../registry/model-version.ts";
import type { Tag } from "../registry/registry-name.ts";
import { missing } from "../tracking-failure.ts";

/** How far a model has come: its files are on their way, there, or were not all sent. */
export const loggedModelStatuses = ["PENDING", "READY", "UPLOAD_FAILED"] as const;

export type LoggedModelStatus = (typeof loggedModelStatuses)[number];

/** A model as it is sent. */
export interface SentLoggedModel {
  readonly info: {
    readonly model_id: string;
    readonly experiment_id: string;
    readonly name: string;
    /** In milliseconds since 1970, as the next one. */
    readonly creation_timestamp_ms: number;
    readonly last_updated_timestamp_ms: number;
    readonly artifact_uri: string;
    readonly status: `LOGGED_MODEL_${LoggedModelStatus}`;
    readonly model_type?: string;
    readonly source_run_id?: string;
    readonly tags: readonly Tag[];
    /** The versions that were registered of it. */
    readonly registrations: readonly { readonly name: string; readonly version: string }[];
  };
  readonly data: { readonly params: readonly Tag[]; readonly metrics: readonly SentMetric[] };
}

/** A value that was logged for a model, as it is sent. */
interface SentMetric {
  readonly key: string;
  readonly value: number | "NaN";
  readonly timestamp: number;
  readonly step: number;
  readonly run_id: string;
  readonly model_id: string;
  readonly dataset_name?: string;
  readonly dataset_digest?: string;
}

interface LoggedModelRow {
  readonly model_id: string;
  readonly experiment_id: number;
  readonly name: string;
  readonly artifact_uri: string;
  readonly created: number;
  readonly updated: number;
  readonly status: LoggedModelStatus;
  readonly model_type: string | null;
  readonly source_run_id: string | null;
  readonly tags: readonly Tag[];
  readonly params: readonly Tag[];
  readonly registrations: readonly { readonly name: string; readonly version: string }[];
}

interface MetricRow {
  readonly model_id: string;
  readonly run_id: string;
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly dataset_name: string;
  readonly dataset_digest: string;
}

/** The models that a condition on the model `l` holds for. @param rest what stands after it: an order, a limit */
export async function readLoggedModels(sql: AnySql, condition: Fragment, rest: Fragment): Promise<SentLoggedModel[]> {
  const rows = await sql<LoggedModelRow[]>`
    SELECT l.model_id, l.experiment_id, l.name, l.artifact_uri, l.created, l.updated, l.status, l.model_type, l.source_run_id,
      coalesce((SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key)
        FROM logged_model_tags AS t WHERE t.model_id = l.model_id), '[]') AS tags,
      coalesce((SELECT json_agg(json_build_object('key', p.key, 'value', p.value) ORDER BY p.key)
        FROM logged_model_params AS p WHERE p.model_id = l.model_id), '[]') AS params,
      coalesce((SELECT json_agg(json_build_object('name', m.name, 'version', v.version::text) ORDER BY m.name, v.version)
        FROM model_versions AS v JOIN registered_models AS m ON m.id = v.model WHERE v.logged_model = l.model_id), '[]') AS registrations
    FROM logged_models AS l WHERE ${condition} ${rest}`;
  const metrics = await readMetrics(
    sql,
    rows.map(({ model_id }) => model_id),
  );
  return rows.map((row) => describeLoggedModel(row, metrics.get(row.model_id) ?? []));
}

export interface LoggedModelAsked {
  /** Whether one that was deleted is found too. @default false */
  readonly allowDeleted?: boolean;
}

/** One model. @throws TrackingFailure `RESOURCE_DOES_NOT_EXIST` when there is none */
export async function readLoggedModel(
  sql: AnySql,
  id: string,
  { allowDeleted = false }: LoggedModelAsked = {},
): Promise<SentLoggedModel> {
  const [found] = await readLoggedModels(
    sql,
    sql`l.model_id = ${id} AND (${allowDeleted} OR l.lifecycle_stage = 'active')`,
    sql``,
  );
  if (found) return found;
  throw noLoggedModel(id);
}

/** What is said where there is no such model. */
export function noLoggedModel(id: string): Error {
  return missing(`Logged model with ID '${id}' not found.`);
}

async function readMetrics(sql: AnySql, models: readonly string[]): Promise<Map<string, SentMetric[]>> {
  const metrics = new Map<string, SentMetric[]>();
  if (models.length === 0) return metrics;
  const rows = await sql<MetricRow[]>`
    SELECT model_id, run_id, key, value, "timestamp", step, dataset_name, dataset_digest FROM logged_model_metrics
    WHERE model_id = ANY(${[...models]}) ORDER BY model_id, key, "timestamp", step`;
  for (const { model_id, value, dataset_name, dataset_digest, ...metric } of rows) {
    const sent = {
      ...metric,
      model_id,
      value: writeDouble(value),
      ...(dataset_name !== "" && { dataset_name }),
      ...(dataset_digest !== "" && { dataset_digest }),
    };
    const before = metrics.get(model_id);
    if (before) before.push(sent);
    else metrics.set(model_id, [sent]);
  }
  return metrics;
}

function describeLoggedModel(row: LoggedModelRow, metrics: readonly SentMetric[]): SentLoggedModel {
  return {
    info: {
      model_id: row.model_id,
      experiment_id: String(row.experiment_id),
      name: row.name,
      creation_timestamp_ms: row.created,
      last_updated_timestamp_ms: row.updated,
      artifact_uri: row.artifact_uri,
      status: `LOGGED_MODEL_${row.status}`,
      ...(row.model_type !== null && { model_type: row.model_type }),
      ...(row.source_run_id !== null && { source_run_id: row.source_run_id }),
      tags: row.tags,
      registrations: row.registrations,
    },
    data: { params: row.params, metrics },
  };
}
