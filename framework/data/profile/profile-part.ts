/**
 * Profiling a part: one pass over its numbers in typed arrays, and a grouping of its texts by DuckDB.
 * @module
 */
import { tmpdir } from "node:os";
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import type { ColumnSpec } from "../../definitions/spec.ts";
import { type DuckDb, withDuckDb } from "../duckdb.ts";
import { quoteName, quotePath } from "../sql.ts";
import type { BooleansProfile, ColumnProfile, Profile } from "./profile.ts";
import { asDouble, type Found, type Part, type ProfileOptions, profileNumbers } from "./profile-numbers.ts";
import { profileNumbersApart } from "./profile-numbers-apart.ts";
import { profileTexts } from "./text-column.ts";

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
  const [own, other] = shareNumbers(part);
  const found = new Map<string, Found>(await profileBooleans(db, part));
  const numbers = () => profileNumbers(db, own, options);
  const texts = (db: DuckDb) => profileTextColumns(db, part);
  const apart = () => profileNumbersApart(db.folder, other, options);
  // What is many is read several times at once, so that every core takes something in.
  const both =
    rows > many
      ? await settleAll([numbers(), withDuckDb(db.folder, texts, options), apart()])
      : [await numbers(), await texts(db)];
  for (const [name, column] of both.flat()) found.set(name, column);
  return {
    format: formatOf("dataset-profile"),
    rows,
    columns: columns.flatMap((column) => describe(column, rows, found)),
  };
}

/** What one thread takes in of the numbers, and what another does: of many rows every other column. */
function shareNumbers(part: Part): readonly [own: Part, other: Part] {
  const { rows, columns } = part;
  const numbers = columns.filter(({ type }) => asDouble[type]);
  const isOther = (_: ColumnSpec, index: number) => rows >= shared && index % 2 === 1;
  const own = numbers.filter((column, index) => !isOther(column, index));
  return [
    { ...part, columns: own },
    { ...part, columns: numbers.filter(isOther) },
  ];
}

/** Waits for all, however one of them ends: none may be at work when its database is closed. @throws the first failure */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** From how many rows on the time to open a database is little. */
const many = 250_000;
/** From how many rows on the time to start another thread is little. */
const shared = 1_000_000;
const rowCount = z.object({ rows: z.coerce.number() });

function describe(column: ColumnSpec, rows: number, found: ReadonlyMap<string, Found>): ColumnProfile[] {
  const own = found.get(column.name);
  return own ? [describeColumn(column, rows, own)] : [];
}

/** The profile of a column in so many rows. */
export function describeColumn(
  { name, type }: Pick<ColumnSpec, "name" | "type">,
  rows: number,
  { count, values }: Found,
): ColumnProfile {
  return { name, type, count, nulls: rows - count, values };
}

async function profileTextColumns(db: DuckDb, { relation, columns }: Part): Promise<[string, Found][]> {
  const found: [string, Found][] = [];
  for (const { name, type } of columns)
    if (type === "string") found.push([name, await profileTexts(db, relation, name)]);
  return found;
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
