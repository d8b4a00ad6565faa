/**
 * What of a model's features is looked up: the tables that are filled for it, and read for it. One function says so for
 * both. Pure.
 * @module
 */
import { holdsWindow } from "../../definitions/expression-kind.ts";
import type { ExpressionTree } from "../../definitions/expression-tree.ts";
import type { DatasetSpec, FeaturesSpec } from "../../definitions/spec.ts";
import { isJoined } from "../compile-examples.ts";
import { tableOfSet, tablesOfWindows, type WindowsTable } from "./feature-table.ts";
import type { OnlineTable } from "./online-store.ts";
import type { ServingSpecs } from "./serving-plan.ts";

/** A joined set, and how it is looked up. */
export interface ServedSet {
  readonly set: FeaturesSpec;
  readonly dataset: DatasetSpec;
  readonly table: OnlineTable;
  /** The entity: expressions over the row of a request, in the order of the dataset's key. */
  readonly by: readonly ExpressionTree[];
  /** How old a row may be. @default any age */
  readonly ttl?: string;
}

/** What a server computes, and what it looks up. */
export interface ServedTables {
  readonly spine: DatasetSpec;
  /** The feature sets that are computed on the row of a request, with their windows. */
  readonly own: readonly FeaturesSpec[];
  /** The expressions over the row of a request that have windows. */
  readonly windowed: readonly ExpressionTree[];
  /** The tables of their windows. */
  readonly windows: readonly WindowsTable[];
  readonly sets: readonly ServedSet[];
}

/** Finds the tables of a plan. @throws TypeError when a part that the training job refers to is missing */
export function listServedTables({ training, features, datasets }: ServingSpecs): ServedTables {
  const sources = training.features.map(({ set, ...join }) => {
    const spec = features[set];
    const dataset = spec && datasets[spec.from];
    if (!spec || !dataset) throw new TypeError(`training job "${training.name}" came without its features "${set}"`);
    return { set: spec, join, dataset };
  });
  const [first] = sources;
  if (!first) throw new TypeError(`training job "${training.name}" has no features`);
  const spine = first.dataset;
  const isOwn = ({ dataset, join }: (typeof sources)[number]) =>
    !isJoined(spine.name, { dataset: { spec: dataset, files: [], rows: 0 }, join });
  const own = sources.filter(isOwn).map(({ set }) => set);
  const sets = sources
    .filter((source) => !isOwn(source))
    .map(({ set, join, dataset }): ServedSet => {
      const by = dataset.key.map((column): ExpressionTree => join.by[column] ?? { op: "column", name: column });
      return { set, dataset, table: tableOfSet(set, dataset), by, ...(join.ttl !== undefined && { ttl: join.ttl }) };
    });
  const trees = [
    ...own.flatMap(({ columns }) => columns.map(({ expression }) => expression)),
    ...sets.flatMap(({ by }) => by),
  ];
  const windowed = trees.filter(holdsWindow);
  return { spine, own, windowed, windows: tablesOfWindows(spine, windowed), sets };
}
