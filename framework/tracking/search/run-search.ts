/**
 * What a search of runs asks for: clauses and orders of a filter's language, held against what runs have. Pure.
 * @module
 */
import { invalid } from "../tracking-failure.ts";
import { type Clause, type Comparator, type Named, readFilter, readOrder } from "./filter-text.ts";

export type RunEntity = "metric" | "param" | "tag" | "dataset" | "attribute";

/** A clause on what runs have. */
export type RunClause =
  | { readonly entity: "metric"; readonly key: string; readonly comparator: Comparator; readonly value: number }
  | {
      readonly entity: "param" | "tag" | "dataset" | "attribute";
      readonly key: string;
      readonly comparator: Comparator;
      /** @default nothing, for `IS NULL` and `IS NOT NULL` */
      readonly value?: number | string | readonly string[];
    };

export interface RunOrder {
  readonly entity: Exclude<RunEntity, "dataset">;
  readonly key: string;
  readonly ascending: boolean;
}

const entities: Readonly<Record<string, RunEntity>> = {
  metric: "metric",
  metrics: "metric",
  param: "param",
  params: "param",
  parameter: "param",
  parameters: "param",
  tag: "tag",
  tags: "tag",
  attribute: "attribute",
  attributes: "attribute",
  attr: "attribute",
  run: "attribute",
  dataset: "dataset",
  datasets: "dataset",
};

/** By the names that clients know, the columns. */
const attributes: Readonly<Record<string, string>> = {
  run_id: "run_id",
  run_name: "name",
  "run name": "name",
  "Run name": "name",
  "Run Name": "name",
  user_id: "user_id",
  status: "status",
  artifact_uri: "artifact_uri",
  start_time: "start_time",
  created: "start_time",
  Created: "start_time",
  end_time: "end_time",
};

const numericColumns = new Set(["start_time", "end_time"]);
const datasetKeys = new Set(["name", "digest", "context"]);

const numeric: readonly Comparator[] = ["=", "!=", "<", "<=", ">", ">="];
const textual: readonly Comparator[] = ["=", "!=", "LIKE", "ILIKE"];
const nullable: readonly Comparator[] = [...textual, "IS NULL", "IS NOT NULL"];
const listed: readonly Comparator[] = [...textual, "IN", "NOT IN"];

/**
 * Reads a filter of runs.
 * @throws TrackingFailure 400 for what runs do not have, or cannot be compared so
 */
export function readRunFilter(text: string): readonly RunClause[] {
  return readFilter(text).map(readRunClause);
}

/**
 * Reads the orders of a search of runs.
 * @throws TrackingFailure 400 for what runs cannot be ordered by, and for what comes twice
 */
export function readRunOrders(texts: readonly string[]): readonly RunOrder[] {
  const orders = texts.map((text): RunOrder => {
    const { ascending, ...named } = readOrder(text);
    const { entity, key } = resolve(named);
    if (entity === "dataset") throw invalid("runs cannot be ordered by their datasets");
    return { entity, key, ascending };
  });
  const names = new Set(orders.map(({ entity, key }) => `${entity} ${key}`));
  if (names.size < orders.length) throw invalid("`order_by` contains duplicate fields");
  return orders;
}

function readRunClause({ comparator, value, ...named }: Clause): RunClause {
  const { entity, key } = resolve(named);
  const isNumeric = entity === "metric" || (entity === "attribute" && numericColumns.has(key));
  const allowed = isNumeric
    ? numeric
    : entity === "param" || entity === "tag"
      ? nullable
      : entity === "dataset" || key === "run_id"
        ? listed
        : textual;
  if (!allowed.includes(comparator)) {
    throw invalid(`Invalid comparator '${comparator}' for ${entity} '${named.key}': not one of ${allowed.join(", ")}`);
  }
  if (isNumeric && typeof value !== "number") {
    throw invalid(`Expected numeric value type for ${entity} '${named.key}'. Found ${JSON.stringify(value)}`);
  }
  if (!isNumeric && typeof value === "number") {
    throw invalid(`Expected a quoted string value for ${entity} '${named.key}'. Got value ${value}`);
  }
  if (entity === "metric") return { entity, key, comparator, value: Number(value) };
  return { entity, key, comparator, ...(value !== undefined && { value }) };
}

function resolve({ entity = "attribute", key }: Named): { readonly entity: RunEntity; readonly key: string } {
  const known = Object.hasOwn(entities, entity) ? entities[entity] : undefined;
  if (known === undefined) {
    throw invalid(`Invalid entity type '${entity}'. Valid values are metric, parameter, tag, attribute, dataset`);
  }
  if (known === "dataset" && !datasetKeys.has(key)) {
    throw invalid(`Invalid dataset key '${key}' specified. Valid keys are name, digest, context`);
  }
  if (known !== "attribute") return { entity: known, key };
  const column = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  if (column !== undefined) return { entity: known, key: column };
  throw invalid(
    `Invalid attribute key '${key}' specified. Valid keys are run_id, run_name, user_id, status, artifact_uri, start_time, end_time`,
  );
}
