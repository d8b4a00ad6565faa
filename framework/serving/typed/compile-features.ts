/**
 * From the specs of a model's features to what a server does with a row: which columns a request brings, which features are
 * computed from them, and which are looked up under which keys. Pure.
 * @module
 */
import { kindOf, type ValueKind } from "../../definitions/expression-kind.ts";
import type { ExpressionTree } from "../../definitions/expression-tree.ts";
import { type Compute, compileFunction, type Scalar, toFinite } from "../../features/compile-function.ts";
import { listWindows } from "../../features/list-windows.ts";
import type { KeyValue } from "../../features/online/entity-key.ts";
import { emptyWindow, kindsOfColumns, type WindowsTable } from "../../features/online/feature-table.ts";
import type { LayoutFeature } from "../../features/online/layout.ts";
import type { OnlineTable } from "../../features/online/online-store.ts";
import { describeRequestShape, type RequestShape } from "../../features/online/request-shape.ts";
import { listServedTables } from "../../features/online/served-tables.ts";
import type { ServingSpecs } from "../../features/online/serving-plan.ts";
import { toCanonicalJson } from "../../plan/canonical.ts";
import type { RequestRow } from "./request-rows.ts";

/** The key of an entity, from a row and the values of the windows at it. */
export type KeyOf = (row: RequestRow, windows: readonly Scalar[]) => readonly (KeyValue | null)[];

/** A table of windows, as it is looked up. */
export interface WindowLookUp {
  readonly table: OnlineTable;
  readonly keyOf: KeyOf;
  /** Where the values of the table's windows go among those of all. */
  readonly offset: number;
  /** The values of an entity that has no row. */
  readonly empty: readonly Scalar[];
  /** How the value of each window is read from a packed row. */
  readonly kinds: readonly ValueKind[];
}

/** A joined set, as it is looked up. */
export interface SetLookUp {
  readonly table: OnlineTable;
  readonly keyOf: KeyOf;
  /** The window tables, by their places, of which the key is made. */
  readonly reads: readonly number[];
  /** How old a row may be. @default any age */
  readonly ttl?: string;
}

/** A feature that is computed on the row of a request. */
export interface ComputedFeature extends LayoutFeature {
  readonly compute: Compute;
  /** The window tables, by their places, that it is made of. */
  readonly reads: readonly number[];
}

/** What a server does with a row. */
export interface CompiledFeatures {
  readonly shape: RequestShape;
  readonly computed: readonly ComputedFeature[];
  readonly windows: readonly WindowLookUp[];
  readonly sets: readonly SetLookUp[];
}

/** Compiles the features of a plan. @throws TypeError when a part of it is missing */
export function compileFeatures(specs: ServingSpecs): CompiledFeatures {
  const served = listServedTables(specs);
  const places = placeWindows(served.windows);
  const findPlace = (tree: ExpressionTree) => places.get(toCanonicalJson(tree))?.place ?? -1;
  const compile = (tree: ExpressionTree) => compileFunction(tree, findPlace);
  const listTables = (trees: readonly ExpressionTree[]) => [
    ...new Set([...listWindows(trees).keys()].map((key) => places.get(key)?.table ?? -1)),
  ];
  const kindOfColumn = kindsOfColumns(served.spine);
  let offset = 0;
  const windows = served.windows.map((table): WindowLookUp => {
    const own = {
      offset,
      empty: table.windows.map(emptyWindow),
      kinds: table.windows.map((one) => kindOf(one, kindOfColumn)),
    };
    offset += table.windows.length;
    return { table, keyOf: compileKey(table.by, compile), ...own };
  });
  return {
    shape: describeRequestShape(served),
    windows,
    computed: served.own.flatMap(({ columns }) =>
      columns.map(({ name, type, expression }): ComputedFeature => {
        const compute = compile(expression);
        return {
          name,
          type,
          compute: type === "number" ? toFinite(compute) : compute,
          reads: listTables([expression]),
        };
      }),
    ),
    sets: served.sets.map(({ table, by, ttl }): SetLookUp => {
      return { table, keyOf: compileKey(by, compile), reads: listTables(by), ...(ttl !== undefined && { ttl }) };
    }),
  };
}

/** Every window, by its canonical text: its table, and its place among the values of all. */
function placeWindows(tables: readonly WindowsTable[]) {
  const places = new Map<string, { readonly table: number; readonly place: number }>();
  for (const [table, { windows }] of tables.entries())
    for (const tree of windows) places.set(toCanonicalJson(tree), { table, place: places.size });
  return places;
}

function compileKey(by: readonly ExpressionTree[], compile: (tree: ExpressionTree) => Compute): KeyOf {
  const parts = by.map((tree) => {
    const compute = compile(tree);
    // A column is known to the microsecond, what is computed from it to the millisecond.
    const column = tree.op === "column" ? tree.name : undefined;
    return (row: RequestRow, windows: readonly Scalar[]): KeyValue | null => {
      const value = compute(row.values, windows);
      if (!(value instanceof Date)) return value;
      return (column === undefined ? undefined : row.moments[column]) ?? BigInt(value.getTime()) * 1000n;
    };
  });
  return (row, windows) => parts.map((part) => part(row, windows));
}
