/**
 * Builds an as-of index of a feature set.
 * @module
 */
import { closeSync, openSync } from "node:fs";
import { z } from "zod";
import { copyToParquet, type DuckDb, withDuckDb } from "../../data/duckdb.ts";
import { streamChunks } from "../../data/stream-chunks.ts";
import { defaultSegmentRows, indexFiles, sealIndex } from "./as-of-index.ts";
import type { CompiledIndex } from "./compile-index.ts";
import { RowWriter } from "./row-writer.ts";
import { itemsOf } from "./vectors.ts";

export interface IndexWork {
  /** An existing folder for what is too large for memory; what is put there is removed. */
  readonly workFolder: string;
  readonly signal?: AbortSignal | undefined;
  /** Told how many rows of the dataset are in the index. @default nobody is told */
  readonly onRows?: ((done: number) => void) | undefined;
  /** The most rows of a segment. @default 65,536 */
  readonly segmentRows?: number;
}

interface IndexOptions extends IndexWork {
  readonly compiled: CompiledIndex;
  /** An empty folder, for the index. */
  readonly folder: string;
}

/** Builds an index in a folder. DuckDB sorts on disk what memory does not hold. */
export async function buildIndex(options: IndexOptions): Promise<void> {
  const { compiled, folder, workFolder, signal } = options;
  const { features } = compiled;
  const written = await withDuckDb(
    workFolder,
    async (db) => {
      for (const sql of compiled.statements) await db.run(sql);
      for (const { name, query, path } of listTables(compiled, folder)) {
        await db.run(`CREATE TEMP TABLE ${name} AS ${query}`);
        await db.run(copyToParquet(`SELECT * FROM ${name}`, path));
      }
      return writeRows(db, options);
    },
    { ...(signal && { signal }) },
  );
  await sealIndex(folder, { ...written, features });
}

/** The tables that the rows are made with, each of which is also a file of the index. */
function listTables({ entities, categories }: CompiledIndex, folder: string) {
  return [
    { ...entities, path: indexFiles.entities(folder) },
    ...categories.map((values) => ({ ...values, path: indexFiles.category(folder, values.feature) })),
  ];
}

async function writeRows(
  db: DuckDb,
  { compiled, folder, signal, onRows, segmentRows = defaultSegmentRows }: IndexOptions,
): Promise<ReturnType<RowWriter["end"]>> {
  const { features } = compiled;
  const counted = `SELECT count(*) AS entities FROM ${compiled.entities.name}`;
  const [{ entities } = { entities: 0 }] = await db.rows(counted, z.object({ entities: z.coerce.number() }));
  const file = openSync(indexFiles.rows(folder), "wx", 0o600);
  try {
    const writer = new RowWriter(file, { entities, features, segmentRows });
    let done = 0;
    for await (const chunk of streamChunks(db, compiled.rows, signal)) {
      writer.write({
        rows: chunk.rowCount,
        codes: itemsOf(chunk, 0, Int32Array),
        times: itemsOf(chunk, 1, BigInt64Array),
        features: Array.from({ length: features }, (_, i) => itemsOf(chunk, 2 + i, Float64Array)),
      });
      done += chunk.rowCount;
      onRows?.(done);
    }
    return writer.end();
  } finally {
    closeSync(file);
  }
}
