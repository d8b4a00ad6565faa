/**
 * Golden rows: rows at which the features of a dataset are computed as training computes them, in SQL, and as a server does,
 * by functions, before anybody trusts that the two are one definition.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "../data/duckdb.ts";
import type { Scope } from "../data/expression-sql.ts";
import { quoteName } from "../data/sql.ts";
import { kindOf } from "../definitions/expression-kind.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { DatasetSpec, FeaturesSpec } from "../definitions/spec.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import { type Digest, digestOf } from "../plan/digest.ts";
import { compareExpressions, type Difference } from "./compare-expressions.ts";
import type { RowValues, Scalar, Vector } from "./compile-function.ts";
import { type GoldenColumn, makeEdgeRows } from "./edge-rows.ts";
import { listWindows } from "./list-windows.ts";

export interface GoldenRowsOptions {
  readonly dataset: Pick<DatasetSpec, "columns">;
  /** The feature sets of that dataset. */
  readonly sets: readonly FeaturesSpec[];
  /** Where rows are taken from, with the values of their windows. @default rows at the edges of the schema alone */
  readonly sample?: GoldenSample;
}

/** The rows of the dataset, as `compileWindows` leaves them. */
export interface GoldenSample {
  /** The relation of the rows: numbers as DOUBLE, times as TIMESTAMP. */
  readonly relation: string;
  /** What follows FROM: the rows as `r`, with their windows. */
  readonly from: string;
  readonly scope: Scope;
}

export interface GoldenRows {
  /** Of the rows and of the features' values at them. */
  readonly digest: Digest;
  readonly rows: number;
  readonly mismatches: readonly Mismatch[];
}

/** A feature that is one value in a training set and another in a server. */
export interface Mismatch extends Omit<Difference, "name"> {
  /** `routes.hour` */
  readonly feature: string;
}

/** How far from 1970 a Date reaches, in microseconds. */
const farthest = 8_640_000_000_000_000_000n;

/** How many rows are taken from the dataset, and at least how many where a row has many numbers. */
const sampled = 200;
const fewest = 20;
/** How many numbers of vectors are compared at all rows together. */
const mostNumbers = 60_000;

/**
 * Computes the features of a dataset both ways at rows that its schema and its expressions make interesting, and at up to
 * 200 rows of its own: those with the smallest hashes, so that they are the same every time. Of rows with long vectors there
 * are fewer, 20 at least.
 */
export async function compareGoldenRows(db: DuckDb, { dataset, sets, sample }: GoldenRowsOptions): Promise<GoldenRows> {
  const features = sets.flatMap(({ name, columns }) =>
    columns.map((column) => ({
      name: `${name}.${column.name}`,
      tree: column.expression,
      finite: column.type === "number",
    })),
  );
  const trees = features.map(({ tree }) => tree);
  const windows = listWindows(trees);
  const windowColumns = new Map([...windows.keys()].map((key, i) => [key, `__window_${i}`]));
  const types = new Map(dataset.columns.map(({ name, type }) => [name, type === "integer" ? "number" : type]));
  const columns: GoldenColumn[] = [
    ...dataset.columns.map((column) => ({ ...column, kind: types.get(column.name) ?? "number" })),
    ...[...windows].map(([key, tree]) => ({
      name: windowColumns.get(key) ?? "",
      // A window has no category: what a category is of is a text.
      kind: kindOf(tree, (name) => types.get(name) ?? "number") as GoldenColumn["kind"],
    })),
  ];
  const width = dataset.columns.reduce((sum, { length = 0 }) => sum + length, 0);
  const most = Math.max(fewest, Math.min(sampled, Math.floor(mostNumbers / Math.max(1, width))));
  const rows = [...makeEdgeRows(columns, trees, most)];
  if (sample) {
    const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
    const toNamed = (sql: string, name: string) => [kinds.get(name) === "timestamp" ? toDate(sql) : sql, name] as const;
    const values = [...windows].map(([key, tree]) => toNamed(sample.scope.window(tree), windowColumns.get(key) ?? ""));
    const own = dataset.columns.map(({ name }) => toNamed(`r.${quoteName(name)}`, name));
    rows.push(...(await takeRows(db, sample, { own, windows: values, most })));
  }
  const windowColumn = (tree: Parameters<Scope["window"]>[0]) => windowColumns.get(toCanonicalJson(tree)) ?? "";
  const { values, differences } = await compareExpressions(db, { columns, rows, windowColumn }, features);
  return {
    digest: digestOf({
      features,
      rows: rows.map((row, i) => ({ row: toJson(row), values: values[i]?.map(say) ?? [] })),
    }),
    rows: rows.length,
    mismatches: differences.map(({ name, ...rest }) => ({ feature: name, ...rest })),
  };
}

