/**
 * Profiling the numbers of a part: one pass over them, in typed arrays.
 * @module
 */
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { z } from "zod";
import type { ColumnSpec } from "../../definitions/spec.ts";
import type { DuckDb } from "../duckdb.ts";
import { quoteName } from "../sql.ts";
import { streamChunks } from "../stream-chunks.ts";
import { type Bounds, chunkRows, NumberColumn } from "./number-column.ts";
import type { ColumnProfile } from "./profile.ts";

export interface ProfileOptions {
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal;
}

/** A column's values, and how many they are. */
export interface Found {
  readonly count: number;
  readonly values: ColumnProfile["values"];
}

/** A part as it is read. */
export interface Part {
  /** SQL: what has its columns. */
  readonly relation: string;
  readonly rows: number;
  readonly columns: readonly ColumnSpec[];
}

/** How many chunks are taken in at once, column by column. */
const chunksAtOnce = 8;

/** The types that are taken for numbers, and the SQL of their values as doubles: of a vector its Euclidean length. */
export const asDouble: Readonly<Partial<Record<ColumnSpec["type"], (value: string) => string>>> = {
  integer: (value) => `CAST(${value} AS DOUBLE)`,
  number: (value) => `CAST(${value} AS DOUBLE)`,
  timestamp: (value) => `CAST(epoch_us(${value}) AS DOUBLE)`,
  vector: (value) => `sqrt(list_sum(list_transform(${value}, lambda number: number * number)))`,
};

/** Profiles the columns of numbers, in one pass over them. */
export async function profileNumbers(
  db: DuckDb,
  { relation, rows, columns }: Part,
  { signal }: ProfileOptions,
): Promise<[string, Found][]> {
  const known = columns.flatMap(({ name, type }) => {
    const convert = asDouble[type];
    // The least vector says nothing of lengths.
    return convert ? [{ name, convert, sql: convert(quoteName(name)), isBound: type !== "vector" }] : [];
  });
  if (known.length === 0) return [];
  const bounds = await readBounds(db, relation, known);
  const numbers = known.map(({ name }, index) => ({ name, column: new NumberColumn(rows, bounds[index]) }));
  const room = new Float64Array(chunkRows);
  const take = (chunks: readonly DuckDBDataChunk[]): void => {
    for (const [index, { column }] of numbers.entries()) {
      for (const chunk of chunks) {
        const values = takeDoubles(chunk, index, room);
        column.add(values, values.length);
      }
    }
  };
  // A column's counts stay near the processor while it is that column's turn.
  let turn: DuckDBDataChunk[] = [];
  const query = `SELECT ${known.map(({ sql }) => sql).join(", ")} FROM ${relation}`;
  // With less, DuckDB would rest while chunks are taken in.
  await db.run("SET streaming_buffer_size = '64MB'");
  for await (const chunk of streamChunks(db, query, signal)) {
    turn.push(chunk);
    if (turn.length < chunksAtOnce) continue;
    take(turn);
    turn = [];
  }
  take(turn);
  return numbers.map(({ name, column }) => [name, { count: column.count, values: column.finish() }]);
}

interface Bounded {
  readonly name: string;
  readonly convert: (value: string) => string;
  /** Whether the least and the largest value become the least and the largest number. */
  readonly isBound: boolean;
}

/** The bounds of each column, which Parquet has in its footer. Infinities and NaN bound nothing. */
async function readBounds(db: DuckDb, relation: string, columns: readonly Bounded[]): Promise<(Bounds | undefined)[]> {
  // Converted afterwards, or every value would be.
  const both = columns.flatMap(({ name, convert, isBound }, index) =>
    (isBound ? ["min", "max"] : []).map((end) => `${convert(`${end}(${quoteName(name)})`)} AS ${end}${index}`),
  );
  if (both.length === 0) return columns.map(() => undefined);
  const row = z.record(z.string(), z.unknown());
  const [found = {}] = await db.rows(`SELECT ${both.join(", ")} FROM ${relation}`, row);
  return columns.map((_, index) => {
    const [min, max] = [found[`min${index}`], found[`max${index}`]];
    const isBound = typeof min === "number" && typeof max === "number" && Number.isFinite(min) && Number.isFinite(max);
    return isBound ? { min, max } : undefined;
  });
}

/** The values of a column that are not null, where they lie, or in `room` where some are null. */
function takeDoubles(chunk: DuckDBDataChunk, index: number, room: Float64Array): Float64Array {
  const { items, validity } = readDoubles(chunk, index);
  if (!validity) return items;
  let length = 0;
  for (let at = 0; at < items.length; at++) {
    if (((validity[at >>> 3] as number) >>> (at & 7)) & 1) room[length++] = items[at] as number;
  }
  return room.subarray(0, length);
}

/**
 * The values of a column where they lie, and a bit for each that says whether it is one. The driver hands out values one at a
 * time, a hundred times slower, and keeps their memory to itself.
 *
 * @throws TypeError when a later driver keeps it elsewhere
 */
export function readDoubles(
  chunk: DuckDBDataChunk,
  index: number,
): { readonly items: Float64Array; readonly validity: Uint8Array | undefined } {
  const vector = chunk.getColumnVector(index);
  const items: unknown = Reflect.get(vector, "items");
  const held: unknown = Reflect.get(vector, "validity");
  const valid: unknown = typeof held === "object" && held ? Reflect.get(held, "data") : undefined;
  if (!(items instanceof Float64Array) || !(valid === null || valid instanceof BigUint64Array))
    throw new TypeError(`the driver of DuckDB keeps the values of ${vector.type} elsewhere than this was written for`);
  const validity = valid === null ? undefined : new Uint8Array(valid.buffer, valid.byteOffset, valid.byteLength);
  return { items, validity };
}
