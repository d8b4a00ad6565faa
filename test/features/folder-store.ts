/**
 * A store in a folder, with just what building a training set needs, and a Parquet file as a dataset version in it.
 * @module
 */
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { DatasetVersion, VersionFile } from "../../framework/data/dataset-version.ts";
import { copyToParquet, withDuckDb } from "../../framework/data/duckdb.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import type { ObjectStore } from "../../framework/features/build-training-set.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";

export interface FolderStore extends ObjectStore, AsyncDisposable {
  /** An existing folder for whatever a test needs. */
  readonly folder: string;
  pathOf(reference: Reference): string;
}

/** Makes a store in a temporary folder, which goes when the store is disposed of. */
export async function createFolderStore(): Promise<FolderStore> {
  const folder = await mkdtemp(join(tmpdir(), "steward-features-"));
  const pathOf = (reference: Reference) => join(folder, reference.sha256);
  return {
    folder,
    pathOf,
    fetchFile: async (reference) => pathOf(reference),
    getJson: async (reference, schema) =>
      schema.parse(
        JSON.parse(await readFile(typeof reference === "string" ? join(folder, reference) : pathOf(reference), "utf8")),
      ),
    putFile: async (path) => {
      const reference = { sha256: digestBytes(await readFile(path)), size: (await stat(path)).size };
      await copyFile(path, pathOf(reference));
      return reference;
    },
    putJson: async (value) => {
      const text = toCanonicalJson(value);
      const reference = { sha256: digestBytes(text), size: Buffer.byteLength(text) };
      await writeFile(pathOf(reference), text);
      return reference;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Stores the rows of queries, each as one part, and describes them as a version of the dataset. */
export async function storeVersion(
  store: ObjectStore & { readonly folder: string },
  spec: DatasetSpec,
  queries: readonly string[],
): Promise<{ spec: DatasetSpec; version: DatasetVersion }> {
  const parts = await withDuckDb(store.folder, async (db) => {
    const stored: VersionFile["parts"] = [];
    for (const query of queries) {
      const path = join(db.folder, "part.parquet");
      await db.run(copyToParquet(query, path));
      const [counted] = await db.rows(`SELECT count(*) AS rows FROM (${query})`, z.object({ rows: z.coerce.number() }));
      stored.push({ object: await store.putFile(path), rows: counted?.rows ?? 0 });
    }
    return stored;
  });
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const version: DatasetVersion = {
    format: "dataset-version/2",
    dataset: spec.name,
    columns: spec.columns,
    eventTime: spec.eventTime,
    key: spec.key,
    rows,
    from: "",
    to: "",
    fingerprint: "",
    files: [{ name: "rows", fingerprint: "", identity: "", rows, from: "", to: "", parts }],
  };
  return { spec, version };
}
