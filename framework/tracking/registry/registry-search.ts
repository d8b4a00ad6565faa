/**
 * Searches in the registry: what filters and orders may say, and the statements that they become. Prompts, which clients keep as
 * models with a tag, are found only by who asks for them.
 * @module
 */
import type { AnySql } from "../database.ts";
import { type Clause, readFilter, readOrder } from "../search/filter-text.ts";
import { invalid } from "../tracking-failure.ts";
import { all, compareNumber, compareText, numberComparators, requireComparator, textComparators } from "./condition.ts";
import type { Fragment } from "./model-version.ts";

const promptTag = "mlflow.prompt.is_prompt";
const attributeEntities: readonly string[] = ["attribute", "attributes"];
const setComparators = [...textComparators, "IN", "NOT IN"] as const;

/** The condition on models `m` that a filter is. @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what cannot be searched by */
export function modelCondition(sql: AnySql, filter: string): Fragment {
  const { clauses, prompts } = splitPrompts(readFilter(filter));
  const conditions = clauses.map((clause) => {
    if (isTag(clause)) {
      const value = compareText(sql, sql`t.value`, clause);
      return sql`EXISTS (SELECT 1 FROM registered_model_tags AS t
        WHERE t.model = m.id AND t.key = ${clause.key} AND ${value})`;
    }
    if (clause.key !== "name") throw invalid(`Invalid attribute key '${clause.key}' specified. Valid keys are 'name'`);
    requireComparator(clause, setComparators, "attribute");
    return compareText(sql, sql`m.name`, requireQuoted(clause));
  });
  return all(sql, prompts ? conditions : [...conditions, isNoPrompt(sql)]);
}

/** The condition on versions `v` of models `m` that a filter is. @throws TrackingFailure like `modelCondition` */
export function versionCondition(sql: AnySql, filter: string): Fragment {
  const { clauses, prompts } = splitPrompts(readFilter(filter));
  const conditions = clauses.map((clause) => {
    if (isTag(clause)) {
      const value = compareText(sql, sql`t.value`, clause);
      return sql`EXISTS (SELECT 1 FROM model_version_tags AS t
        WHERE t.model = v.model AND t.version = v.version AND t.key = ${clause.key} AND ${value})`;
    }
    return versionAttribute(sql, clause);
  });
  return all(sql, prompts ? conditions : [...conditions, isNoPrompt(sql)]);
}

function versionAttribute(sql: AnySql, clause: Clause): Fragment {
  switch (clause.key) {
    case "name":
    case "run_id":
      requireComparator(clause, setComparators, "attribute");
      return compareText(sql, clause.key === "name" ? sql`m.name` : sql`v.run_id`, requireQuoted(clause));
    case "source_path":
      requireComparator(clause, textComparators, "attribute");
      return compareText(sql, sql`v.source`, requireQuoted(clause));
    case "version_number":
      requireComparator(clause, numberComparators, "attribute version_number");
      return compareNumber(sql, sql`v.version`, clause);
    default:
      throw invalid(
        `Invalid attribute key '${clause.key}' specified. Valid keys are 'name', 'version_number', 'run_id', 'source_path'`,
      );
  }
}

/** How models `m` are ordered: by what is asked for, then by name. */
export function modelOrder(sql: AnySql, orders: readonly string[]): Fragment {
  const columns = { name: sql`m.name`, creation_timestamp: sql`m.created`, last_updated_timestamp: sql`m.updated` };
  return sql`ORDER BY ${orderBy(sql, orders, { ...columns, timestamp: columns.last_updated_timestamp })} m.name`;
}

/** How versions `v` of models `m` are ordered: by what is asked for, else what changed last first; then by name, the latest first. */
export function versionOrder(sql: AnySql, orders: readonly string[]): Fragment {
  const columns = {
    name: sql`m.name`,
    version_number: sql`v.version`,
    creation_timestamp: sql`v.created`,
    last_updated_timestamp: sql`v.updated`,
  };
  const asked = orders.length === 0 ? ["last_updated_timestamp DESC"] : orders;
  return sql`ORDER BY ${orderBy(sql, asked, columns)} m.name, v.version DESC`;
}

/** The beginning of an order, with a comma after each part. */
function orderBy(sql: AnySql, orders: readonly string[], columns: Readonly<Record<string, Fragment>>): Fragment {
  const seen = new Set<string>();
  let parts = sql``;
  for (const order of orders) {
    const { entity = "attribute", key, ascending } = readOrder(order);
    const column = attributeEntities.includes(entity) && Object.hasOwn(columns, key) ? columns[key] : undefined;
    if (!column) {
      const valid = Object.keys(columns).map((one) => `'${one}'`);
      throw invalid(`Invalid order by key '${key}' specified. Valid keys are ${valid.join(", ")}`);
    }
    if (seen.has(key)) throw invalid(`\`order_by\` contains duplicate fields: ${key}`);
    seen.add(key);
    parts = ascending ? sql`${parts} ${column}, ` : sql`${parts} ${column} DESC, `;
  }
  return parts;
}

/** Clauses about being a prompt say whether prompts are looked for; models have no such tag to compare. */
function splitPrompts(clauses: readonly Clause[]): {
  readonly clauses: readonly Clause[];
  readonly prompts: boolean;
} {
  const about = clauses.find((one) => isTag(one) && one.key === promptTag);
  const value = String(about?.value).toLowerCase();
  const prompts = (about?.comparator === "=" && value === "true") || (about?.comparator === "!=" && value === "false");
  if (prompts) return { clauses, prompts };
  return { clauses: clauses.filter((one) => !isTag(one) || one.key !== promptTag), prompts };
}

/** Whether a clause is about a tag. @throws TrackingFailure `INVALID_PARAMETER_VALUE` when it is about neither tag nor attribute */
function isTag(clause: Clause): boolean {
  const { entity = "attribute" } = clause;
  if (attributeEntities.includes(entity)) return false;
  if (entity !== "tag" && entity !== "tags") {
    throw invalid(`Invalid entity type '${entity}'. Valid entity types are ('attribute', 'tag', 'tags')`);
  }
  requireComparator(clause, textComparators, "tag");
  requireQuoted(clause);
  return true;
}

function requireQuoted(clause: Clause): Clause {
  if (typeof clause.value !== "number") return clause;
  throw invalid(
    `Expected a quoted string value for '${clause.key}' (e.g. 'my-value'). Got value ${String(clause.value)}`,
  );
}

function isNoPrompt(sql: AnySql): Fragment {
  return sql`NOT EXISTS (
    SELECT 1 FROM registered_model_tags AS p WHERE p.model = m.id AND p.key = ${promptTag} AND lower(p.value) = 'true')`;
}
