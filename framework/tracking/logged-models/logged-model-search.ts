/**
 * Searches among logged models: what filters and orders may say, and the statements that they become.
 * @module
 */
import type { AnySql } from "../database.ts";
import {
  all,
  compareNumber,
  compareText,
  numberComparators,
  requireComparator,
  textComparators,
} from "../registry/condition.ts";
import type { Fragment } from "../registry/model-version.ts";
import { type Clause, readFilter } from "../search/filter-text.ts";
import { invalid } from "../tracking-failure.ts";

/** A dataset by which metrics are chosen. */
export interface AskedDataset {
  readonly dataset_name: string;
  /** @default "" any */
  readonly dataset_digest: string;
}

/** One part of an order. */
export interface AskedOrder extends AskedDataset {
  /** An attribute, or `metrics.<key>`. */
  readonly field_name: string;
  readonly ascending: boolean;
}

/** What is searched for. */
export interface AskedLoggedModels {
  readonly experiment_ids: readonly string[];
  readonly filter: string;
  readonly datasets: readonly AskedDataset[];
  readonly order_by: readonly AskedOrder[];
}

const setComparators = [...textComparators, "IN", "NOT IN"] as const;
const aliases: Readonly<Record<string, string>> = {
  creation_time: "created",
  creation_timestamp: "created",
  creation_timestamp_ms: "created",
  last_updated_time: "updated",
  last_updated_timestamp: "updated",
  last_updated_timestamp_ms: "updated",
};
const textAttributes: readonly string[] = ["name", "model_id", "model_type", "status", "source_run_id"];

/** The condition on models `l` that a search is. @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what cannot be searched by */
export function loggedModelCondition(sql: AnySql, { experiment_ids, filter, datasets }: AskedLoggedModels): Fragment {
  const numbers = experiment_ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  const clauses = readFilter(filter);
  const conditions = clauses.map((clause) => oneCondition(sql, clause, datasets));
  if (datasets.length > 0 && !clauses.some(({ entity }) => entity === "metrics")) {
    conditions.push(
      sql`EXISTS (SELECT 1 FROM logged_model_metrics AS x WHERE x.model_id = l.model_id AND ${onDatasets(sql, datasets)})`,
    );
  }
  const own = sql`l.lifecycle_stage = 'active' AND l.experiment_id = ANY(${numbers})`;
  return all(sql, [own, ...conditions]);
}

function oneCondition(sql: AnySql, clause: Clause, datasets: readonly AskedDataset[]): Fragment {
  const { entity = "attributes", key } = clause;
  switch (entity) {
    case "attributes":
      return compareAttribute(sql, clause);
    case "metrics": {
      requireComparator(clause, numberComparators, `metrics.${key}`);
      const value = compareNumber(sql, sql`x.value`, clause);
      return sql`EXISTS (SELECT 1 FROM logged_model_metrics AS x
        WHERE x.model_id = l.model_id AND x.key = ${key} AND ${value} AND ${onDatasets(sql, datasets)})`;
    }
    case "params":
    case "tags": {
      requireComparator(clause, setComparators, `${entity}.${key}`);
      const table = entity === "params" ? sql`logged_model_params` : sql`logged_model_tags`;
      return sql`EXISTS (SELECT 1 FROM ${table} AS x
        WHERE x.model_id = l.model_id AND x.key = ${key} AND ${compareText(sql, sql`x.value`, clause)})`;
    }
    default:
      throw invalid(`Invalid entity type: '${entity}'. Expected one of ['attributes', 'metrics', 'params', 'tags'].`);
  }
}

function compareAttribute(sql: AnySql, clause: Clause): Fragment {
  const { key } = clause;
  const column = readAttribute(key);
  if (!textAttributes.includes(column)) {
    requireComparator(clause, numberComparators, `attributes.${key}`);
    return compareNumber(sql, sql`l.${sql(column)}`, clause);
  }
  requireComparator(clause, setComparators, `attributes.${key}`);
  return compareText(sql, sql`l.${sql(column)}`, column === "status" ? withShortStatus(clause) : clause);
}

/** A status may be given as the protocol names it. */
function withShortStatus(clause: Clause): Clause {
  const short = (one: string) => one.replace(/^LOGGED_MODEL_/, "");
  const { value } = clause;
  if (typeof value === "string") return { ...clause, value: short(value) };
  return typeof value === "object" ? { ...clause, value: value.map(short) } : clause;
}

function readAttribute(key: string): string {
  const column = Object.hasOwn(aliases, key) ? (aliases[key] ?? key) : key;
  if (textAttributes.includes(column) || column === "created" || column === "updated") return column;
  const valid = [...textAttributes, "creation_timestamp", "last_updated_timestamp"]
    .map((name) => `'${name}'`)
    .join(", ");
  throw invalid(`Invalid attribute key '${key}' specified. Valid keys are ${valid}`);
}

/** How models `l` are ordered: by what is asked for, then the latest first. What has no value comes last. */
export function loggedModelOrder(sql: AnySql, orders: readonly AskedOrder[]): Fragment {
  let parts = sql``;
  for (const order of orders) {
    const direction = order.ascending ? sql`ASC` : sql`DESC`;
    parts = sql`${parts} ${orderColumn(sql, order)} ${direction} NULLS LAST, `;
  }
  return sql`ORDER BY ${parts} l.created DESC, l.model_id`;
}

function orderColumn(sql: AnySql, { field_name: field, ...dataset }: AskedOrder): Fragment {
  const [, entity, key] = /^([^.]+)\.(.+)$/s.exec(field) ?? [];
  if (entity === undefined || key === undefined) return sql`l.${sql(readAttribute(field.trim()))}`;
  if (entity !== "metrics") throw invalid(`Invalid order by field name: ${field}. Only metrics are supported.`);
  if (dataset.dataset_digest !== "" && dataset.dataset_name === "") {
    throw invalid("`dataset_digest` can only be specified if `dataset_name` is also specified.");
  }
  const chosen = dataset.dataset_name === "" ? [] : [dataset];
  // Not a number is no value to order by.
  return sql`(SELECT nullif(x.value, 'NaN'::float8) FROM logged_model_metrics AS x
    WHERE x.model_id = l.model_id AND x.key = ${key.replace(/^`(.*)`$/s, "$1")} AND ${onDatasets(sql, chosen)}
    ORDER BY x."timestamp" DESC, x.step DESC, x.run_id LIMIT 1)`;
}

/** Whether a metric `x` is one of some datasets; none stands for any. */
function onDatasets(sql: AnySql, datasets: readonly AskedDataset[]): Fragment {
  const one = ({ dataset_name: name, dataset_digest: digest }: AskedDataset) =>
    sql`(x.dataset_name = ${name} AND (${digest === ""} OR x.dataset_digest = ${digest}))`;
  const [first, ...others] = datasets;
  if (!first) return sql`true`;
  return sql`(${others.reduce((before, next) => sql`${before} OR ${one(next)}`, one(first))})`;
}
