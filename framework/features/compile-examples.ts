/**
 * Examples as SQL: every row of the spine with its label, its features, and those of the joined sets as of its time.
 * Pure.
 * @module
 */

import { compileExpression, type Scope } from "../data/expression-sql.ts";
import { quoteName, quotePath } from "../data/sql.ts";
import { listReads } from "../definitions/expression-kind.ts";
import { findLongest } from "../definitions/knowledge.ts";
import type { ColumnSpec, DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";
import { compileWindows } from "./compile-windows.ts";
import { toMicroseconds } from "./microseconds.ts";
import { reservedColumns } from "./training-set.ts";

/** The rows of a dataset that a feature set is computed from. */
export interface DatasetRows {
  readonly spec: DatasetSpec;
  /** The Parquet files. */
  readonly files: readonly string[];
  readonly rows: number;
}

/** A feature set of a training job, with what it is computed from. */
export interface FeatureSource {
  readonly set: FeaturesSpec;
  readonly dataset: DatasetRows;
  /** The values of the spine's row that are looked for in the dataset's key columns. */
  readonly by: TrainingJobSpec["features"][number]["by"];
}

/** A statement, and how many rows are through with the phase once it has run. */
interface Step {
  readonly phase: "windows" | "join";
  readonly sql: string;
  readonly rows: number;
}

export interface CompiledExamples {
  /** The last one makes `examples`, in no order and without the rows that have no label. */
  readonly steps: readonly Step[];
  /**
   * The columns of `examples`: time, label, slices, features. In that order rows are sorted, so that two training sets of
   * the same rows have their slices in the same order whatever their features are.
   */
  readonly columns: readonly string[];
  /** The columns of the spine that are kept as slices: strings and booleans. */
  readonly slices: readonly string[];
}

/** The relation of the spine's rows and the table of examples. */
export const relations = { spine: "spine", examples: "examples" } as const;

/**
 * Compiles a training job. The first set's dataset is the spine. Another set of the same dataset that is joined by
 * nothing is computed on the example's own row; every other one is joined as of the example's time (see `compileAsOf`).
 */
export function compileExamples(
  job: TrainingJobSpec,
  [first, ...others]: readonly [FeatureSource, ...FeatureSource[]],
): CompiledExamples {
  const spine = first.dataset;
  const sources = [first, ...others].map((source, i) => {
    const own = source.dataset.spec.name === spine.spec.name && Object.keys(source.by).length === 0;
    return { ...source, own, relation: own ? relations.spine : `set_${i}` };
  });
  const { eventTime } = spine.spec;
  const windows = compileWindows({ relation: relations.spine, eventTime }, [
    job.label,
    ...sources.flatMap(({ own, set, by }) =>
      own ? set.columns.map((column) => column.expression) : Object.values(by),
    ),
  ]);
  const time = `r.${quoteName(eventTime)}`;
  const joined = sources.map((source) =>
    source.own ? undefined : compileAsOf(source, { scope: windows.scope, time }),
  );
  const features = sources.flatMap(({ set }, i) =>
    set.columns.map(({ name, type, expression }, j) => {
      const value = joined[i]?.values[j] ?? compileExpression(expression, windows.scope);
      return { name, type, sql: type === "category" ? value : `CAST(${value} AS DOUBLE)` };
    }),
  );
  const slices = spine.spec.columns
    .filter(({ type }) => type === "string" || type === "boolean")
    .map(({ name }) => name);
  const columns: readonly { readonly name: string; readonly type: string; readonly sql: string }[] = [
    { name: reservedColumns.time, type: "timestamp", sql: time },
    {
      name: reservedColumns.label,
      type: "number",
      sql: `CAST(${compileExpression(job.label, windows.scope)} AS DOUBLE)`,
    },
    ...slices.map((name) => ({ name: reservedColumns.slicePrefix + name, type: "slice", sql: `r.${quoteName(name)}` })),
    ...features,
  ];
  const names = columns.map(({ name }) => quoteName(name));
  // What overflowed is missing, like what is divided by zero: an infinity is no number that a model can take.
  const finite = columns.map(({ name, type }) => (type === "number" ? toFinite(quoteName(name)) : quoteName(name)));
  return {
    slices,
    columns: columns.map(({ name }) => name),
    steps: [
      { phase: "windows", sql: createRows(relations.spine, spine), rows: 0 },
      ...toSteps("windows", windows.statements, spine.rows),
      ...joined.flatMap((join) => join?.steps ?? []),
      {
        phase: "join",
        sql: `CREATE TEMP TABLE ${relations.examples} AS
          SELECT ${finite.map((sql, i) => `${sql} AS ${names[i]}`).join(", ")}
          FROM (
            SELECT ${columns.map(({ sql }, i) => `${sql} AS ${names[i]}`).join(", ")}
            FROM ${[windows.from, ...joined.flatMap((join) => join?.join ?? [])].join(" ")}
          )
          WHERE isfinite(${quoteName(reservedColumns.label)})`,
        rows: spine.rows,
      },
    ],
  };
}

interface AsOf {
  readonly steps: readonly Step[];
  readonly join: string;
  /** The SQL of each feature at the example. */
  readonly values: readonly string[];
}

/**
 * Compiles a set that is joined: its features at every row of its dataset, and the join with the latest row of the same
 * key that was known at the example's time. A row counts as known when all that its features read of it directly is
 * known; what windows read, their lag takes care of. Of rows with one key and time it takes the one that is last when
 * they are sorted by all columns in the order of the schema, nulls first.
 */
function compileAsOf(
  { set, dataset, by, relation }: FeatureSource & { readonly relation: string },
  spine: { readonly scope: Scope; readonly time: string },
): AsOf {
  const { columns, key, eventTime } = dataset.spec;
  const table = `${relation}_features`;
  const trees = set.columns.map((column) => column.expression);
  const windows = compileWindows({ relation, eventTime }, trees);
  const identity = [...key, eventTime].map((name) => `r.${quoteName(name)}`);
  const values = [
    ...key.map((name, i) => `r.${quoteName(name)} AS key_${i}`),
    `r.${quoteName(eventTime)} AS event_time`,
    ...trees.map((tree, i) => `${compileExpression(tree, windows.scope)} AS feature_${i}`),
  ];
  const order = columns.map(({ name }) => `r.${quoteName(name)} DESC NULLS LAST`).join(", ");
  const matches = key.map((name, i) => {
    const value = by[name];
    if (value === undefined) throw new TypeError(`"by" of "${set.name}" lacks "${name}": such a job has no spec`);
    return `${table}.key_${i} = ${compileExpression(value, spine.scope)}`;
  });
  const read = new Set(
    trees.flatMap((tree) => listReads(tree)).flatMap(({ column, lag }) => (lag === undefined ? [column] : [])),
  );
  const known = toMicroseconds(findLongest(columns.filter(({ name }) => read.has(name)).map((column) => column.known)));
  const isKnown = `${spine.time} - INTERVAL '${known} microseconds' >= ${table}.event_time`;
  return {
    steps: [
      { phase: "windows", sql: createRows(relation, dataset), rows: 0 },
      ...toSteps("windows", windows.statements, dataset.rows),
      {
        phase: "join",
        sql: `CREATE TEMP TABLE ${table} AS
          SELECT ${values.join(", ")} FROM ${windows.from}
          QUALIFY row_number() OVER (PARTITION BY ${identity.join(", ")} ORDER BY ${order}) = 1`,
        rows: dataset.rows,
      },
    ],
    join: `ASOF LEFT JOIN ${table} ON ${[...matches, isKnown].join(" AND ")}`,
    values: trees.map((_, i) => `${table}.feature_${i}`),
  };
}

/** Rows without a time, which a contract may have accepted, are before nothing and after nothing: they are left out. */
function createRows(relation: string, { spec, files }: DatasetRows): string {
  const columns = spec.columns.map((column) => `${readColumn(column)} AS ${quoteName(column.name)}`);
  return `CREATE TEMP VIEW ${relation} AS SELECT ${columns.join(", ")}
    FROM read_parquet([${files.map(quotePath).join(", ")}], hive_partitioning = false)
    WHERE ${quoteName(spec.eventTime)} IS NOT NULL`;
}

function readColumn({ name, type }: ColumnSpec): string {
  const column = quoteName(name);
  switch (type) {
    case "integer":
    case "number":
      return `CAST(${column} AS DOUBLE)`;
    case "timestamp":
      return `CAST(${column} AS TIMESTAMP)`;
    case "boolean":
    case "string":
      return column;
  }
}

function toFinite(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
}

/** Each statement brings an equal share of the rows through the phase. */
function toSteps(phase: Step["phase"], statements: readonly string[], rows: number): Step[] {
  const doneAfter = (count: number) => Math.round((rows * count) / statements.length);
  return statements.map((sql, i) => ({ phase, sql, rows: doneAfter(i + 1) - doneAfter(i) }));
}
