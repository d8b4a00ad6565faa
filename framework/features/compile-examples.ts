/**
 * Examples as SQL: every row of the spine with its label, its features, and those of the joined sets as of its time.
 * Pure.
 * @module
 */

import { compileExpression, type Scope } from "../data/expression-sql.ts";
import { quoteName, quotePath, quoteText } from "../data/sql.ts";
import { listReads } from "../definitions/expression-kind.ts";
import { findLongest } from "../definitions/knowledge.ts";
import type { FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import { type AsOfIndex, indexFiles } from "./as-of/as-of-index.ts";
import { compileWindows } from "./compile-windows.ts";
import { createRows, type DatasetRows } from "./dataset-rows.ts";
import { toMicroseconds } from "./microseconds.ts";
import { type PackableColumn, type PackedVector, packColumns } from "./packed-vectors.ts";
import { reservedColumns } from "./training-set.ts";

/** A feature set of a training job, with what it is computed from. */
export interface FeatureSource {
  readonly set: FeaturesSpec;
  readonly dataset: DatasetRows;
  /** How the job joins the set. */
  readonly join: Omit<TrainingJobSpec["features"][number], "set">;
  /** The set's features at every row of the dataset. @default it is a set that is not joined: see `isJoined` */
  readonly index?: AsOfIndex;
}

/** A statement, and how many rows are through with the phase once it has run. */
interface Step {
  readonly phase: "windows" | "join";
  readonly sql: string;
  readonly rows: number;
}

/** A set that is joined: where its values come from, and where the moments are that they are wanted of. */
export interface CompiledJoin {
  readonly index: AsOfIndex;
  /** SQL of the moments, over `base`: entity, the time after which no row is, and with a `ttl` that before which none is. */
  readonly moments: readonly string[];
  /** The first of the set's columns among all joined ones, which are called `v0`, `v1` …  */
  readonly offset: number;
}

export interface CompiledExamples {
  /** To be run in order. Without joined sets the last one makes `examples`, with them it makes `base`. */
  readonly steps: readonly Step[];
  readonly joins: readonly CompiledJoin[];
  /** The query that the last step makes its table of: without joined sets the examples. */
  readonly base: string;
  /**
   * The query of the examples from rows of `base` and the joined values, both relations with the same rows in the same
   * order. In no order itself, and without the rows that have no label.
   */
  readonly finish: (base: string, joined: string) => string;
  /**
   * The columns of `examples`: time, label, slices, features. In that order rows are sorted, so that two training sets of
   * the same rows have their slices in the same order whatever their features are. Long vectors are lists.
   */
  readonly columns: readonly string[];
  /** The query of what is written, a column for each feature, from one of rows of `examples`. */
  readonly unpack: (rows: string) => string;
  /** How many numbers an example has where there are long vectors. @default there are none */
  readonly numbers?: number;
  /** The columns of the spine that are kept as slices: strings and booleans, where nothing else was asked for. */
  readonly slices: readonly string[];
  /** The spine's rows with their windows, which are there once the steps have run. */
  readonly spine: { readonly relation: string; readonly from: string; readonly scope: Scope };
}

/** The relation of the spine's rows, the table of what they have of their own, and the table of examples. */
export const relations = { spine: "spine", base: "base", examples: "examples" } as const;

/** Whether a set is joined. Another set of the spine's dataset that is joined by nothing is computed on the example's own row. */
export function isJoined(spine: string, { dataset, join }: Pick<FeatureSource, "dataset" | "join">): boolean {
  return dataset.spec.name !== spine || Object.keys(join.by).length > 0;
}

/** A column of the examples: SQL over the spine's rows, or over `base` and the joined values. */
interface Column extends PackableColumn {
  readonly type: FeaturesSpec["columns"][number]["type"] | "timestamp" | "slice" | "vector";
  readonly own?: string;
  readonly joined?: string;
  /** SQL over the spine's rows of the vector that it is a number of. @default it is none's, or a joined one's */
  readonly vector?: string;
}

/** What of a training job decides what its examples are. */
export type ExamplesJob = Pick<TrainingJobSpec, "label" | "classes">;

/**
 * Compiles a training job. The first set's dataset is the spine; every joined set has an index.
 * @param kept the columns of the spine that are kept as slices. @default its strings and booleans
 */
export function compileExamples(
  job: ExamplesJob,
  [first, ...others]: readonly [FeatureSource, ...FeatureSource[]],
  kept?: readonly string[],
): CompiledExamples {
  const spine = first.dataset;
  const sources = [first, ...others];
  const { eventTime, name } = spine.spec;
  const isOwn = (source: FeatureSource) => !isJoined(name, source);
  const windows = compileWindows({ relation: relations.spine, eventTime, count: spine.rows }, [
    job.label,
    ...sources.flatMap((source) =>
      isOwn(source) ? source.set.columns.map((column) => column.expression) : Object.values(source.join.by),
    ),
  ]);
  const joined = compileJoins(
    sources.filter((source) => !isOwn(source)),
    windows.scope,
  );
  const slices =
    kept ??
    spine.spec.columns.filter(({ type }) => type === "string" || type === "boolean").map((column) => column.name);
  const all: readonly Column[] = [
    { name: reservedColumns.time, type: "timestamp", own: `r.${quoteName(eventTime)}` },
    { name: reservedColumns.label, type: "number", own: compileLabel(job, windows.scope) },
    ...slices.map((slice): Column => {
      return { name: reservedColumns.slicePrefix + slice, type: "slice", own: `r.${quoteName(slice)}` };
    }),
    ...sources.flatMap((source) =>
      isOwn(source) ? compileOwn(source, windows.scope) : (joined.columns.get(source) ?? []),
    ),
  ];
  const packed = packColumns(all);
  const columns = packed.kept.map((column) => ("numbers" in column ? packVector(column) : column));
  const own = columns.flatMap((column) => (column.own === undefined ? [] : [{ ...column, sql: column.own }]));
  const base = `SELECT ${[...own.map(toFinite), ...joined.entities.map((_, i) => `entity_${i}`)].join(", ")}
    FROM (
      SELECT ${[
        ...own.map((column) => `${column.sql} AS ${quoteName(column.name)}`),
        ...joined.entities.map(({ code }, i) => `${code} AS entity_${i}`),
      ].join(", ")}
      FROM ${[windows.from, ...joined.entities.map(({ lookUp }) => lookUp)].join("\n")}
    )
    WHERE isfinite(${quoteName(reservedColumns.label)})`;
  const table = joined.joins.length > 0 ? relations.base : relations.examples;
  const rows = joined.joins.length > 0 ? 0 : spine.rows;
  return {
    slices,
    spine: { relation: relations.spine, from: windows.from, scope: windows.scope },
    base,
    columns: columns.map((column) => column.name),
    unpack: packed.unpack,
    ...(columns.length < all.length && { numbers: all.length }),
    joins: joined.joins,
    finish: (from, values) =>
      `SELECT ${columns.map((column) => finishColumn(column)).join(", ")}
      FROM ${from} AS b POSITIONAL JOIN ${values} AS v ${joined.categories.join("\n")}`,
    steps: [
      { phase: "windows", sql: createRows(relations.spine, spine), rows: 0 },
      ...toSteps("windows", windows.statements, spine.rows),
      { phase: "join", sql: `CREATE TEMP TABLE ${table} AS ${base}`, rows },
    ],
  };
}

/** The label as a number: of several classes the place of its own, and nothing for a text that is none of them. */
function compileLabel({ label, classes }: ExamplesJob, scope: Scope): string {
  const value = compileExpression(label, scope);
  if (!classes) return toDouble(value);
  const cases = classes.map((name, place) => `WHEN ${quoteText(name)} THEN CAST(${place} AS DOUBLE)`);
  return `CASE ${value} ${cases.join(" ")} END`;
}

function compileOwn({ set }: FeatureSource, scope: Scope): Column[] {
  return set.columns.map(({ name, type, expression, preprocessing }) => {
    const value = compileExpression(expression, scope);
    const column = { name, type, own: type === "category" ? value : toDouble(value) };
    // What is fitted is asked for by its name, and stands alone.
    if (expression.op !== "at" || preprocessing) return column;
    const vector = compileExpression(expression.of, scope);
    return { ...column, part: { of: `own ${vector}`, place: expression.index + 1 }, vector };
  });
}

/** A vector as one column: the spine's own as it is in its row, a joined one of the values that were found. */
function packVector({ name, numbers }: PackedVector<Column>): Column {
  const [first] = numbers;
  if (first?.vector !== undefined) return { name, type: "vector", own: first.vector };
  return { name, type: "vector", joined: `[${numbers.map(({ joined = "NULL" }) => finiteOf(joined)).join(", ")}]` };
}

/** What joined sets need of the query of `base`, and what they give to that of the examples. */
interface Joins {
  readonly joins: CompiledJoin[];
  /** How each set finds the code of an example's entity. */
  readonly entities: { readonly code: string; readonly lookUp: string }[];
  readonly columns: Map<FeatureSource, Column[]>;
  /** How the values of categories are found. */
  readonly categories: string[];
}

/**
 * Compiles the sets that are joined: with the latest row of the same key that was known at the example's time. A row
 * counts as known when all that its features read of it directly is known; what windows read, their lag takes care of. A
 * row that is older than the join's `ttl` is none.
 */
function compileJoins(sources: readonly FeatureSource[], scope: Scope): Joins {
  const joins: Joins = { joins: [], entities: [], columns: new Map(), categories: [] };
  let offset = 0;
  for (const [i, source] of sources.entries()) {
    const { set, join, index } = source;
    if (!index) throw new TypeError(`feature set "${set.name}" is joined and has no index`);
    joins.entities.push(compileEntity(source, { index, alias: `entities_${i}`, scope }));
    joins.joins.push({ index, moments: compileMoments(source, `entity_${i}`, join.ttl), offset });
    const vectors = new Map<string, number>();
    const columns = set.columns.map(({ name, type, expression, preprocessing }, feature): Column => {
      const value = `v.v${offset + feature}`;
      if (expression.op === "at" && !preprocessing) {
        const of = `joined ${i} ${toCanonicalJson(expression.of)}`;
        const place = (vectors.get(of) ?? 0) + 1;
        vectors.set(of, place);
        return { name, type, joined: value, part: { of, place } };
      }
      if (type !== "category") return { name, type, joined: value };
      const alias = `category_${offset + feature}`;
      const values = `read_parquet(${quotePath(indexFiles.category(index.folder, feature))}, hive_partitioning = false)`;
      joins.categories.push(`LEFT JOIN ${values} AS ${alias} ON ${alias}.code = ${value}`);
      return { name, type, joined: `${alias}.value` };
    });
    joins.columns.set(source, columns);
    offset += columns.length;
  }
  return joins;
}

function compileEntity(
  { set, dataset, join }: FeatureSource,
  { index, alias, scope }: { readonly index: AsOfIndex; readonly alias: string; readonly scope: Scope },
): Joins["entities"][number] {
  const matches = dataset.spec.key.map((name, i) => {
    const value = join.by[name];
    if (value === undefined) throw new TypeError(`"by" of "${set.name}" lacks "${name}": such a job has no spec`);
    return `${alias}.key_${i} = ${compileExpression(value, scope)}`;
  });
  if (matches.length === 0) return { code: "CAST(0 AS INTEGER)", lookUp: "" };
  const entities = `read_parquet(${quotePath(indexFiles.entities(index.folder))}, hive_partitioning = false)`;
  const lookUp = `LEFT JOIN ${entities} AS ${alias} ON ${matches.join(" AND ")}`;
  return { code: `coalesce(${alias}.code, CAST(-1 AS INTEGER))`, lookUp };
}

function compileMoments({ set, dataset }: FeatureSource, entity: string, ttl: string | undefined): string[] {
  const read = new Set(
    set.columns
      .flatMap(({ expression }) => listReads(expression))
      .flatMap(({ column, lag }) => (lag === undefined ? [column] : [])),
  );
  const known = dataset.spec.columns.filter(({ name }) => read.has(name)).map((column) => column.known);
  return [entity, ago(findLongest(known)), ...(ttl === undefined ? [] : [ago(ttl)])];
}

/** The time that lies so far before the example. Before what a TIMESTAMP can say nothing lies. */
function ago(duration: string): string {
  const time = `${quoteName(reservedColumns.time)} - INTERVAL '${toMicroseconds(duration)} microseconds'`;
  return `coalesce(TRY(${time}), TIMESTAMP '-infinity')`;
}

function finishColumn({ name, type, own, joined }: Column): string {
  if (own !== undefined || joined === undefined) return `b.${quoteName(name)}`;
  return `${type === "category" || type === "vector" ? joined : finiteOf(joined)} AS ${quoteName(name)}`;
}

function finiteOf(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
}

/** What overflowed is missing, like what is divided by zero: an infinity is no number that a model can take. */
function toFinite({ name, type }: Column): string {
  const column = quoteName(name);
  return type === "number" ? `${finiteOf(column)} AS ${column}` : column;
}

function toDouble(sql: string): string {
  return `CAST(${sql} AS DOUBLE)`;
}

/** Each statement brings an equal share of the rows through the phase. */
function toSteps(phase: Step["phase"], statements: readonly string[], rows: number): Step[] {
  const doneAfter = (count: number) => Math.round((rows * count) / statements.length);
  return statements.map((sql, i) => ({ phase, sql, rows: doneAfter(i + 1) - doneAfter(i) }));
}
