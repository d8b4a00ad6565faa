/**
 * Checkout: a version of a dataset as files in a folder, for whoever reads them without Steward.
 * @module
 */
import { randomUUID } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StewardError } from "../definitions/problem.ts";
import { digestFile } from "../store/digest-file.ts";
import type { Store } from "../store/store.ts";
import type { DatasetVersion, VersionFile } from "./dataset-version.ts";
import { type DuckDb, withDuckDb } from "./duckdb.ts";
import { quotePath, quoteText } from "./sql.ts";
import { readVersionFiles } from "./version-files.ts";

/** How the rows are written: as they are stored, or as text. */
export const checkoutFormats = ["parquet", "csv", "jsonl"] as const;
export type CheckoutFormat = (typeof checkoutFormats)[number];

export interface CheckoutOptions {
  readonly version: DatasetVersion;
  readonly store: Pick<Store, "fetchFile" | "getJson">;
  /** The absolute path of a folder that is not there yet, or empty. */
  readonly to: string;
  readonly format: CheckoutFormat;
}

export interface CheckedOut {
  readonly files: number;
  readonly rows: number;
  /** Of the files as written. */
  readonly bytes: number;
}

/**
 * Writes each part of a version as a file, `00001.parquet` and so on in their order. The folder is there whole or not at all.
 *
 * @throws StewardError when there is something in the folder already, or a part is not what its digest says
 */
export async function checkOutVersion(options: CheckoutOptions): Promise<CheckedOut> {
  const { to } = options;
  await requireEmpty(to);
  await mkdir(dirname(to), { recursive: true });
  const draft = join(dirname(to), `.${basename(to)}-${randomUUID()}`);
  // Open to whom the umask allows, as no temporary folder is.
  await mkdir(draft);
  try {
    const written = await writeFiles(options, draft);
    // A rename replaces no folder everywhere; one that is not empty by now is not removed.
    await rmdir(to).catch(absentAsNothing);
    await rename(draft, to);
    return written;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function writeFiles({ version, store, format }: CheckoutOptions, draft: string): Promise<CheckedOut> {
  let [files, rows, bytes] = [0, 0, 0];
  const write = async (db: DuckDb | undefined) => {
    for await (const { parts } of readVersionFiles(store, version)) {
      for (const part of parts) {
        const path = join(draft, `${String(++files).padStart(5, "0")}.${format}`);
        await writePart(part, { path, source: await store.fetchFile(part.object), format, db });
        rows += part.rows;
        bytes += (await stat(path)).size;
      }
    }
  };
  if (format === "parquet") await write(undefined);
  else await withDuckDb(draft, write);
  return { files, rows, bytes };
}

interface PartWriting {
  readonly path: string;
  /** The part in the local cache. */
  readonly source: string;
  readonly format: CheckoutFormat;
  readonly db: DuckDb | undefined;
}

async function writePart({ object }: VersionFile["parts"][number], { path, source, format, db }: PartWriting) {
  if (db) {
    const form = format === "csv" ? "FORMAT csv, HEADER true" : "FORMAT json";
    const rows = `FROM read_parquet(${quotePath(source)}, hive_partitioning = false)`;
    await db.run(`COPY (${rows}) TO ${quoteText(path)} (${form})`);
    return;
  }
  await copyFile(source, path);
  // The cache is its owner's alone, what is handed out is not.
  await chmod(path, 0o644);
  // The cache was checked when it was filled; what is handed out is checked itself.
  const got = await digestFile(path);
  if (got.sha256 === object.sha256) return;
  throw new StewardError({
    code: "object-corrupt",
    at: source,
    what: "A part holds other bytes than its name says",
    got: got.sha256,
    expected: object.sha256,
    fix: "remove the file, which is in the local cache, and try again",
  });
}

async function requireEmpty(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code !== "ENOTDIR") throw error;
    throw new StewardError({ code: "checkout-refused", at: "", what: "what was named is no folder", got: folder });
  });
  if (found.length === 0) return;
  throw new StewardError({
    code: "checkout-refused",
    at: "",
    what: "there is something in the folder already",
    got: `${folder} with ${found.slice(0, 3).join(", ")}${found.length > 3 ? ", …" : ""}`,
  });
}

function absentAsNothing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
