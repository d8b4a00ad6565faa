/**
 * The index of artifacts: what lies under which path, in Postgres.
 * @module
 */
import type { Reference } from "../../store/reference.ts";
import type { AnySql } from "../database.ts";
import { invalid } from "../tracking-failure.ts";
import { foldersOf, joinPath } from "./artifact-path.ts";

/** A file or a folder in a listing, as clients are told it. */
export interface ListedArtifact {
  readonly path: string;
  readonly is_dir: boolean;
  /** In bytes. @default a folder has none */
  readonly file_size?: number;
}

export interface ArtifactRecord {
  readonly path: string;
  readonly object: Reference;
  /** In milliseconds since 1970. */
  readonly updated: number;
  /** Who sent it. */
  readonly actor: string;
}

/**
 * Gives a path its bytes, in the place of those that it had.
 * @throws TrackingFailure `INVALID_PARAMETER_VALUE` where the path is a folder, or lies in something that is a file
 */
export async function recordArtifact(sql: AnySql, { path, object, updated, actor }: ArtifactRecord): Promise<void> {
  const { sha256, size } = object;
  const { count } = await sql`
    INSERT INTO artifacts (path, sha256, size, updated, actor)
    SELECT ${path}, ${sha256}, ${size}, ${updated}, ${actor}
    WHERE NOT EXISTS (SELECT 1 FROM artifacts WHERE path = ANY(${foldersOf(path)}))
      AND NOT EXISTS (SELECT 1 FROM artifacts WHERE ${within(sql, path)})
    ON CONFLICT (path) DO UPDATE
      SET sha256 = excluded.sha256, size = excluded.size, updated = excluded.updated, actor = excluded.actor`;
  if (count === 0) throw invalid("Invalid path: what is a file cannot be a folder as well");
}

/** The bytes of a path, or nothing. */
export async function findArtifact(sql: AnySql, path: string): Promise<Reference | undefined> {
  const [row] = await sql<Reference[]>`SELECT sha256, size FROM artifacts WHERE path = ${path}`;
  return row && { sha256: row.sha256, size: row.size };
}

/**
 * What lies in a folder, by name. Nothing for a file, by which clients tell it from a folder, and for what is not there.
 * @param folder empty for the root of all
 * @param shown what the paths of the answer begin with. @default ""
 */
export async function listArtifacts(sql: AnySql, folder: string, shown = ""): Promise<ListedArtifact[]> {
  // Postgres counts characters, not the halves of pairs that some of them are here.
  const from = folder === "" ? 1 : [...folder].length + 2;
  const rows = await sql<{ name: string; folder: boolean; size: number }[]>`
    SELECT split_part(substr(path, ${from}), '/', 1) AS name,
      bool_or(position('/' IN substr(path, ${from})) > 0) AS folder, max(size) AS size
    FROM artifacts WHERE ${folder === "" ? sql`true` : within(sql, folder)}
    GROUP BY 1 ORDER BY 1`;
  return rows.map((row) => describeListed(joinPath(shown, row.name), row.folder ? undefined : row.size));
}

/** Forgets a file, or all that lies in a folder; nothing being there is no error. @returns how many files it forgot */
export async function removeArtifacts(sql: AnySql, path: string): Promise<number> {
  const { count } = await sql`DELETE FROM artifacts WHERE path = ${path} OR ${within(sql, path)}`;
  return count;
}

function describeListed(path: string, size: number | undefined): ListedArtifact {
  return size === undefined ? { path, is_dir: true } : { path, is_dir: false, file_size: size };
}

/** The range of what lies in a folder: a 0 comes right after a slash. */
function within(sql: AnySql, folder: string) {
  return sql`path > ${`${folder}/`} AND path < ${`${folder}0`}`;
}
