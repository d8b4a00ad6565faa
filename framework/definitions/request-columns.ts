/**
 * The columns that a typed request of a model has. Pure.
 * @module
 */
import { listColumns } from "./column.ts";
import { listReads } from "./expression-kind.ts";
import type { ColumnSpec } from "./spec.ts";
import type { TrainingJob } from "./training-job.ts";

/** The columns of the spine that features and joins read at the event, and the event time, in the order of the schema. */
export function listRequestColumns({ spine, joined }: TrainingJob): readonly ColumnSpec[] {
  const { schema, eventTime, name } = spine.from;
  const trees = [
    ...[spine, ...joined.map(({ set }) => set)]
      .filter(({ from }) => from.name === name)
      .flatMap(({ columns }) => columns.map(({ expression }) => expression)),
    ...joined.flatMap(({ by }) => Object.values(by)),
  ];
  const read = new Set(
    trees.flatMap((tree) => listReads(tree)).flatMap(({ column, lag }) => (lag === undefined ? [column] : [])),
  );
  return listColumns(schema).filter((column) => column.name === eventTime || read.has(column.name));
}
