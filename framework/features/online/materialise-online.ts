/**
 * Materialises features: computes, from a version of a dataset, what the online store holds as of a moment, and puts it
 * there. What an example at the moment would have been given is what is stored:
 *
 * - of a joined set, for every key the features at the latest row that was known, however old it is: a join's `ttl` is
 *   applied when the row is read, by its event time;
 * - of windows over the rows of the request's own dataset, for every entity their values at the moment. A request that
 *   comes later is given those: that is the age of the value, `asOf`. Where the lag of a window is not shorter than the time
 *   from one materialisation to the next, nothing that it lacks was known. Sums of fractions may differ from training's
 *   in their last digits, because they are not added up from the same row on.
 *
 * @module
 */
import type { DatasetVersion } from "../../data/dataset-version.ts";
import { type DuckDb, withDuckDb } from "../../data/duckdb.ts";
import type { OnProgress } from "../../data/progress.ts";
import { streamChunks } from "../../data/stream-chunks.ts";
import { listVersionParts } from "../../data/version-files.ts";
import type { ExpressionTree } from "../../definitions/expression-tree.ts";
import type { DatasetSpec, FeaturesSpec } from "../../definitions/spec.ts";
import type { Digest } from "../../plan/digest.ts";
import type { Store } from "../../store/store.ts";
import { itemsOf } from "../as-of/vectors.ts";
import { type CompiledRows, compileLatestRows, compileWindowRows } from "./compile-online.ts";
import type { KeyValue } from "./entity-key.ts";
import { tableOfSet, tablesOfWindows } from "./feature-table.ts";
import type { OnlineValue, RowLayout } from "./layout.ts";
import type { OnlineRow, OnlineStore, OnlineTable, TableStatus, WriteOptions } from "./online-store.ts";

/** What is materialised from, and to where. */
export interface MaterialiseOptions {
  /** The dataset that the features are computed from: a version, and its root. */
  readonly dataset: { readonly spec: DatasetSpec; readonly version: DatasetVersion; readonly root: Digest };
  /** The moment, in microseconds since 1970. */
  readonly asOf: bigint;
  /** Where the version's files are. */
  readonly objects: Pick<Store, "fetchFile" | "getJson">;
  /** Where the rows are put. */
  readonly online: Pick<OnlineStore, "begin">;
  /** An existing folder for what is too large for memory; what is put there is removed. */
  readonly workFolder: string;
  /** @default nothing aborts */
  readonly signal?: AbortSignal;
  /** Told of the phase `materialising`, in rows of the table. @default nobody is told */
  readonly onProgress?: OnProgress;
}

/** How the rows of a joined set are written. */
export interface SetOptions extends MaterialiseOptions {
  /**
   * `upsert` writes the rows whose event time is later than what the store has of their entity, which suffices when the
   * dataset was appended to. Rows that were corrected or removed need `replace`.
   * @default "replace"
   */
  readonly mode?: WriteOptions["mode"];
}

/** Materialises a feature set that is joined. @throws StewardError when the store cannot take the rows */
export async function materialiseSet(set: FeaturesSpec, options: SetOptions): Promise<TableStatus> {
  const { dataset, asOf, mode = "replace" } = options;
  const files = await fetchFiles(options);
  const compiled = compileLatestRows(set, { spec: dataset.spec, files, rows: dataset.version.rows }, asOf);
  return writeTable({ table: tableOfSet(set, dataset.spec), keys: dataset.spec.key.length, compiled, mode }, options);
}

/**
 * Materialises the windows in expressions over the rows of the dataset: a table for every kind of entity, written whole.
 * @returns the state of each table, in the order of `tablesOfWindows`
 */
export async function materialiseWindows(
  trees: readonly ExpressionTree[],
  options: MaterialiseOptions,
): Promise<readonly TableStatus[]> {
  const { dataset, asOf } = options;
  const files = await fetchFiles(options);
  const written: TableStatus[] = [];
  for (const table of tablesOfWindows(dataset.spec, trees)) {
    const compiled = compileWindowRows(table, { spec: dataset.spec, files, rows: dataset.version.rows }, asOf);
    written.push(await writeTable({ table, keys: table.by.length, compiled, mode: "replace" }, options));
  }
  return written;
}

async function fetchFiles({ dataset, objects }: MaterialiseOptions): Promise<string[]> {
  const parts = await listVersionParts(objects, dataset.version);
  return Promise.all(parts.map(({ object }) => objects.fetchFile(object)));
}

interface Writing {
  readonly table: OnlineTable;
  /** How many values a key has. */
  readonly keys: number;
  readonly compiled: CompiledRows;
  readonly mode: WriteOptions["mode"];
}

async function writeTable(writing: Writing, options: MaterialiseOptions): Promise<TableStatus> {
  const { workFolder, signal } = options;
  return withDuckDb(
    workFolder,
    async (db) => {
      for (const sql of writing.compiled.statements) await db.run(sql);
      return putRows(db, writing, options);
    },
    { ...(signal && { signal }) },
  );
}

async function putRows(
  db: DuckDb,
  { table, keys, compiled, mode }: Writing,
  { dataset, asOf, online, signal, onProgress }: MaterialiseOptions,
): Promise<TableStatus> {
  const writer = await online.begin(table, { mode, asOf, root: dataset.root });
  try {
    let done = 0;
    for await (const chunk of streamChunks(db, compiled.query, signal)) {
      await writer.putRows(readChunk(chunk, keys, table.layout));
      done += chunk.rowCount;
      onProgress?.({ phase: "materialising", done, unit: "rows" });
    }
    onProgress?.({ phase: "materialising", done, total: done, unit: "rows" });
    return await writer.commit();
  } catch (error) {
    // What was put is taken away now or, where the store does not answer, by the next writer of the table.
    await writer.abandon().catch(() => {});
    throw error;
  }
}

type Chunk = Parameters<typeof itemsOf>[0];

/** The driver reads value by value, slowly: what is a number is taken from the memory of its column. */
function readChunk(chunk: Chunk, keys: number, { features }: RowLayout): OnlineRow[] {
  const keyColumns = Array.from({ length: keys }, (_, i) => chunk.getColumnValues(i) as KeyValue[]);
  const times = chunk.getColumnValues(keys) as bigint[];
  const columns = features.map(({ type }, i) =>
    type === "category"
      ? (chunk.getColumnValues(keys + 1 + i) as string[])
      : itemsOf(chunk, keys + 1 + i, Float64Array),
  );
  return times.map((eventTime, row) => ({
    key: keyColumns.map((values) => values[row] as KeyValue),
    values: columns.map((values): OnlineValue => values[row] ?? null),
    eventTime,
  }));
}
