/**
 * DuckDB, the way this project uses it: bounded memory that spills into one folder, two threads, UTC, no network and
 * nothing loaded that is not built in.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { z } from "zod";
import { quoteText } from "./sql.ts";

/** A database of its own, on disk in a temporary folder, open while the function runs that it was given to. */
export interface DuckDb {
  /** The temporary folder; whatever else is put there goes with it. */
  readonly folder: string;
  /** Runs a statement for its effect. */
  run(sql: string): Promise<void>;
  /** Runs a query and checks its rows, which come as JSON: a BIGINT is text there, so `z.coerce.number()` reads a count. */
  rows<T>(sql: string, row: z.ZodType<T>): Promise<T[]>;
  /** How far the statement that runs now has come, in percent; 0 when nothing is known. */
  progress(): number;
  /** For streams and whatever else only the driver can do. */
  readonly connection: DuckDBConnection;
}

export interface DuckDbOptions {
  /** What DuckDB may hold in memory before it spills, as it writes sizes. @default "2GB" */
  readonly memory?: string;
  /**
   * What it may hold from the first statement on that cannot do with `memory`, which is run again then. A stream is not.
   * @default no more than `memory`
   */
  readonly reserve?: string;
  /** @default 2 */
  readonly threads?: number;
  /** Aborts the statement that runs; its promise is rejected with the signal's reason. @default nothing does */
  readonly signal?: AbortSignal;
}

/** A database that stays open until it is closed, and then leaves nothing. */
export interface OpenDuckDb extends DuckDb {
  close(): Promise<void>;
}

/** Opens what `withDuckDb` hands to a function. */
export async function openDuckDb(parent: string, options: DuckDbOptions = {}): Promise<OpenDuckDb> {
  const opened = Promise.withResolvers<DuckDb>();
  const closing = Promise.withResolvers<void>();
  const use = (db: DuckDb): Promise<void> => {
    opened.resolve(db);
    return closing.promise;
  };
  const ended = withDuckDb(parent, use, options);
  ended.catch(opened.reject);
  const db = await opened.promise;
  return {
    ...db,
    close: () => {
      closing.resolve();
      return ended;
    },
  };
}

/**
 * Opens a database in a temporary folder inside `parent`, hands it to a function, and removes it with all it left.
 * Only built-in extensions are there: parquet, json, icu.
 */
export async function withDuckDb<T>(
  parent: string,
  use: (db: DuckDb) => Promise<T>,
  options: DuckDbOptions = {},
): Promise<T> {
  const { memory = "2GB", reserve, threads = 2, signal } = options;
  signal?.throwIfAborted();
  // The engine is a large library: whoever opens no database does not wait for it.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await mkdtemp(join(parent, "duckdb-"));
  try {
    const instance = await DuckDBInstance.create(join(folder, "work.duckdb"), {
      memory_limit: memory,
      threads: String(threads),
      temp_directory: join(folder, "spill"),
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_community_extensions: "false",
      preserve_insertion_order: "true",
    });
    try {
      return await useConnection(await instance.connect(), { folder, use, reserve, signal });
    } finally {
      instance.closeSync();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether DuckDB came to its limit of memory, or of what it may spill. */
export function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error && /^Out of Memory Error/.test(error.message);
}

interface Use<T> {
  readonly folder: string;
  readonly reserve: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly use: (db: DuckDb) => Promise<T>;
}

async function useConnection<T>(connection: DuckDBConnection, { folder, use, reserve, signal }: Use<T>): Promise<T> {
  let again: NodeJS.Timeout | undefined;
  // A statement that has not begun on its thread hears no interrupt: it is said until the connection closes.
  const interrupt = () => {
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), 20);
  };
  let left = reserve;
  const withReserve = async <R>(statement: () => Promise<R>): Promise<R> => {
    try {
      return await statement();
    } catch (error) {
      if (left === undefined || !isOutOfMemory(error) || signal?.aborted) throw error;
      await connection.run(`SET memory_limit = ${quoteText(left)}`);
      left = undefined;
      return await statement();
    }
  };
  const unlessAborted = async <R>(statement: () => Promise<R>): Promise<R> => {
    signal?.throwIfAborted();
    try {
      return await withReserve(statement);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  };
  signal?.addEventListener("abort", interrupt);
  try {
    // Progress is only counted while its bar is on; the bar itself is not for a library to print.
    for (const setting of ["TimeZone = 'UTC'", "enable_progress_bar = true", "enable_progress_bar_print = false"]) {
      await connection.run(`SET ${setting}`);
    }
    return await use({
      folder,
      connection,
      run: (sql) => unlessAborted(async () => void (await connection.run(sql))),
      rows: (sql, row) =>
        unlessAborted(async () => z.array(row).parse((await connection.runAndReadAll(sql)).getRowObjectsJson())),
      progress: () => Math.max(0, connection.progress.percentage),
    });
  } finally {
    signal?.removeEventListener("abort", interrupt);
    clearInterval(again);
    connection.closeSync();
  }
}

const writeParquet = (groupRows: number) => `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows}`;
const groupRows = 131_072;
const parquet = writeParquet(groupRows);
/** How many numbers a group of rows has at most, all of which the writer holds at once; and DuckDB's step of rows. */
const groupNumbers = 2 ** 24;
const stepRows = 2048;

export interface CopyOptions {
  /** How many numbers a row has where it has long vectors: of such rows fewer make a group. @default it has none */
  readonly numbers?: number | undefined;
}

/** How rows of columns are copied: with how many numbers in their vectors. */
export function copyOptionsOf(columns: readonly { readonly length?: number | undefined }[]): CopyOptions {
  const numbers = columns.reduce((sum, { length = 0 }) => sum + length, 0);
  return numbers > 0 ? { numbers } : {};
}

/** Copies the rows of a query into a Parquet file: zstd, row groups of 131,072 rows, the same bytes for the same rows. */
export function copyToParquet(query: string, path: string, { numbers = 1 }: CopyOptions = {}): string {
  const most = Math.floor(groupNumbers / numbers / stepRows) * stepRows;
  return `COPY (${query}) TO ${quoteText(path)} (${writeParquet(Math.max(stepRows, Math.min(groupRows, most)))})`;
}

/**
 * `copyToParquet` into many files at once, told apart by a column that none of them has. Each has a folder of its own, and
 * keeps the order of the query's rows as long as one thread reads them all.
 * @param query given the name of that column, SQL
 * @param names those of all other columns
 */
export function splitToParquet(
  query: (column: string) => string,
  { folder, names }: { readonly folder: string; readonly names: readonly string[] },
): { readonly statement: string; readonly folderOf: (value: number) => string } {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  let column = "part";
  while (taken.has(column)) column += "_";
  return {
    statement: `COPY (${query(column)}) TO ${quoteText(folder)} (${parquet}, PARTITION_BY (${column}))`,
    folderOf: (value) => `${column}=${value}`,
  };
}
