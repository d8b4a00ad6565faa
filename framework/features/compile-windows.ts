/**
 * Windows as SQL. The windows of one entity become one table, with a row for every entity and time that the dataset
 * has, which the dataset's rows are joined with.
 *
 * Measured on 3 million flights and two cores, windows of 7 days that end 12 hours before the event: DuckDB searches
 * the bounds of a `RANGE` frame anew for every row, which takes 2 to 4 s where an entity has some thousand rows (229
 * airports, 3,400 routes) and 57 s where all rows are one entity. Here as-of joins find the bounds and the frames are
 * `ROWS`, which takes 2 to 7 s whatever the entities are; a training set with windows by airport and by route, from
 * reading to writing, takes 6.5 s and 1.5 GB.
 *
 * Three ways lead to a window's value: `compile-moment-windows.ts` adds up what was kept of the values at each time,
 * `compile-distinct-windows.ts` adds up when values come and go, and `compile-value-windows.ts` looks at every value.
 *
 * The engine keeps the frames of many entities in memory at once, and fails where they do not fit. So of many rows the
 * entities are taken in passes, each over about as many rows as memory holds, whatever there are in all.
 * @module
 */

import { compileExpression, type Scope } from "../data/expression-sql.ts";
import { quoteName } from "../data/sql.ts";
import type { ExpressionTree, WindowTree } from "../definitions/expression-tree.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import { compileDistinctWindows } from "./compile-distinct-windows.ts";
import { compileMomentWindows } from "./compile-moment-windows.ts";
import { compileValueWindows, isOfValues } from "./compile-value-windows.ts";
import { listWindows } from "./list-windows.ts";

/** The rows of a dataset. */
interface Rows {
  /** A relation with numbers as DOUBLE, times as TIMESTAMP, and no row without an event time. */
  readonly relation: string;
  readonly eventTime: string;
  /** How many there are at most. @default so few that all entities are taken at once */
  readonly count?: number;
}

/** Over so many rows the windows of all entities are made at once; of more, in passes over so many. */
export const rowsOfPass = 4_000_000;

interface CompiledWindows {
  /** Makes the tables that `from` reads; to be run in order. */
  readonly statements: readonly string[];
  /** What follows FROM: the rows as `r`, each with its windows. */
  readonly from: string;
  /** Finds columns and windows in `from`. */
  readonly scope: Scope;
}

/**
 * Compiles the windows in expressions over one dataset. A window aggregates the values that are not null, except
 * `last`: the value at the latest time, even if it is null; of values at one time the largest. A null in `by` names no
 * entity, and its window is empty. Sums are added up in the order of time and, at one time, of size, so that the same
 * rows give the same bytes in whatever order they are read and on however many threads.
 */
export function compileWindows(rows: Rows, trees: readonly ExpressionTree[]): CompiledWindows {
  const values = new Map<string, string>();
  const scope: Scope = {
    row: "r",
    window: (tree) => {
      const value = values.get(toCanonicalJson(tree));
      if (value === undefined) throw new TypeError("a window inside a window, or one that was not compiled");
      return value;
    },
  };
  const statements: string[] = [];
  const joins: string[] = [];
  for (const windows of Map.groupBy(listWindows(trees).values(), (tree) => toCanonicalJson(tree.by)).values()) {
    const table = `${rows.relation}_windows_${joins.length}`;
    const microseconds = `epoch_us(r.${quoteName(rows.eventTime)})`;
    const by = (windows[0]?.by ?? []).map((tree) => compileExpression(tree, scope));
    const entities = compileEntities({ table, rows: `${rows.relation} AS r`, by });
    statements.push(entities.statement);
    joins.push(`LEFT JOIN ${entities.table} ON ${entities.isNamed(entities.table)}`);
    const passes = Math.max(1, Math.ceil((rows.count ?? 0) / rowsOfPass));
    const taken = passes > 1 ? `${table}_pass` : entities.table;
    const entity = {
      entities: taken,
      isEntity: entities.isNamed(taken),
      rows: `${rows.relation} AS r`,
      microseconds,
      scope,
    };
    const ofValues = windows.filter(isOfValues);
    const distinct = windows.filter(({ aggregate }) => aggregate === "distinct");
    const ofMoments = windows.filter((tree) => !ofValues.includes(tree) && !distinct.includes(tree));
    const compiled = [
      ...(ofMoments.length > 0 ? [compileMomentWindows({ ...entity, table, windows: ofMoments })] : []),
      ...(distinct.length > 0
        ? [compileDistinctWindows({ ...entity, table: `${table}_distinct`, windows: distinct })]
        : []),
      ...(ofValues.length > 0 ? [compileValueWindows({ ...entity, table: `${table}_values`, windows: ofValues })] : []),
    ];
    for (let pass = 0; pass < passes; pass++) {
      const some = `SELECT * FROM ${entities.table} WHERE entity % ${passes} = ${pass}`;
      if (passes > 1) statements.push(`CREATE TEMP TABLE ${taken} AS ${some}`);
      for (const { table, before, query, after } of compiled) {
        const fill = pass === 0 ? `CREATE TEMP TABLE ${table} AS` : `INSERT INTO ${table}`;
        statements.push(...before, `${fill} ${query}`, ...after);
      }
      if (passes > 1) statements.push(`DROP TABLE ${taken}`);
    }
    for (const made of compiled) {
      const isRow = `${made.table}.entity = ${table}_entities.entity AND ${made.table}.us = ${microseconds}`;
      joins.push(`LEFT JOIN ${made.table} ON ${isRow}`);
      for (const [tree, value] of made.values) {
        values.set(toCanonicalJson(tree), counts.has(tree.aggregate) ? `coalesce(${value}, 0e0)` : value);
      }
    }
  }
  return { statements, from: [`${rows.relation} AS r`, ...joins].join("\n"), scope };
}

/** What is 0 where a window has no rows. */
const counts: ReadonlySet<WindowTree["aggregate"]> = new Set(["count", "distinct"]);

/**
 * Compiles the entities of windows: numbered, because numbers are sorted and joined in two thirds of the time that texts
 * take.
 */
function compileEntities({ table, rows, by }: { table: string; rows: string; by: readonly string[] }) {
  // Nothing in `by` is one entity, which every row names.
  const names = by.length > 0 ? by : ["TRUE"];
  const keys = names.map((_, i) => `by_${i}`);
  const statement = `CREATE TEMP TABLE ${table}_entities AS
    SELECT row_number() OVER (ORDER BY ${keys.join(", ")}) AS entity, *
    FROM (SELECT DISTINCT ${names.map((sql, i) => `${sql} AS by_${i}`).join(", ")} FROM ${rows})
    WHERE ${keys.map((key) => `${key} IS NOT NULL`).join(" AND ")}`;
  /** Whether a row names an entity of a table that has all of them, or some. */
  const isNamed = (entities: string) => names.map((sql, i) => `${entities}.by_${i} = ${sql}`).join(" AND ");
  return { statement, isNamed, table: `${table}_entities` };
}
