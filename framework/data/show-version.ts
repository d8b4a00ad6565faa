/**
 * What there is to know of a version of a dataset, and its first rows.
 * @module
 */
import { z } from "zod";
import type { Store } from "../store/store.ts";
import type { DatasetVersion, VersionFile } from "./dataset-version.ts";
import type { ShownRow } from "./diff-rows.ts";
import { withDuckDb } from "./duckdb.ts";
import { type Readmissions, readmissionsSchema } from "./readmission.ts";
import { quotePath } from "./sql.ts";
import { readVersionFiles } from "./version-files.ts";

export interface VersionFacts extends Pick<DatasetVersion, "dataset" | "columns" | "eventTime" | "key" | "rows"> {
  readonly from: string;
  readonly to: string;
  readonly quarantined?: DatasetVersion["quarantined"];
  /** The first of its files, in the order of their names. */
  readonly files: readonly {
    readonly name: string;
    readonly rows: number;
    readonly bytes: number;
    /** What steps of a derivation found. @default nothing was fitted */
    readonly fitted?: VersionFile["fitted"];
  }[];
  readonly fileCount: number;
  /** The decisions by which rows of it were taken back out of quarantine. @default none were */
  readonly readmissions?: Readmissions;
}

/** Tells a version and the first `most` of its files; pages are read as far as that needs. */
export async function describeVersion(
  store: Pick<Store, "getJson">,
  version: DatasetVersion,
  most: number,
): Promise<VersionFacts> {
  const { dataset, columns, eventTime, key, rows, from, to, quarantined } = version;
  const files = [];
  for await (const { name, rows, parts, fitted } of readVersionFiles(store, version)) {
    if (files.length === most) break;
    const bytes = parts.reduce((sum, { object }) => sum + object.size, 0);
    files.push({ name, rows, bytes, ...(fitted && { fitted }) });
  }
  const fileCount = version.files?.length ?? (version.pages ?? []).reduce((sum, { files }) => sum + files, 0);
  const facts = { dataset, columns, eventTime, key, rows, from, to, files, fileCount };
  const { readmitted } = version;
  const readmissions = readmitted && (await store.getJson(readmitted.list, readmissionsSchema));
  return { ...facts, ...(quarantined && { quarantined }), ...(readmissions && { readmissions }) };
}

export interface FirstRowsOptions {
  readonly store: Pick<Store, "fetchFile" | "getJson">;
  readonly version: DatasetVersion;
  readonly count: number;
  /** An existing folder, left as it was found. */
  readonly workFolder: string;
}

/** The first rows of a version in the order in which they are stored; only the parts that hold them are fetched. */
export async function readFirstRows({ store, version, count, workFolder }: FirstRowsOptions): Promise<ShownRow[]> {
  const paths: string[] = [];
  let held = 0;
  for await (const { parts } of readVersionFiles(store, version)) {
    for (const part of parts) {
      if (held >= count) break;
      paths.push(await store.fetchFile(part.object));
      held += part.rows;
    }
    if (held >= count) break;
  }
  if (paths.length === 0) return [];
  const rows = `FROM read_parquet([${paths.map(quotePath).join(", ")}], hive_partitioning = false) LIMIT ${count}`;
  return withDuckDb(workFolder, (db) => db.rows(rows, z.record(z.string(), z.unknown())));
}
