/**
 * Expressions as data: the tree that is stored, compared, compiled to SQL and to a serving function.
 * @module
 */
import { z } from "zod";
import { duration } from "./units.ts";

export const binaryOperators = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "gt",
  "gte",
  "lt",
  "lte",
  "eq",
  "and",
  "or",
  "modulo",
  "power",
  "least",
  "greatest",
  "ne",
  "orElse",
  "concat",
  "startsWith",
  "endsWith",
  "contains",
  "secondsSince",
  "dot",
  "cosine",
] as const;
export const unaryOperators = [
  "not",
  "log1p",
  "abs",
  "hour",
  "dayOfWeek",
  "dayOfYear",
  "month",
  "year",
  "category",
  "negate",
  "sqrt",
  "exp",
  "log",
  "sin",
  "cos",
  "round",
  "floor",
  "ceil",
  "isNull",
  "lower",
  "upper",
  "trim",
  "length",
  "second",
  "minute",
  "dayOfMonth",
  "weekOfYear",
  "quarter",
  "isWeekend",
  "norm",
] as const;
export const aggregates = ["count", "sum", "mean", "min", "max", "last", "std", "distinct"] as const;

export type BinaryOperator = (typeof binaryOperators)[number];
export type UnaryOperator = (typeof unaryOperators)[number];
export type AggregateFunction = (typeof aggregates)[number];

/** A value computed from a row. */
export type ExpressionTree =
  | { readonly op: "column"; readonly name: string }
  | { readonly op: "literal"; readonly value: string | number | boolean }
  | { readonly op: BinaryOperator; readonly left: ExpressionTree; readonly right: ExpressionTree }
  | { readonly op: UnaryOperator; readonly of: ExpressionTree }
  | { readonly op: "clip"; readonly of: ExpressionTree; readonly low: number; readonly high: number }
  | WhenTree
  | AtTree
  | SliceTree
  | BucketTree
  | HashTree
  | MapTree
  | WindowTree;

/** One of two values; a condition that is null is not true. */
export interface WhenTree {
  readonly op: "when";
  readonly condition: ExpressionTree;
  readonly value: ExpressionTree;
  readonly otherwise: ExpressionTree;
}

/** A number of a vector. */
export interface AtTree {
  readonly op: "at";
  readonly of: ExpressionTree;
  /** Its place, counted from 0. */
  readonly index: number;
}

/** The code points of a text from one place up to another, counted from 0. */
export interface SliceTree {
  readonly op: "slice";
  readonly of: ExpressionTree;
  readonly from: number;
  /** @default the text's end */
  readonly to?: number | undefined;
}

/** How many of the bounds, which ascend, a number reaches. */
export interface BucketTree {
  readonly op: "bucket";
  readonly of: ExpressionTree;
  readonly bounds: readonly number[];
}

/** The first 32 bits of the SHA-256 of a text's UTF-8 bytes, modulo `buckets`. */
export interface HashTree {
  readonly op: "hash";
  readonly of: ExpressionTree;
  readonly buckets: number;
}

/** What a text is translated to. */
export interface MapTree {
  readonly op: "map";
  readonly of: ExpressionTree;
  /** In the order of `is`, so that the order in which they are written makes no difference. */
  readonly cases: readonly { readonly is: string; readonly gives: string | number }[];
  /** What a text that is none of them, or null, gives. @default null */
  readonly otherwise?: string | number | undefined;
}

/** An aggregate over the rows of one entity in `[time − lag − over, time − lag)`; no rows give null, and a count of 0. */
export interface WindowTree {
  readonly op: "window";
  readonly aggregate: AggregateFunction;
  readonly of: ExpressionTree;
  /** The entity: rows whose values of these equal this row's. An empty list takes all rows. */
  readonly by: readonly ExpressionTree[];
  readonly over: string;
  /** `"0 seconds"` is a window up to the event, without the event itself. */
  readonly lag: string;
}

const constant = z.union([z.string(), z.number()]);

export const expressionTree: z.ZodType<ExpressionTree> = z.lazy(() =>
  z.discriminatedUnion("op", [
    z.strictObject({ op: z.literal("column"), name: z.string() }),
    z.strictObject({ op: z.literal("literal"), value: z.union([z.string(), z.number(), z.boolean()]) }),
    z.strictObject({ op: z.enum(binaryOperators), left: expressionTree, right: expressionTree }),
    z.strictObject({ op: z.enum(unaryOperators), of: expressionTree }),
    z.strictObject({ op: z.literal("clip"), of: expressionTree, low: z.number(), high: z.number() }),
    z.strictObject({
      op: z.literal("when"),
      condition: expressionTree,
      value: expressionTree,
      otherwise: expressionTree,
    }),
    z.strictObject({ op: z.literal("at"), of: expressionTree, index: z.number() }),
    z.strictObject({ op: z.literal("slice"), of: expressionTree, from: z.number(), to: z.number().optional() }),
    z.strictObject({ op: z.literal("bucket"), of: expressionTree, bounds: z.array(z.number()) }),
    z.strictObject({ op: z.literal("hash"), of: expressionTree, buckets: z.number() }),
    z.strictObject({
      op: z.literal("map"),
      of: expressionTree,
      cases: z.array(z.strictObject({ is: z.string(), gives: constant })),
      otherwise: constant.optional(),
    }),
    z.strictObject({
      op: z.literal("window"),
      aggregate: z.enum(aggregates),
      of: expressionTree,
      by: z.array(expressionTree),
      over: duration,
      lag: duration,
    }),
  ]),
);

/** What a tree is computed from, in the order in which it is written. Of a window: what it aggregates, then its entity. */
export function operandsOf(tree: ExpressionTree): readonly ExpressionTree[] {
  switch (tree.op) {
    case "column":
    case "literal":
      return [];
    case "when":
      return [tree.condition, tree.value, tree.otherwise];
    case "window":
      return [tree.of, ...tree.by];
    default:
      return "of" in tree ? [tree.of] : [tree.left, tree.right];
  }
}

/** The tree with other operands, given in the order of `operandsOf`. */
export function replaceOperands(tree: ExpressionTree, operands: readonly ExpressionTree[]): ExpressionTree {
  const [first = tree, second = tree, third = tree] = operands;
  switch (tree.op) {
    case "column":
    case "literal":
      return tree;
    case "when":
      return { ...tree, condition: first, value: second, otherwise: third };
    case "window":
      return { ...tree, of: first, by: operands.slice(1) };
    default:
      return "of" in tree ? { ...tree, of: first } : { ...tree, left: first, right: second };
  }
}
