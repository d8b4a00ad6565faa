/**
 * Expressions as data: the tree that is stored, compared, compiled to SQL and, later, to a serving function.
 * @module
 */
import { z } from "zod";
import { duration } from "./units.ts";

const binaryOperators = ["add", "subtract", "multiply", "divide", "gt", "gte", "lt", "lte", "eq", "and", "or"] as const;
const unaryOperators = ["not", "log1p", "abs", "hour", "dayOfWeek", "dayOfYear", "month", "year", "category"] as const;
export const aggregates = ["count", "sum", "mean", "min", "max", "last"] as const;

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
  | WindowTree;

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

export const expressionTree: z.ZodType<ExpressionTree> = z.lazy(() =>
  z.discriminatedUnion("op", [
    z.strictObject({ op: z.literal("column"), name: z.string() }),
    z.strictObject({ op: z.literal("literal"), value: z.union([z.string(), z.number(), z.boolean()]) }),
    z.strictObject({ op: z.enum(binaryOperators), left: expressionTree, right: expressionTree }),
    z.strictObject({ op: z.enum(unaryOperators), of: expressionTree }),
    z.strictObject({ op: z.literal("clip"), of: expressionTree, low: z.number(), high: z.number() }),
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
