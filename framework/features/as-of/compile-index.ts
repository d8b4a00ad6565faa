/**
 * An as-of index as SQL: its entities, its categories and its rows, sorted. Pure.
 * @module
 */
import { compileExpression } from "../../data/expression-sql.ts";
import { quoteName } from "../../data/sql.ts";
import type { FeaturesSpec } from "../../definitions/spec.ts";
import { compileWindows } from "../compile-windows.ts";
import { createRows, type DatasetRows } from "../dataset-rows.ts";

/** A table, and the query that it is made of. */
interface Table {
  readonly name: string;
  readonly query: string;
}

export interface CompiledIndex {
  /** How many features the set has. */
  readonly features: number;
  /** Makes what the queries read; to be run in order. */
  readonly statements: readonly string[];
  /** The entities: `code` from 0 without a gap, `key_0`, `key_1` …; a dataset without a key has one. */
  readonly entities: Table;
  /** The values of each category, as `code` and `value`, with its place in the set. */
  readonly categories: readonly (Table & { readonly feature: number })[];
  /**
   * The rows, from those tables: code, time, features. Sorted by entity and time, and those of one entity and time by all
   * columns in the order of the schema, nulls first: of these, the last one counts.
   */
  readonly rows: string;
}

const relation = "indexed";
const entitiesTable = `${relation}_entities`;
const categoryTable = (feature: number) => `${relation}_category_${feature}`;
const column = (name: string) => `r.${quoteName(name)}`;

/** Compiles the index of a feature set over the rows of its dataset. */
export function compileIndex(set: FeaturesSpec, dataset: DatasetRows): CompiledIndex {
  const { columns, key, eventTime } = dataset.spec;
  const trees = set.columns.map(({ expression }) => expression);
  const windows = compileWindows({ relation, eventTime, count: dataset.rows }, trees);
  const features = set.columns.map(({ type, expression }, feature) => {
    const value = compileExpression(expression, windows.scope);
    return { value, ...(type === "category" && { category: categoryTable(feature) }) };
  });
  const ties = columns.map(({ name }) => name).filter((name) => name !== eventTime && !key.includes(name));
  const isEntity = key.map((name, i) => `${entitiesTable}.key_${i} = ${column(name)}`).join(" AND ") || "TRUE";
  const values = [
    `${entitiesTable}.code AS code`,
    `${column(eventTime)} AS event_time`,
    ...features.map(({ value, category }, i) => `${category ? value : `CAST(${value} AS DOUBLE)`} AS feature_${i}`),
    ...ties.map((name, i) => `${column(name)} AS tie_${i}`),
  ];
  const doubles = features.map(({ category }, i) => toDouble(category ? `${category}.code` : `f.feature_${i}`));
  const lookUps = features.map(
    ({ category }, i) => category && `LEFT JOIN ${category} ON ${category}.value = f.feature_${i}`,
  );
  return {
    features: features.length,
    statements: [createRows(relation, dataset), ...windows.statements],
    entities: { name: entitiesTable, query: compileEntities(key) },
    categories: features.flatMap(({ value, category }, feature) =>
      category === undefined ? [] : [{ feature, name: category, query: compileValues(value, windows.from) }],
    ),
    rows: `SELECT ${["f.code", "f.event_time", ...doubles].join(", ")}
      FROM (SELECT ${values.join(", ")} FROM ${windows.from} JOIN ${entitiesTable} ON ${isEntity}) AS f
      ${lookUps.filter((join) => join !== undefined).join("\n")}
      ORDER BY ${["f.code", "f.event_time", ...ties.map((_, i) => `f.tie_${i} NULLS FIRST`)].join(", ")}`,
  };
}

function compileEntities(key: readonly string[]): string {
  if (key.length === 0) return "SELECT CAST(0 AS INTEGER) AS code";
  const names = key.map((_, i) => `key_${i}`);
  return `SELECT CAST(row_number() OVER (ORDER BY ${names.join(", ")}) - 1 AS INTEGER) AS code, *
    FROM (SELECT DISTINCT ${key.map((name, i) => `${column(name)} AS key_${i}`).join(", ")} FROM ${relation} AS r)
    WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" AND ")}`;
}

function compileValues(value: string, from: string): string {
  return `SELECT CAST(row_number() OVER (ORDER BY value) - 1 AS DOUBLE) AS code, value
    FROM (SELECT DISTINCT ${value} AS value FROM ${from}) WHERE value IS NOT NULL`;
}

/** What is missing is NaN; what overflowed is missing, since an infinity is no number that a model can take. */
function toDouble(value: string): string {
  return `CASE WHEN isfinite(${value}) THEN ${value} ELSE CAST('NaN' AS DOUBLE) END`;
}
