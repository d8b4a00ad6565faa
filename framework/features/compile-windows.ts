/**
 * Windows as SQL. The windows of one entity become one table, with a row for every entity and time that the dataset
 * has, which the dataset's rows are joined with.
 *
 * Measured on 3 million flights and two cores, windows of 7 days that end 12 hours before the event: DuckDB searches
 * the bounds of a `RANGE` frame anew for every row, which takes 2 to 4 s where an entity has some thousand rows (229
 * airports, 3,400 routes) and 57 s where all rows are one entity. Here as-of joins find the bounds and the frames are
 * `ROWS`, which takes 2 to 7 s whatever the entities are; a training set with windows by airport and by route, from
 * reading to writing, takes 6.5 s and 1.5 GB.
 * @module
 */

import { compileExpression, type Scope } from "../data/expression-sql.ts";
import { quoteName } from "../data/sql.ts";
import type { AggregateFunction, ExpressionTree, WindowTree } from "../definitions/expression-tree.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import { toMicroseconds } from "./microseconds.ts";

/** The rows of a dataset. */
interface Rows {
  /** A relation with numbers as DOUBLE, times as TIMESTAMP, and no row without an event time. */
  readonly relation: string;
  readonly eventTime: string;
}

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
  const distinct = new Map(trees.flatMap(listWindows).map((tree) => [toCanonicalJson(tree), tree]));
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
  for (const windows of Map.groupBy(distinct.values(), (tree) => toCanonicalJson(tree.by)).values()) {
    const table = `${rows.relation}_windows_${joins.length}`;
    const microseconds = `epoch_us(r.${quoteName(rows.eventTime)})`;
    const by = (windows[0]?.by ?? []).map((tree) => compileExpression(tree, scope));
    const compiled = compileEntityWindows({ table, rows: `${rows.relation} AS r`, microseconds, by, windows, scope });
    statements.push(...compiled.statements);
    joins.push(
      `LEFT JOIN ${table}_entities ON ${compiled.isEntity}
      LEFT JOIN ${table} ON ${table}.entity = ${table}_entities.entity AND ${table}.us = ${microseconds}`,
    );
    for (const [i, tree] of windows.entries()) {
      const value = `${table}.value_${i}`;
      values.set(toCanonicalJson(tree), tree.aggregate === "count" ? `coalesce(${value}, 0e0)` : value);
    }
  }
  return { statements, from: [`${rows.relation} AS r`, ...joins].join("\n"), scope };
}

/** What is kept of the values at one time of one entity. */
type Moment = "count" | "sum" | "min" | "max";

/** A sorted list has an order to add up in, a group has none; `sum(… ORDER BY …)` does the same, six times slower. */
const moments: Readonly<Record<Moment, (value: string) => string>> = {
  count: (value) => `CAST(count(${value}) AS DOUBLE)`,
  sum: (value) => `list_sum(list_sort(list(CAST(${value} AS DOUBLE))))`,
  min: (value) => `min(${value})`,
  max: (value) => `max(${value})`,
};

type Aggregate = (moment: (name: Moment) => string, frame: string) => string;

const aggregates: Readonly<Record<AggregateFunction, Aggregate>> = {
  count: (moment, frame) => `sum(${moment("count")}) OVER ${frame}`,
  sum: (moment, frame) => `sum(${moment("sum")}) OVER ${frame}`,
  mean: (moment, frame) => `sum(${moment("sum")}) OVER ${frame} / sum(${moment("count")}) OVER ${frame}`,
  min: (moment, frame) => `min(${moment("min")}) OVER ${frame}`,
  max: (moment, frame) => `max(${moment("max")}) OVER ${frame}`,
  last: (moment, frame) => `last_value(${moment("max")}) OVER ${frame}`,
};

interface EntityWindows {
  readonly table: string;
  readonly rows: string;
  /** The SQL of a row's event time in microseconds. */
  readonly microseconds: string;
  /** The SQL of what names the entity. */
  readonly by: readonly string[];
  readonly windows: readonly WindowTree[];
  readonly scope: Scope;
}

