/**
 * The rows in which two versions differ, found by DuckDB in the Parquet files that they do not share.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "./duckdb.ts";
import { quoteName, quotePath } from "./sql.ts";

/** A row for people and for JSON: integers beyond 2^53 and times are texts. */
export type ShownRow = Readonly<Record<string, unknown>>;

export interface RowsDifference {
  /** The columns that say which row of one version is which of the other. @default none do: rows are added or removed as wholes */
  readonly by?: readonly string[];
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** In how many of the changed rows each column differs; those that differ in none are left out. */
  readonly columns: readonly { readonly column: string; readonly rows: number }[];
  /** Columns that both versions have with another type; they are not compared. */
  readonly notCompared: readonly string[];
  readonly examples: {
    readonly added: readonly ShownRow[];
    readonly removed: readonly ShownRow[];
    /** Of each: what says which row it is, and the values that differ, before and after. */
    readonly changed: readonly { readonly row: ShownRow; readonly before: ShownRow; readonly after: ShownRow }[];
  };
}

/** Which columns of two versions can be compared, and by which of them rows are told apart. */
export interface RowsPlan {
  readonly compared: readonly string[];
  readonly by: readonly string[] | undefined;
  readonly notCompared: readonly string[];
}

const count = z.object({ rows: z.coerce.number() });
const shownRow = z.record(z.string(), z.unknown());

interface Sides {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** How many are kept of each kind. */
  readonly examples: number;
}

/**
 * Compares rows. What both sides have is taken away first, each row as often as both have it; what is left is paired by its
 * identity, in the order of all columns where one identity has several rows. Nulls equal nulls, and NaN equals NaN.
 */
export async function compareRows(db: DuckDb, plan: RowsPlan, sides: Sides): Promise<RowsDifference> {
  const { compared, by, notCompared } = plan;
  const columns = compared.map((_, index) => `c${index}`);
  const read = (paths: readonly string[], sign: number) =>
    paths.map((path) => {
      const values = compared.map((name, index) => `${quoteName(name)} AS c${index}`);
      return `SELECT ${[...values, `${sign} AS side`].join(", ")} FROM read_parquet(${quotePath(path)}, hive_partitioning = false)`;
    });
  const rows = [...read(sides.before, -1), ...read(sides.after, 1)].join(" UNION ALL ");
  const order = columns.map((column) => `${column} NULLS FIRST`).join(", ");
  const identity = (by ?? compared).map((name) => columns[compared.indexOf(name)]);
  await db.run(`
    CREATE TABLE rest AS
    SELECT *, row_number() OVER (PARTITION BY ${[...identity, "side"].join(", ")} ORDER BY ${order}) AS turn
    FROM (SELECT ${columns.join(", ")}, sign(n) AS side, unnest(range(abs(n))) AS copy
          FROM (SELECT ${columns.join(", ")}, sum(side)::BIGINT AS n FROM (${rows}) GROUP BY ${columns.join(", ")}) WHERE n <> 0)`);
  const same = [...identity, "turn"].map((column) => `a.${column} IS NOT DISTINCT FROM b.${column}`).join(" AND ");
  const alone = (side: number) =>
    `FROM rest a WHERE a.side = ${side}` +
    (by ? ` AND NOT EXISTS (SELECT 1 FROM rest b WHERE b.side = ${-side} AND ${same})` : "");
  const shown = compared.map((name, index) => `a.c${index} AS ${quoteName(name)}`).join(", ");
  const sorted = [...identity, ...columns].map((column) => `a.${column} NULLS FIRST`).join(", ");
  const take = async (side: number) => {
    const [counted] = await db.rows(`SELECT count(*) AS rows ${alone(side)}`, count);
    const kept = await db.rows(`SELECT ${shown} ${alone(side)} ORDER BY ${sorted} LIMIT ${sides.examples}`, shownRow);
    return { rows: counted?.rows ?? 0, kept };
  };
  const [removed, added] = [await take(-1), await take(1)];
  const changed = by ? await compareChanged(db, { ...plan, by, same, sorted, examples: sides.examples }) : undefined;
  return {
    ...(by && { by }),
    added: added.rows,
    removed: removed.rows,
    changed: changed?.rows ?? 0,
    columns: changed?.columns ?? [],
    notCompared,
    examples: { added: added.kept, removed: removed.kept, changed: changed?.kept ?? [] },
  };
}

interface Pairing extends RowsPlan {
  readonly by: readonly string[];
  /** SQL: whether a row `a` and a row `b` are one row before and after. */
  readonly same: string;
  /** SQL: in which order. */
  readonly sorted: string;
  readonly examples: number;
}

async function compareChanged(db: DuckDb, { compared, by, same, sorted, examples }: Pairing) {
  const pairs = `FROM rest a JOIN rest b ON a.side = -1 AND b.side = 1 AND ${same}`;
  const differs = (index: number) => `a.c${index} IS DISTINCT FROM b.c${index}`;
  const counts = compared.map((_, index) => `count(*) FILTER (${differs(index)}) AS c${index}`);
  const [counted] = await db.rows(
    `SELECT count(*) AS rows, ${counts.join(", ")} ${pairs}`,
    z.record(z.string(), z.coerce.number()),
  );
  const columns = compared
    .map((column, index) => ({ column, rows: counted?.[`c${index}`] ?? 0 }))
    .filter(({ rows }) => rows > 0);
  const values = compared.flatMap((_, index) => [
    `a.c${index} AS a${index}`,
    `b.c${index} AS b${index}`,
    `${differs(index)} AS d${index}`,
  ]);
  const found = await db.rows(`SELECT ${values.join(", ")} ${pairs} ORDER BY ${sorted} LIMIT ${examples}`, shownRow);
  const pick = (row: ShownRow, side: "a" | "b", use: (name: string, index: number) => boolean): ShownRow =>
    Object.fromEntries(
      compared.flatMap((name, index) => (use(name, index) ? [[name, row[`${side}${index}`]] as const] : [])),
    );
  const kept = found.map((row) => {
    const isChanged = (_name: string, index: number) => row[`d${index}`] === true;
    return {
      row: pick(row, "a", (name) => by.includes(name)),
      before: pick(row, "a", isChanged),
      after: pick(row, "b", isChanged),
    };
  });
  return { rows: counted?.["rows"] ?? 0, columns, kept };
}
