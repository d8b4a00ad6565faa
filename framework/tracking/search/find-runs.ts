/**
 * Finds runs by a search, in its order: statements of Postgres from clauses and orders.
 * @module
 */
import type { AnySql, Fragment } from "../database.ts";
import { filterAll, probeAll } from "./run-condition.ts";
import { joinAll, orderAll } from "./run-order.ts";
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

/** Connections of a search. */
export interface SearchConnections {
  /** For statements that are planned for their values. */
  readonly sql: AnySql;
  /** For those that look up a few rows for each of many keys. */
  readonly lookups: AnySql;
}

/** A run that is found. */
export interface FoundRun {
  readonly run_id: string;
  /** What clients are sent of it, where that is kept and true; null where it is not. */
  readonly print: string | null;
}

/** The runs that a search finds, in its order. */
export async function findRuns({ sql, lookups }: SearchConnections, search: RunSearch): Promise<readonly FoundRun[]> {
  if (search.experiments.length === 0) return [];
  const [first] = search.orders;
  if (first?.entity === "metric") {
    // Runs that have the metric come first, and those alone can be read in the order of an index.
    const walked = await walkByMetric(lookups, search, first);
    if (walked.length === search.limit) return walked;
    const found = await findByMetric(sql, search, first);
    if (found.length === search.limit) return found;
  }
  return sql<FoundRun[]>`
    SELECT r.run_id, ${findPrint(sql)} FROM runs r ${joinAll(sql, search.orders, 0)}
    WHERE r.experiment_id = ANY(${[...search.experiments]}::bigint[]) AND r.lifecycle_stage = ANY(${listStages(search.view)})
      ${filterAll(sql, search.clauses)}
    ORDER BY ${orderAll(sql, search.orders, 0)}
    LIMIT ${search.limit} OFFSET ${search.offset}`;
}

/** The print of a run that a statement calls `r`: it is looked up for those alone that are left after the order and the limit. */
function findPrint(sql: AnySql): Fragment {
  return sql`(SELECT p.print FROM printed_runs p WHERE p.run_id = r.run_id AND p.seals = r.seals AND NOT r.seal_due) AS print`;
}

function findByMetric(sql: AnySql, search: RunSearch, order: RunOrder): Promise<readonly FoundRun[]> {
  const rest = search.orders.slice(1);
  const ends = orderAll(sql, rest, 1);
  return sql<FoundRun[]>`
    SELECT r.run_id, ${findPrint(sql)} FROM latest_metrics o JOIN runs r ON r.run_id = o.run_id ${joinAll(sql, rest, 1)}
    WHERE ${
      // One experiment is one stretch of the index, in its order.
      search.experiments.length === 1
        ? sql`o.experiment_id = ${search.experiments[0] ?? 0}`
        : sql`o.experiment_id = ANY(${[...search.experiments]}::bigint[])`
    } AND o.key = ${order.key} AND o.value < 'NaN' AND r.lifecycle_stage = ANY(${listStages(search.view)})
      ${filterAll(sql, search.clauses)}
    ORDER BY ${order.ascending ? sql`o.value ASC` : sql`o.value DESC`}, ${ends}
    LIMIT ${search.limit} OFFSET ${search.offset}`;
}

/** How many runs are walked for each one that is looked for: a filter that lets fewer through is better looked up itself. */
const walkedForOne = 32;
const fewestWalked = 2_048;
/** Whoever looks for more of them looks for most of what there is. */
const mostWalkedTo = 1_024;

/**
 * How many runs are walked to one. It is a power of two, and said in the statement's text: there are few such texts, and Postgres
 * plans each once, since it knows what a walk costs whatever the other values are.
 */
function countWalked(last: number): number {
  return Math.max(fewestWalked, 2 ** Math.ceil(Math.log2(walkedForOne * last)));
}

/** Takes the first runs in the order of an index, and of these those that are looked for, until there are enough. */
async function walkByMetric(sql: AnySql, search: RunSearch, order: RunOrder): Promise<readonly FoundRun[]> {
  const { experiments, offset, limit } = search;
  const [experiment] = experiments;
  // One experiment is one stretch of the index, in its order.
  if (experiment === undefined || experiments.length > 1 || offset + limit > mostWalkedTo) return [];
  const rest = search.orders.slice(1);
  const direction = order.ascending ? sql`ASC` : sql`DESC`;
  // All that have the last value are among the walked, so that none is missed that comes before another of them.
  return sql<FoundRun[]>`
    SELECT r.run_id, ${findPrint(sql)} FROM (
      SELECT run_id, value FROM latest_metrics
      WHERE experiment_id = ${experiment} AND key = ${order.key} AND value < 'NaN'
      ORDER BY value ${direction} FETCH FIRST ${sql.unsafe(String(countWalked(offset + limit)))} ROWS WITH TIES
    ) o JOIN runs r ON r.run_id = o.run_id ${joinAll(sql, rest, 1)}
    WHERE r.lifecycle_stage = ANY(${listStages(search.view)}) ${probeAll(sql, search.clauses)}
    ORDER BY o.value ${direction}, ${orderAll(sql, rest, 1)}
    LIMIT ${limit} ${offset > 0 ? sql`OFFSET ${offset}` : sql``}`;
}