/**
 * Compiles the windows of one kind of entity: its entities, numbered, because numbers are sorted and joined in two
 * thirds of the time that texts take; the moments of each entity and time; and the windows over them.
 */
function compileEntityWindows({ table, rows, microseconds, by, windows, scope }: EntityWindows) {
  const [values, kept, bounds, frames] = [
    new Names("of"),
    new Names("moment"),
    new Names("before"),
    new Names("frame"),
  ];
  const results = windows.map((tree, i) => {
    const of = values.give(compileExpression(tree.of, scope));
    const lag = toMicroseconds(tree.lag);
    // The rows in [time − lag − over, time − lag), counted back from this one: `before_…` many lie before a bound.
    const [start, end] = [bounds.give(`${lag + toMicroseconds(tree.over)}`), bounds.give(`${lag}`)];
    const frame = frames.give(`ROWS BETWEEN (place - ${start} - 1) PRECEDING AND (place - ${end}) PRECEDING`);
    return `${aggregates[tree.aggregate]((moment) => kept.give(moments[moment](of)), frame)} AS value_${i}`;
  });
  const as = (sql: string, name: string) => `${sql} AS ${name}`;
  // Nothing in `by` is one entity, which every row names.
  const names = by.length > 0 ? by : ["TRUE"];
  const keys = names.map((_, i) => `by_${i}`);
  const isEntity = names.map((sql, i) => `${table}_entities.by_${i} = ${sql}`).join(" AND ");
  const joinsBefore = bounds.list((distance, name) => {
    const isBefore = `${name}.entity = t.entity AND t.us - ${distance} > ${name}.us`;
    return `ASOF LEFT JOIN ${table}_times AS ${name} ON ${isBefore}`;
  });
  const statements = [
    `CREATE TEMP TABLE ${table}_entities AS
      SELECT row_number() OVER (ORDER BY ${keys.join(", ")}) AS entity, *
      FROM (SELECT DISTINCT ${names.map((sql, i) => as(sql, `by_${i}`)).join(", ")} FROM ${rows})
      WHERE ${keys.map((key) => `${key} IS NOT NULL`).join(" AND ")}`,
    `CREATE TEMP TABLE ${table}_times AS
      SELECT *, row_number() OVER (PARTITION BY entity ORDER BY us) AS place
      FROM (
        SELECT ${["entity", "us", ...kept.list(as)].join(", ")}
        FROM (
          SELECT ${[`${table}_entities.entity`, as(microseconds, "us"), ...values.list(as)].join(", ")}
          FROM ${rows} JOIN ${table}_entities ON ${isEntity}
        )
        GROUP BY entity, us
      )`,
    `CREATE TEMP TABLE ${table} AS
      SELECT ${["entity", "us", ...results].join(", ")}
      FROM (
        SELECT ${["t.*", ...bounds.list((_, name) => `coalesce(${name}.place, 0) AS ${name}`)].join(", ")}
        FROM ${table}_times AS t
        ${joinsBefore.join("\n")}
      )
      WINDOW ${frames.list((extent, name) => `${name} AS (PARTITION BY entity ORDER BY us ${extent})`).join(", ")}`,
    `DROP TABLE ${table}_times`,
  ];
  return { statements, isEntity };
}

/** Gives equal texts one name. */
class Names {
  readonly #prefix: string;
  readonly #names = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  give(text: string): string {
    const name = this.#names.get(text) ?? `${this.#prefix}_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  list(write: (text: string, name: string) => string): string[] {
    return [...this.#names].map(([text, name]) => write(text, name));
  }
}

function listWindows(tree: ExpressionTree): readonly WindowTree[] {
  switch (tree.op) {
    case "window":
      return [tree];
    case "column":
    case "literal":
      return [];
    default:
      return ("of" in tree ? [tree.of] : [tree.left, tree.right]).flatMap(listWindows);
  }
}
