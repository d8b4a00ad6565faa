/**
 * Finds runs by a search, in its order: statements of Postgres from clauses and orders.
 * @module
 */
import { type AnySql, chain, type Fragment } from "../database.ts";
import type { RunClause, RunOrder } from "./run-search.ts";

/** Which runs are looked for. */
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

export interface RunSearch {
  readonly experiments: readonly number[];
  readonly view: ViewType;
  readonly clauses: readonly RunClause[];
  readonly orders: readonly RunOrder[];
  readonly offset: number;
  /** How many are returned at most. */
  readonly limit: number;
}

/** The stages of life that are looked for. */
export function listStages(view: ViewType): string[] {
  return view === "ALL" ? ["active", "deleted"] : [view === "DELETED_ONLY" ? "deleted" : "active"];
}

/** The ids of the runs that a search finds, in its order. */
export async function findRunIds(sql: AnySql, search: RunSearch): Promise<string[]> {
  if (search.experiments.length === 0) return [];
  const [first] = search.orders;
  if (first?.entity === "metric") {
    // Runs that have the metric come first, and those alone can be read in the order of an index.
    const found = await findByMetric(sql, search, first);
    if (found.length === search.limit) return found;
  }
  const conditions = chain(
    sql,
    search.clauses.map((clause) => filterBy(sql, clause)),
  );
  const rows = await sql<{ run_id: string }[]>`
    SELECT r.run_id FROM runs r ${joinAll(sql, search.orders, 0)}
    WHERE r.experiment_id = ANY(${[...search.experiments]}::bigint[]) AND r.lifecycle_stage = ANY(${listStages(search.view)})
      ${conditions}
    ORDER BY ${orderAll(sql, search.orders, 0)}
    LIMIT ${search.limit} OFFSET ${search.offset}`;
  return rows.map((row) => row.run_id);
}

async function findByMetric(sql: AnySql, search: RunSearch, order: RunOrder): Promise<string[]> {
  const conditions = chain(
    sql,
    search.clauses.map((clause) => filterBy(sql, clause)),
  );
  const rest = search.orders.slice(1);
  const ends = orderAll(sql, rest, 1);
  const rows = await sql<{ run_id: string }[]>`
    SELECT r.run_id FROM latest_metrics o JOIN runs r ON r.run_id = o.run_id ${joinAll(sql, rest, 1)}
    WHERE ${
      // One experiment is one stretch of the index, in its order.
      search.experiments.length === 1
        ? sql`o.experiment_id = ${search.experiments[0] ?? 0}`
        : sql`o.experiment_id = ANY(${[...search.experiments]}::bigint[])`
    } AND o.key = ${order.key} AND o.value < 'NaN' AND r.lifecycle_stage = ANY(${listStages(search.view)})
      ${conditions}
    ORDER BY ${order.ascending ? sql`o.value ASC` : sql`o.value DESC`}, ${ends}
    LIMIT ${search.limit} OFFSET ${search.offset}`;
  return rows.map((row) => row.run_id);
}

/** A condition, with the AND before it. */
function filterBy(sql: AnySql, clause: RunClause): Fragment {
  if (clause.entity === "metric") {
    const { key, comparator, value } = clause;
    // NaN is larger than any number in Postgres, and than none here.
    const isNumber = comparator === ">" || comparator === ">=" ? sql`AND m.value < 'NaN'` : sql``;
    return sql`AND EXISTS (SELECT 1 FROM latest_metrics m WHERE m.run_id = r.run_id AND m.experiment_id = r.experiment_id
      AND m.key = ${key} AND m.value ${sql.unsafe(comparator)} ${value}::float8 ${isNumber})`;
  }
  const { entity, key, comparator, value } = clause;
  if (entity === "attribute") return sql`AND ${compare(sql, sql`r.${sql(key)}`, { comparator, value })}`;
  if (entity === "dataset") {
    const column = key === "context" ? sql`d.context` : sql`s.${sql(key)}`;
    return sql`AND EXISTS (SELECT 1 FROM run_datasets d JOIN datasets s ON s.dataset_id = d.dataset_id
      WHERE d.run_id = r.run_id AND ${compare(sql, column, { comparator, value })})`;
  }
  const table = sql(entity === "param" ? "params" : "tags");
  const has = sql`SELECT 1 FROM ${table} v WHERE v.run_id = r.run_id AND v.key = ${key}`;
  if (comparator === "IS NULL") return sql`AND NOT EXISTS (${has})`;
  if (comparator === "IS NOT NULL") return sql`AND EXISTS (${has})`;
  // What is equal begins equally, and by its beginning it is found in an index.
  const begins = comparator === "=" ? sql`AND left(v.value, 64) = left(${String(value)}, 64)` : sql``;
  return sql`AND EXISTS (${has} AND ${compare(sql, sql`v.value`, { comparator, value })} ${begins})`;
}

/** A comparison of a column with a value. */
export function compare(
  sql: AnySql,
  column: Fragment,
  { comparator, value }: { readonly comparator: string; readonly value?: unknown },
): Fragment {
  if (Array.isArray(value)) {
    const isIn = sql`${column} = ANY(${value as string[]}::text[])`;
    return comparator === "NOT IN" ? sql`NOT (${isIn})` : isIn;
  }
  const given = typeof value === "number" ? sql`${value}::float8` : sql`${String(value)}::text`;
  return sql`${column} ${sql.unsafe(comparator)} ${given}`;
}

const tables = { metric: "latest_metrics", param: "params", tag: "tags" } as const;

function joinAll(sql: AnySql, orders: readonly RunOrder[], from: number): Fragment | Fragment[] {
  const joins = orders.map(({ entity, key }, index) => {
    if (entity === "attribute") return sql``;
    const alias = sql(`o${from + index}`);
    return sql`LEFT JOIN ${sql(tables[entity])} ${alias} ON ${alias}.run_id = r.run_id AND ${alias}.key = ${key}`;
  });
  return chain(sql, joins);
}

/** What is not there comes last whatever the direction, NaN before it; then the latest runs first. */
function orderAll(sql: AnySql, orders: readonly RunOrder[], from: number): Fragment {
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
