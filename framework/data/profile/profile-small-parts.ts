/**
 * Profiling many small parts at once: what `profilePart` gives of each, byte for byte, in as many statements as one takes.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import type { DuckDb } from "../duckdb.ts";
import { chunkRows, NumberColumn } from "./number-column.ts";
import type { Profile } from "./profile.ts";
import { asDouble, type Found, readDoubles } from "./profile-numbers.ts";
import { describeColumn } from "./profile-part.ts";
import { profileTextsOfParts } from "./text-column.ts";

/** A part of so many rows is small: all of its numbers are gathered before any is counted. */
export const mostSmallRows = 50_000;

/** Rows that lie together in a table, each saying which part it is of. */
export interface SmallParts {
  /** SQL, after FROM: the table, and which of its rows are meant. */
  readonly from: string;
  /** SQL: the number of a row's part. */
  readonly part: string;
  /** SQL: what the rows are ordered by, those of a part together, the parts by their numbers. */
  readonly order: string;
  /** How many rows each part has, by its number, ascending. At most `mostSmallRows` each. */
  readonly rows: ReadonlyMap<number, number>;
  /** SQL: the value of each column. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnType; readonly value: string }[];
}

type ColumnType = Profile["columns"][number]["type"];

/** What was found in each part, by its number. */
type FoundInParts = ReadonlyMap<number, Found>;

/** Profiles parts. @returns by their numbers */
export async function profileSmallParts(db: DuckDb, parts: SmallParts): Promise<ReadonlyMap<number, Profile>> {
  const found = new Map<string, FoundInParts>([
    ...(await profileBooleans(db, parts)),
    ...(await profileNumbers(db, parts)),
  ]);
  for (const { name, type, value } of parts.columns)
    if (type === "string") found.set(name, await profileTextsOfParts(db, { ...parts, value }));
  return new Map(
    Array.from(parts.rows, ([part, rows]): [number, Profile] => [
      part,
      {
        format: formatOf("dataset-profile"),
        rows,
        columns: parts.columns.map(({ name, type }) => {
          const own = found.get(name)?.get(part);
          if (!own) throw new TypeError(`nothing was found of column "${name}" in part ${part}`);
          return describeColumn({ name, type }, rows, own);
        }),
      },
    ]),
  );
}

async function profileNumbers(
  { connection }: DuckDb,
  { from, order, rows, columns }: SmallParts,
): Promise<[string, FoundInParts][]> {
  const known = columns.flatMap(({ name, type, value }) => {
    const convert = asDouble[type];
    return convert ? [{ name, sql: convert(value) }] : [];
  });
  if (known.length === 0) return [];
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const gathered = known.map(() => ({ values: new Float64Array(total), isThere: new Uint8Array(total) }));
  const result = await connection.run(
    `SELECT ${known.map(({ sql }) => sql).join(", ")} FROM ${from} ORDER BY ${order}`,
  );
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [index, { values, isThere }] of gathered.entries()) {
      const { items, validity } = readDoubles(chunk, index);
      values.set(items, at);
      for (let row = 0; row < items.length; row++)
        isThere[at + row] = validity ? ((validity[row >>> 3] as number) >>> (row & 7)) & 1 : 1;
    }
    at += chunk.rowCount;
  }
  if (at !== total) throw new TypeError(`${total} rows were counted, and ${at} found`);
  return known.map(({ name }, index): [string, FoundInParts] => {
    const { values, isThere } = gathered[index] ?? { values: new Float64Array(), isThere: new Uint8Array() };
    const parts = new Map<number, Found>();
    let start = 0;
    for (const [part, count] of rows) {
      parts.set(part, countNumbers(values.subarray(start, start + count), isThere.subarray(start, start + count)));
      start += count;
    }
    return [name, parts];
  });
}

/** Counts in the same steps in which a part is read by itself, as sums of doubles depend on them. */
function countNumbers(values: Float64Array, isThere: Uint8Array): Found {
  const column = new NumberColumn(values.length);
  for (let start = 0; start < values.length; start += chunkRows) {
    const step = values.subarray(start, start + chunkRows).filter((_, row) => isThere[start + row] === 1);
    column.add(step, step.length);
  }
  return { count: column.count, values: column.finish() };
}

async function profileBooleans(
  db: DuckDb,
  { from, part, rows, columns }: SmallParts,
): Promise<[string, FoundInParts][]> {
  const known = columns.filter(({ type }) => type === "boolean");
  if (known.length === 0) return [];
  const counts = known.flatMap(({ value }, index) =>
    [true, false].map((wanted) => `count(*) FILTER (${value} = ${wanted}) AS "${wanted}${index}"`),
  );
  const counted = await db.rows(
    `SELECT ${part} AS part, ${counts.join(", ")} FROM ${from} GROUP BY ${part}`,
    z.record(z.string(), z.coerce.number()),
  );
  const byPart = new Map(counted.map((row) => [row["part"], row]));
  return known.map(({ name }, index): [string, FoundInParts] => [
    name,
    new Map(
      Array.from(rows.keys(), (part): [number, Found] => {
        const row = byPart.get(part);
        const [no, yes] = [row?.[`false${index}`] ?? 0, row?.[`true${index}`] ?? 0];
        return [part, { count: no + yes, values: { kind: "booleans", false: no, true: yes } }];
      }),
    ),
  ]);
}
