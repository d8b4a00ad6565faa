/**
 * The shape of a typed request: which columns of the spine a caller brings. Pure.
 * @module
 */
import { listReads } from "../../definitions/expression-kind.ts";
import type { ColumnSpec } from "../../definitions/spec.ts";
import type { ServedTables } from "./served-tables.ts";

/** What a request may say of a row. */
export interface RequestShape {
  /** The columns that features read at the event, and the event time. */
  readonly columns: readonly ColumnSpec[];
  /** The name of the column that says when the row happens; it may be left out. */
  readonly eventTime: string;
}

/** The columns that are read at the event: of a window what names its entity, and no more. */
export function describeRequestShape({ spine, own, sets }: Pick<ServedTables, "spine" | "own" | "sets">): RequestShape {
  const trees = [
    ...own.flatMap(({ columns }) => columns.map(({ expression }) => expression)),
    ...sets.flatMap(({ by }) => by),
  ];
  const read = new Set(
    trees.flatMap((tree) => listReads(tree)).flatMap(({ column, lag }) => (lag === undefined ? [column] : [])),
  );
  const { eventTime } = spine;
  return { columns: spine.columns.filter(({ name }) => name === eventTime || read.has(name)), eventTime };
}
