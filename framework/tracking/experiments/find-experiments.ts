/**
 * Finds experiments by a filter, in an order.
 * @module
 */
import { type AnySql, chain } from "../database.ts";
import { type Clause, type Comparator, type Order, readFilter, readOrder } from "../search/filter-text.ts";
import { listStages, type ViewType } from "../search/find-runs.ts";
import { compare } from "../search/run-condition.ts";
import { invalid } from "../tracking-failure.ts";
import { type Experiment, experimentColumns, readExperimentId } from "./experiment.ts";

export interface ExperimentSearch {
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly view: ViewType;
  readonly offset: number;
  readonly limit: number;
}

const numericKeys: readonly string[] = ["creation_time", "last_update_time"];
const keys: readonly string[] = ["name", "experiment_id", ...numericKeys];

const allowed: Readonly<Record<"id" | "number" | "name" | "tag", readonly Comparator[]>> = {
  id: ["=", "!=", "IN", "NOT IN"],
  number: ["=", "!=", "<", "<=", ">", ">="],
  name: ["=", "!=", "LIKE", "ILIKE"],
  tag: ["=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"],
};

/** The experiments that a search finds. @throws TrackingFailure 400 for a filter or an order that is none */
export async function findExperiments(sql: AnySql, search: ExperimentSearch): Promise<Experiment[]> {
  const conditions = chain(
    sql,
    readFilter(search.filter).map((clause) => filterBy(sql, clause)),
  );
  const given = search.orderBy.map(readOrder);
  const orders: readonly Order[] = given.length > 0 ? given : [{ key: "creation_time", ascending: false }];
  const parts = orders.map((order) => {
    const { key, ascending } = order;
    if (isTag(order) || !keys.includes(key)) throw invalid(`Invalid order_by entity: '${key}'`);
    return sql`e.${sql(key)} ${ascending ? sql`ASC` : sql`DESC`}, `;
  });
  return sql<Experiment[]>`
    SELECT ${experimentColumns(sql)} FROM experiments e
    WHERE e.lifecycle_stage = ANY(${listStages(search.view)}) ${conditions}
    ORDER BY ${parts} ${given.length > 0 ? sql`e.experiment_id DESC` : sql`e.experiment_id ASC`}
    LIMIT ${search.limit} OFFSET ${search.offset}`;
}

function isTag({ entity = "attribute" }: Pick<Clause, "entity">): boolean {
  if (entity === "tag" || entity === "tags") return true;
  if (entity === "attribute" || entity === "attributes") return false;
  throw invalid(`Invalid entity type '${entity}'. Valid entity types are attribute, tag, tags`);
}

function filterBy(sql: AnySql, clause: Clause) {
  const { key, comparator, value } = clause;
  if (isTag(clause)) {
    check(clause, "tag", typeof value !== "number");
    const has = sql`SELECT 1 FROM experiment_tags t WHERE t.experiment_id = e.experiment_id AND t.key = ${key}`;
    if (comparator === "IS NULL") return sql`AND NOT EXISTS (${has})`;
    if (comparator === "IS NOT NULL") return sql`AND EXISTS (${has})`;
    return sql`AND EXISTS (${has} AND ${compare(sql, sql`t.value`, { comparator, value })})`;
  }
  if (!keys.includes(key)) {
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys are ${keys.join(", ")}`);
  }
  if (key === "experiment_id") {
    check(clause, "id", typeof value !== "number");
    const ids = (Array.isArray(value) ? value : [String(value)]).map((id: string) => readExperimentId(id));
    const isIn = sql`e.experiment_id = ANY(${ids}::bigint[])`;
    return comparator === "=" || comparator === "IN" ? sql`AND ${isIn}` : sql`AND NOT (${isIn})`;
  }
  if (numericKeys.includes(key)) check(clause, "number", Number.isInteger(value));
  else check(clause, "name", typeof value === "string");
  return sql`AND ${compare(sql, sql`e.${sql(key)}`, { comparator, value })}`;
}

function check({ key, comparator, value }: Clause, kind: keyof typeof allowed, isOfKind: boolean): void {
  if (!allowed[kind].includes(comparator)) {
    throw invalid(`Invalid comparator for '${key}': ${comparator} is not one of ${allowed[kind].join(", ")}`);
  }
  if (!isOfKind) throw invalid(`Invalid value for '${key}': ${JSON.stringify(value)}`);
}
