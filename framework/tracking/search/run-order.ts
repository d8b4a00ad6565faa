/**
 * Orders of a search of runs, as pieces of statements.
 * @module
 */
import { type AnySql, chain, type Fragment } from "../database.ts";
import type { RunOrder } from "./run-search.ts";

const tables = { metric: "latest_metrics", param: "params", tag: "tags" } as const;

/** Joins what runs are ordered by to a run that a statement calls `r`. @param from the number of the first one */
export function joinAll(sql: AnySql, orders: readonly RunOrder[], from: number): Fragment | Fragment[] {
  const joins = orders.map(({ entity, key }, index) => {
    if (entity === "attribute") return sql``;
    const alias = sql(`o${from + index}`);
    return sql`LEFT JOIN ${sql(tables[entity])} ${alias} ON ${alias}.run_id = r.run_id AND ${alias}.key = ${key}`;
  });
  return chain(sql, joins);
}

/** What is not there comes last whatever the direction, NaN before it; then the latest runs first. */
export function orderAll(sql: AnySql, orders: readonly RunOrder[], from: number): Fragment {
  const parts = orders.map(({ entity, key, ascending }, index) => {
    const column = entity === "attribute" ? sql`r.${sql(key)}` : sql`${sql(`o${from + index}`)}.value`;
    const direction = ascending ? sql`ASC` : sql`DESC`;
    const rank =
      entity === "metric"
        ? sql`CASE WHEN ${column} IS NULL THEN 2 WHEN ${column} = 'NaN' THEN 1 ELSE 0 END`
        : sql`CASE WHEN ${column} IS NULL THEN 1 ELSE 0 END`;
    return sql`${rank}, ${column} ${direction}, `;
  });
  const isByStart = orders.some(({ entity, key }) => entity === "attribute" && key === "start_time");
  return sql`${chain(sql, parts)} ${isByStart ? sql`` : sql`r.start_time DESC, `} r.run_id`;
}