/**
 * Holds features of a dataset against themselves.
 *
 * @throws StewardError `features-disagree` for every feature that a server would compute otherwise.
 */
export async function checkGoldenRows(
  db: DuckDb,
  options: GoldenRowsOptions,
): Promise<Pick<GoldenRows, "digest" | "rows">> {
  const { digest, rows, mismatches } = await compareGoldenRows(db, options);
  if (mismatches.length > 0) throw new StewardError(describeMismatches(mismatches));
  return { digest, rows };
}

/** One problem for each feature, with the first row at which it differs. */
function describeMismatches(mismatches: readonly Mismatch[]): Problem[] {
  return [...Map.groupBy(mismatches, ({ feature }) => feature)].flatMap(([feature, [first, ...others]]) => {
    if (!first) return [];
    const where = first.operator === undefined ? "" : `, in "${first.operator}",`;
    return {
      code: "features-disagree" as const,
      at: feature,
      what: `a server computes "${feature}" otherwise${where} than the training set, at ${others.length + 1} golden rows`,
      got: `${toText(first.function)} at ${JSON.stringify(toJson(first.row)).slice(0, 300)}`,
      expected: toText(first.sql),
    };
  });
}

type Named = readonly (readonly [sql: string, name: string])[];

async function takeRows(
  db: DuckDb,
  { relation, from }: GoldenSample,
  { own, windows, most }: { readonly own: Named; readonly windows: Named; readonly most: number },
): Promise<RowValues[]> {
  const hash = `hash(${own.map(([sql]) => sql).join(", ")})`;
  // Found first, so that what is joined is no more than what is taken.
  const [{ last = null } = {}] = await db.rows(
    `SELECT CAST(max(h) AS VARCHAR) AS last FROM (SELECT ${hash} AS h FROM ${relation} AS r ORDER BY h LIMIT ${most})`,
    z.object({ last: z.string().nullable() }),
  );
  if (last === null) return [];
  const columns = [...own, ...windows].map(([sql, name]) => `${sql} AS ${quoteName(name)}`);
  const read = await db.connection.runAndReadAll(
    `SELECT ${columns.join(", ")} FROM ${from} WHERE ${hash} <= ${last}::UBIGINT ORDER BY ${hash} LIMIT ${most}`,
  );
  return read.getRowObjectsJS() as RowValues[];
}

/** No request has a time that a Date does not reach: infinities, and those after the year 275,760. */
function toDate(sql: string): string {
  return `CASE WHEN ${sql} BETWEEN make_timestamp(${-farthest}) AND make_timestamp(${farthest}) THEN ${sql} END`;
}

type Said = string | number | boolean | null;

function toJson(row: RowValues): Record<string, Said | readonly Said[]> {
  const sayAny = (value: Scalar | Vector) => (Array.isArray(value) ? (value as Vector).map(say) : say(value as Scalar));
  return Object.fromEntries(Object.entries(row).map(([name, value = null]) => [name, sayAny(value)]));
}

/** A value as JSON has it. */
function say(value: Scalar): Said {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function toText(value: Scalar): string {
  return JSON.stringify(say(value));
}
