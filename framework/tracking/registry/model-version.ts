/**
 * Versions of registered models, as clients are told them.
 * @module
 */
import type { AnySql } from "../database.ts";
import { missing } from "../tracking-failure.ts";
import { readModelName, readVersion, type Tag } from "./registry-name.ts";
import type { Stage } from "./stage.ts";

/** A version as it is sent. What it has not is left out. */
export interface SentVersion {
  readonly name: string;
  readonly version: string;
  /** In milliseconds since 1970, as the next one. */
  readonly creation_timestamp: number;
  readonly last_updated_timestamp: number;
  /** Who registered it. */
  readonly user_id: string;
  readonly current_stage: Stage;
  readonly description?: string;
  readonly source: string;
  readonly run_id?: string;
  readonly run_link?: string;
  /** The logged model that it was made from. */
  readonly model_id?: string;
  readonly status: "READY";
  readonly tags?: readonly Tag[];
  readonly aliases?: readonly string[];
}

/** What is read of a version; its tags and aliases are gathered by the statement. */
interface VersionRow {
  readonly name: string;
  readonly version: number;
  readonly created: number;
  readonly updated: number;
  readonly actor: string;
  readonly stage: Stage;
  readonly description: string | null;
  readonly source: string;
  readonly run_id: string | null;
  readonly run_link: string | null;
  readonly logged_model: string | null;
  readonly tags: readonly Tag[] | null;
  readonly aliases: readonly string[] | null;
}

/** Which version is meant. */
export interface VersionName {
  readonly name: string;
  readonly version: string;
}

/** A version as the database knows it: the number of its model, and its own. */
export interface VersionKey {
  readonly model: number;
  readonly version: number;
}

/** The columns of a version `v` of the model `m`. */
function versionColumns(sql: AnySql) {
  return sql`m.name, v.version, v.created, v.updated, v.actor, v.stage, v.description, v.source, v.run_id, v.run_link, v.logged_model,
    (SELECT json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key) FROM model_version_tags AS t
      WHERE t.model = v.model AND t.version = v.version) AS tags,
    (SELECT json_agg(a.alias ORDER BY a.alias) FROM registered_model_aliases AS a
      WHERE a.model = v.model AND a.version = v.version) AS aliases`;
}

/** The versions that a condition on the version `v` and its model `m` holds for. @param rest what stands after it: an order, a limit */
export async function readVersions(sql: AnySql, condition: Fragment, rest: Fragment): Promise<SentVersion[]> {
  const rows = await sql<VersionRow[]>`
    SELECT ${versionColumns(sql)} FROM model_versions AS v JOIN registered_models AS m ON m.id = v.model
    WHERE ${condition} ${rest}`;
  return rows.map(describeVersion);
}

/** Part of a statement. */
export type Fragment = ReturnType<typeof versionColumns>;

/** One version. @throws TrackingFailure `RESOURCE_DOES_NOT_EXIST` when there is none */
export async function readVersionOf(sql: AnySql, { model, version }: VersionKey): Promise<SentVersion> {
  const [found] = await readVersions(sql, sql`v.model = ${model} AND v.version = ${version}`, sql``);
  if (found) return found;
  throw missing(`Model Version (version=${version}) not found`);
}

/**
 * Finds a version.
 * @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what can be none, `RESOURCE_DOES_NOT_EXIST` for what is none
 */
export async function findVersion(sql: AnySql, { name, version }: VersionName): Promise<VersionKey> {
  readModelName(name);
  const number = readVersion(version);
  const [found] = await sql<{ model: number }[]>`
    SELECT v.model FROM model_versions AS v JOIN registered_models AS m ON m.id = v.model
    WHERE m.name = ${name} AND v.version = ${number}`;
  if (found) return { model: found.model, version: number };
  throw missing(`Model Version (name=${name}, version=${version}) not found`);
}

function describeVersion(row: VersionRow): SentVersion {
  return {
    name: row.name,
    version: String(row.version),
    creation_timestamp: row.created,
    last_updated_timestamp: row.updated,
    user_id: row.actor,
    current_stage: row.stage,
    ...(row.description !== null && { description: row.description }),
    source: row.source,
    ...(row.run_id !== null && { run_id: row.run_id }),
    ...(row.run_link !== null && { run_link: row.run_link }),
    ...(row.logged_model !== null && { model_id: row.logged_model }),
    status: "READY",
    ...(row.tags && { tags: row.tags }),
    ...(row.aliases && { aliases: row.aliases }),
  };
}
