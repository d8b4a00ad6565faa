/**
 * Registered models, as clients are told them.
 * @module
 */
import type { AnySql } from "../database.ts";
import { missing } from "../tracking-failure.ts";
import { type Fragment, readVersions, type SentVersion } from "./model-version.ts";
import { readModelName, type Tag } from "./registry-name.ts";

/** A model as it is sent. What it has not is left out. */
export interface SentModel {
  readonly name: string;
  /** In milliseconds since 1970, as the next one. */
  readonly creation_timestamp: number;
  readonly last_updated_timestamp: number;
  /** Who made it. */
  readonly user_id: string;
  readonly description?: string;
  /** The latest version of each stage. */
  readonly latest_versions?: readonly SentVersion[];
  readonly tags?: readonly Tag[];
  readonly aliases?: readonly { readonly alias: string; readonly version: string }[];
}

interface ModelRow {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly created: number;
  readonly updated: number;
  readonly actor: string;
  readonly tags: readonly Tag[] | null;
  readonly aliases: readonly { readonly alias: string; readonly version: string }[] | null;
}

/** The models that a condition on the model `m` holds for. @param rest what stands after it: an order, a limit */
export async function readModels(sql: AnySql, condition: Fragment, rest: Fragment): Promise<SentModel[]> {
  const rows = await sql<ModelRow[]>`
    SELECT m.id, m.name, m.description, m.created, m.updated, m.actor,
      (SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key) FROM registered_model_tags AS t
        WHERE t.model = m.id) AS tags,
      (SELECT json_agg(json_build_object('alias', a.alias, 'version', a.version::text) ORDER BY a.alias)
        FROM registered_model_aliases AS a WHERE a.model = m.id) AS aliases
    FROM registered_models AS m WHERE ${condition} ${rest}`;
  const latest = await readLatest(
    sql,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => describeModel(row, latest.get(row.name)));
}

/** One model. @throws TrackingFailure `RESOURCE_DOES_NOT_EXIST` when there is none */
export async function readModel(sql: AnySql, id: number): Promise<SentModel> {
  const [found] = await readModels(sql, sql`m.id = ${id}`, sql``);
  if (found) return found;
  throw missing("Registered Model not found");
}

/**
 * Finds a model.
 * @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what can be none, `RESOURCE_DOES_NOT_EXIST` for what is none
 */
export async function findModel(sql: AnySql, name: string): Promise<number> {
  readModelName(name);
  const [found] = await sql<{ id: number }[]>`SELECT id FROM registered_models WHERE name = ${name}`;
  if (found) return found.id;
  throw missing(`Registered Model with name=${name} not found`);
}

/** The latest version of each stage of some models, by the names of these. */
async function readLatest(sql: AnySql, models: readonly number[]): Promise<Map<string, SentVersion[]>> {
  const latest = new Map<string, SentVersion[]>();
  if (models.length === 0) return latest;
  const newest = sql`v.model = ANY(${[...models]}) AND NOT EXISTS (
    SELECT 1 FROM model_versions AS w WHERE w.model = v.model AND w.stage = v.stage AND w.version > v.version)`;
  for (const version of await readVersions(sql, newest, sql`ORDER BY v.version`)) {
    latest.set(version.name, [...(latest.get(version.name) ?? []), version]);
  }
  return latest;
}

function describeModel(row: ModelRow, latest: readonly SentVersion[] | undefined): SentModel {
  return {
    name: row.name,
    creation_timestamp: row.created,
    last_updated_timestamp: row.updated,
    user_id: row.actor,
    ...(row.description !== null && { description: row.description }),
    ...(latest && { latest_versions: latest }),
    ...(row.tags && { tags: row.tags }),
    ...(row.aliases && { aliases: row.aliases }),
  };
}
