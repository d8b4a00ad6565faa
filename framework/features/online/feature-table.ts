/**
 * Which tables of the online store hold what. A table is named by the digest of what its values mean, so that an old
 * model and a new one, whose features differ, each find theirs. Pure.
 * @module
 */
import { kindOf, type ValueKind } from "../../definitions/expression-kind.ts";
import type { ExpressionTree, WindowTree } from "../../definitions/expression-tree.ts";
import type { DatasetSpec, FeaturesSpec } from "../../definitions/spec.ts";
import { toCanonicalJson } from "../../plan/canonical.ts";
import { digestOf, shortDigest } from "../../plan/digest.ts";
import { listWindows } from "../list-windows.ts";
import { createLayout, type LayoutFeature } from "./layout.ts";
import type { OnlineTable } from "./online-store.ts";

/** The kind of every column of a dataset. */
export function kindsOfColumns({ columns }: Pick<DatasetSpec, "columns">): (name: string) => ValueKind {
  const kinds = new Map(columns.map(({ name, type }) => [name, type === "integer" ? "number" : type]));
  return (name) => kinds.get(name) ?? "number";
}

/** The table of a feature set that is joined: a row for every key of its dataset, of which the values are the set's features. */
export function tableOfSet({ name, from, columns }: FeaturesSpec, dataset: DatasetSpec): OnlineTable {
  const { key, eventTime } = dataset;
  const known = dataset.columns.map((column) => [column.name, column.type, column.known]);
  const meaning = digestOf({ from, columns, key, eventTime, known });
  return { name: `${name}.${shortDigest(meaning)}`, layout: createLayout(columns) };
}

/** The table of windows over one kind of entity: a row for every entity, of which the values are the windows'. */
export interface WindowsTable extends OnlineTable {
  /** What names the entity, evaluated on the row of a request. */
  readonly by: readonly ExpressionTree[];
  /** In the order of the layout, whose features are called by the trees' digests. */
  readonly windows: readonly WindowTree[];
}

/** The tables of all windows in expressions over one dataset: one for every kind of entity that they name. */
export function tablesOfWindows(dataset: DatasetSpec, trees: readonly ExpressionTree[]): readonly WindowsTable[] {
  const kindOfColumn = kindsOfColumns(dataset);
  const known = dataset.columns.map((column) => [column.name, column.type]);
  const groups = Map.groupBy(listWindows(trees).values(), (tree) => toCanonicalJson(tree.by)).values();
  return [...groups].map((windows) => {
    const by = windows[0]?.by ?? [];
    const meaning = digestOf({ dataset: dataset.name, eventTime: dataset.eventTime, known, windows });
    const features = windows.map(
      (tree): LayoutFeature => ({ name: digestOf(tree), type: typeOf(kindOf(tree, kindOfColumn)) }),
    );
    return { name: `${dataset.name}.${shortDigest(meaning)}`, layout: createLayout(features), by, windows };
  });
}

/** A time is kept as a number: milliseconds since 1970, as servers have times. */
function typeOf(kind: ValueKind): LayoutFeature["type"] {
  if (kind === "boolean") return "boolean";
  return kind === "string" || kind === "category" ? "category" : "number";
}

/** The value of a window of an entity that has no row in its table: the window is empty. */
export function emptyWindow({ aggregate }: WindowTree): 0 | null {
  return aggregate === "count" || aggregate === "distinct" ? 0 : null;
}
