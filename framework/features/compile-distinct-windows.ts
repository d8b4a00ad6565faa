/**
 * Windows that count the different values in them. A value at a time is in the windows that end after it, until they begin
 * after it or the same value comes again, which then stands for both: so every row adds one from a time on and takes it
 * away from another on, and a window's value is the sum of all that came before its end.
 * @module
 */
import { compileExpression } from "../data/expression-sql.ts";
import { type EntityWindows, Names, type WindowTable } from "./entity-windows.ts";
import { toMicroseconds } from "./microseconds.ts";

export function compileDistinctWindows(given: EntityWindows): WindowTable {
  const { table, rows, entities, isEntity, microseconds, windows, scope } = given;
  const [values, steps] = [new Names("of"), new Names("steps")];
  const results = windows.map((tree) => {
    const of = values.give(compileExpression(tree.of, scope));
    const count = steps.give(compileSteps({ rows: `${table}_rows`, of, over: toMicroseconds(tree.over) }));
    return { count, lag: toMicroseconds(tree.lag) };
  });
  const columns = [`${entities}.entity`, `${microseconds} AS us`, ...values.list((sql, name) => `${sql} AS ${name}`)];
  const joins = results.map(({ count, lag }, i) => {
    const isBefore = `w${i}.entity = t.entity AND t.us - ${lag} > w${i}.us`;
    return `ASOF LEFT JOIN ${table}_${count} AS w${i} ON ${isBefore}`;
  });
  const counted = results.map((_, i) => `coalesce(w${i}.count, 0e0) AS value_${i}`);
  return {
    table,
    before: [
      `CREATE TEMP TABLE ${table}_rows AS SELECT ${columns.join(", ")} FROM ${rows} JOIN ${entities} ON ${isEntity}`,
      ...steps.list((sql, name) => `CREATE TEMP TABLE ${table}_${name} AS ${sql}`),
    ],
    query: `SELECT ${["t.entity", "t.us", ...counted].join(", ")}
        FROM (SELECT DISTINCT entity, us FROM ${table}_rows) AS t ${joins.join("\n")}`,
    after: [...steps.list((_, name) => `DROP TABLE ${table}_${name}`), `DROP TABLE ${table}_rows`],
    values: windows.map((tree, i) => [tree, `${table}.value_${i}`]),
  };
}

/** A time that no window ends after. */
const latest = 2n ** 63n - 1n;

/** A query of how many values are counted after each time at which that changes, in windows of a length that end there. */
function compileSteps({ rows, of, over }: { readonly rows: string; readonly of: string; readonly over: bigint }) {
  return `SELECT entity, us, CAST(sum(sum(step)) OVER (PARTITION BY entity ORDER BY us) AS DOUBLE) AS count
    FROM (
      SELECT entity, unnest([us, CAST(least(us + CAST(${over} AS HUGEINT), again) AS BIGINT)]) AS us,
        unnest([1, -1]) AS step
      FROM (
        SELECT entity, us, lead(us, 1, ${latest}) OVER (PARTITION BY entity, ${of} ORDER BY us) AS again
        FROM ${rows} WHERE ${of} IS NOT NULL
      )
    )
    GROUP BY entity, us`;
}
