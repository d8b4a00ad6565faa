/**
 * Windows that are made of moments: what is kept of the values at each time of an entity.
 * @module
 */
import { compileExpression } from "../data/expression-sql.ts";
import type { AggregateFunction } from "../definitions/expression-tree.ts";
import type { AggregateOfValues } from "./compile-value-windows.ts";
import { Bounds, type EntityWindows, Names, type WindowTable } from "./entity-windows.ts";

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

const aggregates: Readonly<Record<Exclude<AggregateFunction, AggregateOfValues | "distinct">, Aggregate>> = {
  count: (moment, frame) => `sum(${moment("count")}) OVER ${frame}`,
  sum: (moment, frame) => `sum(${moment("sum")}) OVER ${frame}`,
  mean: (moment, frame) => `sum(${moment("sum")}) OVER ${frame} / sum(${moment("count")}) OVER ${frame}`,
  min: (moment, frame) => `min(${moment("min")}) OVER ${frame}`,
  max: (moment, frame) => `max(${moment("max")}) OVER ${frame}`,
  last: (moment, frame) => `last_value(${moment("max")}) OVER ${frame}`,
};

/** Compiles windows: the moments of each entity and time, and frames over them. */
export function compileMomentWindows(given: EntityWindows): WindowTable {
  const { table, rows, entities, isEntity, microseconds, windows, scope } = given;
  const [values, kept, frames, bounds] = [new Names("of"), new Names("moment"), new Names("frame"), new Bounds()];
  const results = windows.map((tree, i) => {
    const of = values.give(compileExpression(tree.of, scope));
    const [start, end] = bounds.give(tree);
    const frame = frames.give(`ROWS BETWEEN (place - ${start} - 1) PRECEDING AND (place - ${end}) PRECEDING`);
    const compile = aggregates[tree.aggregate as keyof typeof aggregates];
    return `${compile((moment) => kept.give(moments[moment](of)), frame)} AS value_${i}`;
  });
  const as = (sql: string, name: string) => `${sql} AS ${name}`;
  const before = [
    `CREATE TEMP TABLE ${table}_times AS
      SELECT *, row_number() OVER (PARTITION BY entity ORDER BY us) AS place
      FROM (
        SELECT ${["entity", "us", ...kept.list(as)].join(", ")}
        FROM (
          SELECT ${[`${entities}.entity`, as(microseconds, "us"), ...values.list(as)].join(", ")}
          FROM ${rows} JOIN ${entities} ON ${isEntity}
        )
        GROUP BY entity, us
      )`,
  ];
  const query = `SELECT ${["entity", "us", ...results].join(", ")}
      FROM (${bounds.query(`${table}_times`)})
      WINDOW ${frames.list((extent, name) => `${name} AS (PARTITION BY entity ORDER BY us ${extent})`).join(", ")}`;
  const after = [`DROP TABLE ${table}_times`];
  return { table, before, query, after, values: windows.map((tree, i) => [tree, `${table}.value_${i}`]) };
}
