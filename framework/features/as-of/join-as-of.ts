/**
 * Joins sets as of the examples' times: from the table of what examples have of their own to the table of examples.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "../../data/duckdb.ts";
import { streamChunks } from "../../data/stream-chunks.ts";
import { type CompiledExamples, relations } from "../compile-examples.ts";
import { registerValues } from "./joined-values.ts";
import type { Moments } from "./match.ts";
import { joinMoments } from "./read-rows.ts";
import { itemsOf } from "./vectors.ts";

/** How many numbers are in memory at once, of 8 bytes each: the examples are joined in batches of so many rows. */
const batchNumbers = 16 * 2 ** 20;

export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many of the examples have been joined. @default nobody is told */
  readonly onRows?: ((done: number, total: number) => void) | undefined;
  /** How many rows are joined at once. @default as many as a bounded memory holds */
  readonly batchRows?: number;
}

/** Makes the table of examples from `base` and the indexes of the joined sets. */
export async function joinAsOf(
  db: DuckDb,
  { joins, finish }: CompiledExamples,
  options: JoinOptions = {},
): Promise<void> {
  const { signal, onRows } = options;
  const width = joins.reduce((sum, { index }) => sum + index.features, 0);
  const { batchRows = Math.floor(batchNumbers / (width + 3 * joins.length)) } = options;
  const counted = `SELECT count(*) AS rows FROM ${relations.base}`;
  const [{ rows: total } = { rows: 0 }] = await db.rows(counted, z.object({ rows: z.coerce.number() }));
  const size = Math.min(batchRows, total);
  const values = new Float64Array(size * width);
  let rows = 0;
  const relation = registerValues(db, width, () => ({ values, rows }));
  for (let from = 0; from === 0 || from < total; from += size) {
    rows = Math.min(size, total - from);
    // Row numbers of a table that nothing was deleted from are the places of its rows.
    const batch = rows === total ? relations.base : selectRows(from, from + rows);
    const moments = await readMoments(db, batch, { joins, rows, signal });
    values.fill(Number.NaN);
    for (const [i, { index, offset }] of joins.entries()) {
      joinMoments(index, moments[i] as Moments, { values, width, offset });
    }
    const into = from === 0 ? `CREATE TEMP TABLE ${relations.examples} AS` : `INSERT INTO ${relations.examples}`;
    await db.run(`${into} ${finish(batch, relation)}`);
    onRows?.(from + rows, total);
    if (rows === 0) return;
  }
}

function selectRows(from: number, to: number): string {
  return `(SELECT * FROM ${relations.base} WHERE rowid >= ${from} AND rowid < ${to})`;
}

/** The moments of each join, in the order of the rows. */
async function readMoments(
  db: DuckDb,
  batch: string,
  {
    joins,
    rows,
    signal,
  }: Pick<CompiledExamples, "joins"> & { readonly rows: number; readonly signal: AbortSignal | undefined },
): Promise<Moments[]> {
  const all = joins.map(({ moments }) => ({
    count: rows,
    codes: new Int32Array(rows),
    notAfter: new BigInt64Array(rows),
    ...(moments.length > 2 && { notBefore: new BigInt64Array(rows) }),
  }));
  let at = 0;
  const query = `SELECT ${joins.flatMap(({ moments }) => moments).join(", ")} FROM ${batch}`;
  for await (const chunk of streamChunks(db, query, signal)) {
    let column = 0;
    for (const { codes, notAfter, notBefore } of all) {
      codes.set(itemsOf(chunk, column++, Int32Array), at);
      notAfter.set(itemsOf(chunk, column++, BigInt64Array), at);
      notBefore?.set(itemsOf(chunk, column++, BigInt64Array), at);
    }
    at += chunk.rowCount;
  }
  if (at !== rows) throw new TypeError(`${at} of ${rows} rows came to be joined`);
  return all;
}
