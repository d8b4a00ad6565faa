/**
 * Makes expressions: every method records its call in a tree.
 * @module
 */
import type { AnyExpression, Expression } from "./expression.ts";
import {
  type AggregateFunction,
  aggregates,
  type BinaryOperator,
  binaryOperators,
  type ExpressionTree,
  type UnaryOperator,
  unaryOperators,
} from "./expression-tree.ts";
import { infer } from "./inferred.ts";
import { readOptions } from "./options.ts";
import { isRecord } from "./plain.ts";
import { type CategoryOptions, type Imputation, recordStep, type Scaling } from "./preprocessing.ts";
import { durationPattern, toSeconds } from "./units.ts";

type Operand = AnyExpression | number | string | boolean;
type AnyWindow = {
  readonly by: AnyExpression | readonly AnyExpression[];
  readonly over: string;
  readonly lag?: string;
};

/** An expression that has the methods of every kind; the types of a row show each column those of its own kind. */
export type UniversalExpression = Expression<never> &
  Readonly<
    Record<BinaryOperator, (other: Operand) => UniversalExpression> &
      Record<Exclude<UnaryOperator, "category">, () => UniversalExpression> &
      Record<AggregateFunction, (window: AnyWindow) => UniversalExpression> & {
        clip: (low: number, high: number) => UniversalExpression;
        between: (low: Operand, high: Operand) => UniversalExpression;
        bucket: (bounds: readonly number[]) => UniversalExpression;
        at: (index: number) => UniversalExpression;
        slice: (from: number, to?: number) => UniversalExpression;
        hash: (buckets: number) => UniversalExpression;
        map: (table: Readonly<Record<string, string | number>>, otherwise?: string | number) => UniversalExpression;
        rate: (window: AnyWindow & { readonly per?: string }) => UniversalExpression;
        category: (options?: CategoryOptions) => UniversalExpression;
        imputed: (by: Imputation) => UniversalExpression;
        scaled: (by: Scaling) => UniversalExpression;
      }
  >;

/** Makes the expression of a tree. Whether its operators fit their operands is checked when the project is resolved. */
export function createExpression(tree: ExpressionTree): UniversalExpression {
  const binary = (op: BinaryOperator, other: unknown): ExpressionTree => ({ op, left: tree, right: toTree(other) });
  const methods = {
    ...nameEach(binaryOperators, (op) => (other: unknown) => createExpression(binary(op, other))),
    ...nameEach(unaryOperators, (op) => () => createExpression({ op, of: tree })),
    ...nameEach(aggregates, (aggregate) => (past: unknown) => createExpression(toWindow(aggregate, tree, past))),
    clip: (low: number, high: number) => createExpression({ op: "clip", of: tree, low, high }),
    between: (low: unknown, high: unknown) =>
      createExpression({ op: "and", left: binary("gte", low), right: binary("lte", high) }),
    bucket: (bounds: readonly number[]) => createExpression({ op: "bucket", of: tree, bounds }),
    at: (index: number) => createExpression({ op: "at", of: tree, index }),
    slice: (from: number, to?: number) =>
      createExpression({ op: "slice", of: tree, from, ...(to !== undefined && { to }) }),
    hash: (buckets: number) => createExpression({ op: "hash", of: tree, buckets }),
    map: (table: unknown, otherwise?: string | number) => {
      const cases = toCases(table);
      return createExpression({ op: "map", of: tree, cases, ...(otherwise !== undefined && { otherwise }) });
    },
    category: (options?: CategoryOptions) => {
      const category: ExpressionTree = { op: "category", of: tree };
      if (options === undefined) return createExpression(category);
      return createExpression(recordStep(category, { ...readOptions(options), op: "category" }));
    },
    imputed: (by: Imputation) => createExpression(recordStep(tree, { op: "imputed", by })),
    scaled: (by: Scaling) => createExpression(recordStep(tree, { op: "scaled", by })),
    rate: (given: unknown) => {
      const { per = "1 hour", ...past } = readOptions(given as { readonly per?: unknown; readonly over?: unknown });
      const count = toWindow("count", tree, past);
      return createExpression({ op: "divide", left: count, right: toTree(toRatio(past.over, per)) });
    },
  };
  return infer<UniversalExpression>({ tree, ...methods });
}

function nameEach<Name extends string, Method>(
  names: readonly Name[],
  make: (name: Name) => Method,
): Record<Name, Method> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Method>;
}

function toWindow(aggregate: AggregateFunction, of: ExpressionTree, past: unknown): ExpressionTree {
  const { by, ...rest } = readOptions(past as AnyWindow);
  return { op: "window", aggregate, of, by: toTrees(by), lag: "0 seconds", ...rest };
}

/** How many times a length of time has another in it. What is no length is left as it is, for the check of the shape. */
function toRatio(over: unknown, per: unknown): unknown {
  if (typeof per !== "string" || !durationPattern.test(per)) return { per };
  // That "over" is no length is said of the window itself.
  return typeof over === "string" && durationPattern.test(over) ? toSeconds(over) / toSeconds(per) : 1;
}

/** Sorted, so that equal tables are equal trees. What is no table is left as it is, for the check of the shape. */
function toCases(table: unknown): readonly { readonly is: string; readonly gives: string | number }[] {
  if (!isRecord(table)) return table as never;
  return Object.entries(table)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([is, gives]) => ({ is, gives: gives as number }));
}

/** What is no operand becomes a constant, which the check of the shape refuses. */
export function toTree(operand: unknown): ExpressionTree {
  return isRecord(operand) && "tree" in operand
    ? (operand["tree"] as ExpressionTree)
    : { op: "literal", value: operand as string };
}

function toTrees(by: AnyWindow["by"]): readonly ExpressionTree[] {
  const list: unknown = isRecord(by) ? [by] : by;
  return Array.isArray(list) ? list.map(toTree) : (list as never);
}
