/**
 * Windows that need every value in them. Squares of deviations, had from sums of squares, lose the digits that matter, so
 * DuckDB merges means and deviations of parts.
 * @module
 */
import { compileExpression } from "../data/expression-sql.ts";
import type { WindowTree } from "../definitions/expression-tree.ts";
import { Bounds, type EntityWindows, Names, type WindowTable } from "./entity-windows.ts";

/** What DuckDB can square and add up; beyond it, it fails. */
const largest = "1e150";

const aggregates = {
  std: (value: string, frame: string) =>
    `CASE WHEN max(abs(${value})) OVER ${frame} <= ${largest}
      THEN stddev_samp(CASE WHEN abs(${value}) <= ${largest} THEN ${value} END) OVER ${frame} END`,
} as const;

export type AggregateOfValues = keyof typeof aggregates;

export function isOfValues({ aggregate }: WindowTree): boolean {
  return Object.hasOwn(aggregates, aggregate);
}

/**
 * Compiles windows: the rows of each entity in the order of time, and frames over them. What is at one time is in the order
 * of size, so that the same rows give the same bytes. Only the last row of a time has a frame; those of the others are
 * empty, and the rows are left out.
 */
export function compileValueWindows(given: EntityWindows): WindowTable {
  const { table, rows, entities, isEntity, microseconds, windows, scope } = given;
  const [values, frames, bounds] = [new Names("of"), new Names("frame"), new Bounds()];
  const results = windows.map((tree, i) => {
    const of = values.give(compileExpression(tree.of, scope));
    const [start, end] = bounds.give(tree);
    const frame = frames.give(`ROWS BETWEEN (place - ${start} - 1) PRECEDING AND (place - ${end}) PRECEDING`);
    return `${aggregates[tree.aggregate as AggregateOfValues](of, frame)} AS value_${i}`;
  });
  const as = (sql: string, name: string) => `${sql} AS ${name}`;
  const order = ["us", ...values.list((_, name) => name)].join(", ");
  const extents = frames.list((extent, name) => `${name} AS (PARTITION BY entity ORDER BY place ${extent})`);
  const before = [
    `CREATE TEMP TABLE ${table}_rows AS
      SELECT *, row_number() OVER (PARTITION BY entity ORDER BY ${order}) AS place
      FROM (
        SELECT ${[`${entities}.entity`, as(microseconds, "us"), ...values.list(as)].join(", ")}
        FROM ${rows} JOIN ${entities} ON ${isEntity}
      )`,
    `CREATE TEMP TABLE ${table}_times AS
      SELECT entity, us, max(place) AS place FROM ${table}_rows GROUP BY entity, us`,
  ];
  const query = `SELECT ${["entity", "us", ...results].join(", ")}
      FROM (
        SELECT ${["r.*", "b.us IS NOT NULL AS is_last", ...bounds.list((name) => `coalesce(b.${name}, r.place - 1) AS ${name}`)].join(", ")}
        FROM ${table}_rows AS r
        LEFT JOIN (${bounds.query(`${table}_times`)}) AS b ON b.entity = r.entity AND b.place = r.place
      )
      WINDOW ${extents.join(", ")}
      QUALIFY is_last`;
  const after = [`DROP TABLE ${table}_rows`, `DROP TABLE ${table}_times`];
  return { table, before, query, after, values: windows.map((tree, i) => [tree, `${table}.value_${i}`]) };
}
