/**
 * Conditions of a search of runs, as pieces of statements.
 * @module
 */
import { type AnySql, chain, type Fragment } from "../database.ts";
import type { RunClause } from "./run-search.ts";

/** The conditions of a run that a statement calls `r`; each has an AND before it. */
export function filterAll(sql: AnySql, clauses: readonly RunClause[]): Fragment | Fragment[] {
  return chain(
    sql,
    clauses.map((clause) => filterBy(sql, clause)),
  );
}

/**
 * The same conditions, of a run whose metric a statement calls `o` as well. Each is looked up run by run and never joined: runs that come
 * in an order stay in it, and none is looked at that is not reached. What an index answers by itself comes first.
 */
export function probeAll(sql: AnySql, clauses: readonly RunClause[]): Fragment | Fragment[] {
  const [first, ...others] = clauses.filter(isQuick);
  const rest = [...others, ...clauses.filter((clause) => !isQuick(clause))];
  return chain(sql, [...(first ? [probeGathered(sql, first)] : []), ...rest.map((clause) => probeBy(sql, clause))]);
}

/** How many runs are gathered at most by what an index says of them. */
const mostGathered = 4_096;

/**
 * The same for a clause that an index answers by itself: the runs that it holds for are gathered once, and each run is looked for among
 * them. Where there are more, those that are not among the gathered ones are looked up run by run.
 */
function probeGathered(sql: AnySql, clause: ValueClause): Fragment {
  const most = sql.unsafe(String(mostGathered));
  const holding = sql`FROM ${tableOf(sql, clause)} v WHERE ${holds(sql, clause)}`;
  return sql`AND (o.run_id IN (SELECT v.run_id ${holding} LIMIT ${most})
    OR ((SELECT EXISTS (SELECT 1 ${holding} OFFSET ${most} LIMIT 1)) AND (SELECT 1 ${holding} AND v.run_id = o.run_id LIMIT 1) IS NOT NULL))`;
}

function filterBy(sql: AnySql, clause: RunClause): Fragment {
  if (clause.entity === "metric") {
    const { key, comparator, value } = clause;
    // NaN is larger than any number in Postgres, and than none here.
    const isNumber = comparator === ">" || comparator === ">=" ? sql`AND m.value < 'NaN'` : sql``;
    return sql`AND EXISTS (SELECT 1 FROM latest_metrics m WHERE m.run_id = r.run_id AND m.experiment_id = r.experiment_id
      AND m.key = ${key} AND m.value ${sql.unsafe(comparator)} ${value}::float8 ${isNumber})`;
  }
  if (clause.entity === "attribute") return sql`AND ${compare(sql, sql`r.${sql(clause.key)}`, clause)}`;
  const { isThere, found } = lookUp(sql, sql`r.run_id`, clause);
  return sql`AND ${isThere ? sql`EXISTS` : sql`NOT EXISTS`} (${found})`;
}

function probeBy(sql: AnySql, clause: RunClause): Fragment {
  if (clause.entity === "attribute") return filterBy(sql, clause);
  // A value is looked up for each run; whether there is one might be looked up for all of them beforehand.
  if (clause.entity !== "metric") {
    const { isThere, found } = lookUp(sql, sql`o.run_id`, clause);
    return sql`AND (${found} LIMIT 1) ${isThere ? sql`IS NOT NULL` : sql`IS NULL`}`;
  }
  const { key, comparator, value } = clause;
  const isNumber = comparator === ">" || comparator === ">=" ? sql`AND m.value < 'NaN'` : sql``;
  return sql`AND (SELECT m.value FROM latest_metrics m WHERE m.run_id = o.run_id AND m.key = ${key} ${isNumber})
    ${sql.unsafe(comparator)} ${value}::float8`;
}

interface LookedUp {
  /** Whether the run is to have what is found, or is not. */
  readonly isThere: boolean;
  readonly found: Fragment;
}

/** A clause on a parameter or a tag. */
type ValueClause = Exclude<RunClause, { readonly entity: "metric" }> & { readonly entity: "param" | "tag" };

function isOfValue(clause: RunClause): clause is ValueClause {
  return clause.entity === "param" || clause.entity === "tag";
}

/** Whether an index answers it by itself. */
function isQuick(clause: RunClause): clause is ValueClause {
  return isOfValue(clause) && clause.comparator === "=";
}

function tableOf(sql: AnySql, { entity }: ValueClause): Fragment {
  return sql`${sql(entity === "param" ? "params" : "tags")}`;
}

/** Looks up what a clause on something other than metrics and attributes says. */
function lookUp(sql: AnySql, runId: Fragment, clause: Exclude<RunClause, { readonly entity: "metric" }>): LookedUp {
  const { key, comparator, value } = clause;
  if (!isOfValue(clause)) {
    const column = key === "context" ? sql`d.context` : sql`s.${sql(key)}`;
    const found = sql`SELECT 1 FROM run_datasets d JOIN datasets s ON s.dataset_id = d.dataset_id
      WHERE d.run_id = ${runId} AND ${compare(sql, column, { comparator, value })}`;
    return { isThere: true, found };
  }
  const found = sql`SELECT 1 FROM ${tableOf(sql, clause)} v WHERE v.run_id = ${runId} AND ${holds(sql, clause)}`;
  return { isThere: comparator !== "IS NULL", found };
}

/** What a clause says of a parameter or a tag that a statement calls `v`; that it is there, if it says no more, or that it is not. */
function holds(sql: AnySql, { key, comparator, value }: ValueClause): Fragment {
  const own = sql`v.key = ${key}`;
  if (comparator === "IS NULL" || comparator === "IS NOT NULL") return own;
  if (comparator !== "=") return sql`${own} AND ${compare(sql, sql`v.value`, { comparator, value })}`;
  // What is equal begins equally, and by its beginning it is found in an index. A short text is all beginning; saying more
  // makes Postgres expect fewer than there are.
  const text = String(value);
  const most = sql.unsafe(String(indexed));
  const begins = sql`${own} AND v.head = left(${text}, ${most})`;
  return text.length < indexed ? begins : sql`${begins} AND v.value = ${text}`;
}

/** How much of a value of a parameter or a tag is in an index, in characters. */
const indexed = 64;

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
