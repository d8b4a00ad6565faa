/**
 * The rows that are scored, as SQL over one Parquet file: features under their names, and what is kept of the dataset. Pure.
 * @module
 */
import { quoteName, quotePath } from "../data/sql.ts";
import type { ColumnSpec, DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";
import { compileExamples, type FeatureSource, relations } from "../features/compile-examples.ts";
import { type RowRange, selectRows } from "../features/dataset-rows.ts";
import { reservedColumns } from "../features/training-set.ts";
import type { ModelPackage } from "../models/model-package.ts";

/** The query of the rows in a range of a file. */
export type SelectScored = (file: string, range: RowRange) => string;

/** A job whose every row has a label, so that all of them are examples. */
export const labelled = { label: { op: "literal", value: 0 } } as const;

export interface ScoredRows {
  /** With the columns of the version that is scored. */
  readonly dataset: DatasetSpec;
  readonly kept: readonly Pick<ColumnSpec, "name">[];
}

/** The rows of a dataset whose columns are the features. */
export function selectColumns({ dataset, kept }: ScoredRows, { inputs }: Pick<ModelPackage, "inputs">): SelectScored {
  const columns = [
    ...kept.map(({ name }) => `${quoteName(name)} AS ${quoteName(reservedColumns.slicePrefix + name)}`),
    ...inputs.map(({ name, type }) => {
      const column = quoteName(name);
      return type === "category" ? column : `CAST(${column} AS DOUBLE) AS ${column}`;
    }),
  ].join(", ");
  return (file, range) => `SELECT ${columns} FROM (${selectRows({ spec: dataset, files: [file] }, range)})`;
}

/** The rows of a dataset whose features are computed from each row alone. */
export function selectComputed(
  { dataset, kept }: ScoredRows,
  {
    training,
    features,
  }: {
    readonly training: Pick<TrainingJobSpec, "features">;
    readonly features: Readonly<Record<string, FeaturesSpec>>;
  },
): SelectScored {
  const rows = { spec: dataset, files: [], rows: 0 };
  const sources = training.features.flatMap(({ set, ...join }): FeatureSource[] => {
    const spec = features[set];
    return spec ? [{ set: spec, join, dataset: rows }] : [];
  });
  const [first, ...others] = sources;
  if (!first) throw new TypeError("a training job came without its features");
  const names = kept.map(({ name }) => name);
  const { base, unpack } = compileExamples(labelled, [first, ...others], names);
  return (file, range) =>
    `WITH ${relations.spine} AS (${selectRows({ spec: dataset, files: [file] }, range)}) ${unpack(base)}`;
}

/** The rows of a file that has features and what is kept under their names, as `selectComputed` has them. */
export function selectMade(): SelectScored {
  return (
    file,
    { from, to },
  ) => `SELECT * FROM read_parquet(${quotePath(file)}, hive_partitioning = false, file_row_number = true)
    WHERE file_row_number >= ${from} AND file_row_number < ${to}`;
}
