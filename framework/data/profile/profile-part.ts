/**
 * Profiling a part: one pass over its numbers in typed arrays, and a grouping of its texts by DuckDB.
 * @module
 */
import { tmpdir } from "node:os";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import type { ColumnSpec } from "../../definitions/spec.ts";
import { type DuckDb, withDuckDb } from "../duckdb.ts";
import { quoteName, quotePath } from "../sql.ts";
import { streamChunks } from "../stream-chunks.ts";
import { type Bounds, chunkRows, NumberColumn } from "./number-column.ts";
import type { BooleansProfile, ColumnProfile, Profile } from "./profile.ts";
import { profileTexts } from "./text-column.ts";

export interface ProfileOptions {
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal;
}

/** A column's values, and how many they are. */
interface Found {
  readonly count: number;
  readonly values: ColumnProfile["values"];
}

/** Profiles the Parquet file of a part. The same file has the same profile, byte for byte. */
export async function profilePart(
  path: string,
  columns: readonly ColumnSpec[],
  options: ProfileOptions = {},
): Promise<Profile> {
  return withDuckDb(tmpdir(), (db) => profilePartWith(db, { path, columns }, options), options);
}

/**
 * `profilePart` with a database that is open already, as opening one takes longer than a small part does. Nothing else may
 * use it meanwhile.
 */
export async function profilePartWith(
  db: DuckDb,
  { path, columns }: { readonly path: string; readonly columns: readonly ColumnSpec[] },
  options: ProfileOptions = {},
): Promise<Profile> {
  const relation = `read_parquet(${quotePath(path)}, hive_partitioning = false)`;
  const [{ rows } = { rows: 0 }] = await db.rows(`SELECT count(*) AS rows FROM ${relation}`, rowCount);
  const part = { relation, rows, columns };
  const found = new Map<string, Found>(await profileBooleans(db, part));
  const [numbers, texts] = [
    () => profileNumbers(db, part, options),
    (db: DuckDb) => profileTextColumns(db, part),
  ] as const;
  // What is many is read twice at once: while one core takes the numbers in, the other groups the texts.
  const both =
    rows > many
      ? await settleAll([numbers(), withDuckDb(db.folder, texts, options)])
      : [await numbers(), await texts(db)];
  for (const [name, column] of both.flat()) found.set(name, column);
  return {
    format: formatOf("dataset-profile"),
    rows,
    columns: columns.flatMap((column) => describe(column, rows, found)),
  };
}

/** Waits for all, however one of them ends: none may be at work when its database is closed. @throws the first failure */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** A part as it is read. */
interface Part {
  /** SQL: what has its columns. */
  readonly relation: string;
  readonly rows: number;
  readonly columns: readonly ColumnSpec[];
}

/** From how many rows on the time to open a database is little. */
const many = 250_000;
/** How many chunks are taken in at once, column by column. */
const chunksAtOnce = 8;
const rowCount = z.object({ rows: z.coerce.number() });

function describe({ name, type }: ColumnSpec, rows: number, found: ReadonlyMap<string, Found>): ColumnProfile[] {
  const column = found.get(name);
  return column ? [{ name, type, count: column.count, nulls: rows - column.count, values: column.values }] : [];
}

/** The types that are taken for numbers, and the SQL of their values as doubles. */
const asDouble: Readonly<Partial<Record<ColumnSpec["type"], (value: string) => string>>> = {
  integer: (value) => `CAST(${value} AS DOUBLE)`,
  number: (value) => `CAST(${value} AS DOUBLE)`,
  timestamp: (value) => `CAST(epoch_us(${value}) AS DOUBLE)`,
};

async function profileTextColumns(db: DuckDb, { relation, columns }: Part): Promise<[string, Found][]> {
  const found: [string, Found][] = [];
  for (const { name, type } of columns)
    if (type === "string") found.push([name, await profileTexts(db, relation, name)]);
  return found;
}

async function profileNumbers(
  db: DuckDb,
  { relation, rows, columns }: Part,
  { signal }: ProfileOptions,
): Promise<[string, Found][]> {
  const known = columns.flatMap(({ name, type }) => {
    const convert = asDouble[type];
    return convert ? [{ name, convert, sql: convert(quoteName(name)) }] : [];
  });
  if (known.length === 0) return [];
  const bounds = await readBounds(db, relation, known);
  const numbers = known.map(({ name }, index) => ({ name, column: new NumberColumn(rows, bounds[index]) }));
  const room = new Float64Array(chunkRows);
  const take = (chunks: readonly DuckDBDataChunk[]): void => {
    for (const [index, { column }] of numbers.entries()) {
      for (const chunk of chunks) {
        const values = readDoubles(chunk, index, room);
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

/** The bounds of each column, which Parquet has in its footer. Infinities and NaN bound nothing. */
async function readBounds(
  db: DuckDb,
  relation: string,
  columns: readonly { readonly name: string; readonly convert: (value: string) => string }[],
): Promise<(Bounds | undefined)[]> {
  // Converted afterwards, or every value would be.
  const both = columns.flatMap(({ name, convert }, index) =>
    ["min", "max"].map((end) => `${convert(`${end}(${quoteName(name)})`)} AS ${end}${index}`),
  );
  const row = z.record(z.string(), z.unknown());
  const [found = {}] = await db.rows(`SELECT ${both.join(", ")} FROM ${relation}`, row);
  return columns.map((_, index) => {
    const [min, max] = [found[`min${index}`], found[`max${index}`]];
    const isBound = typeof min === "number" && typeof max === "number" && Number.isFinite(min) && Number.isFinite(max);
    return isBound ? { min, max } : undefined;
  });
}

/**
 * The values of a column that are not null, where they lie, or in `room` where some are null. The driver hands out values one
 * at a time, a hundred times slower, and keeps their memory to itself.
 *
 * @throws TypeError when a later driver keeps it elsewhere
 */
function readDoubles(chunk: DuckDBDataChunk, index: number, room: Float64Array): Float64Array {
  const vector = chunk.getColumnVector(index);
  const items: unknown = Reflect.get(vector, "items");
  const validity: unknown = Reflect.get(vector, "validity");
  const valid: unknown = typeof validity === "object" && validity ? Reflect.get(validity, "data") : undefined;
  if (!(items instanceof Float64Array) || !(valid === null || valid instanceof BigUint64Array))
    throw new TypeError(`the driver of DuckDB keeps the values of ${vector.type} elsewhere than this was written for`);
  if (valid === null) return items;
  const bits = new Uint8Array(valid.buffer, valid.byteOffset, valid.byteLength);
  let length = 0;
  for (let at = 0; at < items.length; at++) {
    if (((bits[at >>> 3] as number) >>> (at & 7)) & 1) room[length++] = items[at] as number;
  }
  return room.subarray(0, length);
}

async function profileBooleans(db: DuckDb, { relation, columns }: Part): Promise<[string, Found][]> {
  const names = columns.filter(({ type }) => type === "boolean").map(({ name }) => name);
  if (names.length === 0) return [];
  const counts = names.flatMap((name, index) =>
    [true, false].map((value) => `count(*) FILTER (${quoteName(name)} = ${value}) AS "${value}${index}"`),
  );
  const [row = {}] = await db.rows(
    `SELECT ${counts.join(", ")} FROM ${relation}`,
    z.record(z.string(), z.coerce.number()),
  );
  return names.map((name, index) => {
    const values: BooleansProfile = {
      kind: "booleans",
      false: row[`false${index}`] ?? 0,
      true: row[`true${index}`] ?? 0,
    };
    return [name, { count: values.false + values.true, values }];
  });
}
