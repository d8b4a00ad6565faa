/**
 * Expressions: values computed from a row. They carry their tree as data, and as types what the compiler infers from them.
 * @module
 */
import type { AggregateFunction, BinaryOperator, ExpressionTree, UnaryOperator } from "./expression-tree.ts";
import type { Duration } from "./units.ts";

/**
 * A value computed from a row. `Value` is its type in a training set; `Reads` names the columns it reads of the row
 * itself, which must therefore be in a request; `Past` names the columns it aggregates up to the event, with no lag.
 */
export interface Expression<Value, Reads extends string = never, Past extends string = never> {
  readonly tree: ExpressionTree;
  /** Never set: it carries the three types. */
  readonly inferred?: { readonly value: Value; readonly reads: Reads; readonly past: Past };
}

/** What is inferred of a string that is one of a set of values: the only form in which a model takes text. */
export interface Category<V extends string = string> {
  readonly category: V;
}

export type AnyExpression = Expression<unknown, string, string>;
/** What a feature may be: a number, a truth or a category. A bare string or time is none. */
export type FeatureExpression = Expression<number | boolean | Category, string, string>;
/** What a label may be: a truth (binary) or a number (regression). */
export type LabelExpression = Expression<number | boolean, string, string>;

export type ValueOf<E> = E extends { readonly inferred?: { readonly value: infer V } } ? V : never;
export type ReadsOf<E> = E extends { readonly inferred?: { readonly reads: infer R extends string } } ? R : never;
export type PastOf<E> = E extends { readonly inferred?: { readonly past: infer P extends string } } ? P : never;

/** The past of one entity, up to the event and without it. */
interface Window<By extends string> {
  /** The entity: rows whose values of these equal this row's. An empty list takes all rows. */
  readonly by: Expression<unknown, By> | readonly Expression<unknown, By>[];
  /** How far the window reaches back. More than 0. */
  readonly over: Duration;
  /** How long before the event the window ends. @default "0 seconds" */
  readonly lag?: never;
}

/** A window that ends some time before the event: as long as it takes until a row's values are known. */
interface LaggedWindow<By extends string> extends Omit<Window<By>, "lag"> {
  /** How long before the event the window ends. Not shorter than the `known` of the column it aggregates. */
  readonly lag: Duration;
}

/** An aggregate of column `C` over a window: with a lag it reads nothing that is not known yet. */
interface Aggregate<V, C extends string> {
  <By extends string = never>(window: LaggedWindow<By>): ExpressionOf<V, By>;
  <By extends string = never>(window: Window<By>): ExpressionOf<V, By, C>;
}

/** What every column can be asked about a window of the past. No rows give null, and a count of 0. */
export interface Aggregates<V, C extends string> {
  readonly count: Aggregate<number, C>;
  /** The value of the latest row of the window. */
  readonly last: Aggregate<V, C>;
}

/** Calls with a number or with a number expression. Two signatures, because a union would widen the columns to `string`. */
interface Arithmetic<R extends string, P extends string> {
  (other: number): NumberExpression<R, P>;
  <R2 extends string, P2 extends string>(other: Expression<number, R2, P2>): NumberExpression<R | R2, P | P2>;
}
interface Comparison<V, R extends string, P extends string> {
  (other: V): BooleanExpression<R, P>;
  <R2 extends string, P2 extends string>(other: Expression<V, R2, P2>): BooleanExpression<R | R2, P | P2>;
}
type Logic<R extends string, P extends string> = <R2 extends string, P2 extends string>(
  other: Expression<boolean, R2, P2>,
) => BooleanExpression<R | R2, P | P2>;

interface NumberExpression<R extends string, P extends string = never> extends Expression<number, R, P> {
  readonly add: Arithmetic<R, P>;
  readonly subtract: Arithmetic<R, P>;
  readonly multiply: Arithmetic<R, P>;
  /** A division by 0 gives null. */
  readonly divide: Arithmetic<R, P>;
  readonly gt: Comparison<number, R, P>;
  readonly gte: Comparison<number, R, P>;
  readonly lt: Comparison<number, R, P>;
  readonly lte: Comparison<number, R, P>;
  readonly eq: Comparison<number, R, P>;
  /** The natural logarithm of 1 + x. */
  log1p(): NumberExpression<R, P>;
  abs(): NumberExpression<R, P>;
  /** The nearest value from `low` to `high`. */
  clip(low: number, high: number): NumberExpression<R, P>;
}

interface BooleanExpression<R extends string, P extends string = never> extends Expression<boolean, R, P> {
  readonly and: Logic<R, P>;
  readonly or: Logic<R, P>;
  not(): BooleanExpression<R, P>;
}

interface StringExpression<V extends string, R extends string, P extends string = never> extends Expression<V, R, P> {
  readonly eq: Comparison<V, R, P>;
  /** The text as one of the values that the training rows have; a feature is this, not the bare text. */
  category(): Expression<Category<V>, R, P>;
}

/** A moment, read in UTC. */
interface TimeExpression<R extends string, P extends string = never> extends Expression<Date, R, P> {
  /** 0 to 23. */
  hour(): NumberExpression<R, P>;
  /** 1 (Monday) to 7 (Sunday), as ISO 8601 counts. */
  dayOfWeek(): NumberExpression<R, P>;
  /** 1 to 366. */
  dayOfYear(): NumberExpression<R, P>;
  /** 1 to 12. */
  month(): NumberExpression<R, P>;
  year(): NumberExpression<R, P>;
}

/** The expression of a value's kind. In tuples, so that a union of strings is one kind and not one per member. */
export type ExpressionOf<V, R extends string, P extends string = never> = [V] extends [number]
  ? NumberExpression<R, P>
  : [V] extends [boolean]
    ? BooleanExpression<R, P>
    : [V] extends [Date]
      ? TimeExpression<R, P>
      : [V] extends [string]
        ? StringExpression<V, R, P>
        : Expression<V, R, P>;

export interface NumberColumn<C extends string> extends NumberExpression<C>, Aggregates<number, C> {
  readonly sum: Aggregate<number, C>;
  readonly mean: Aggregate<number, C>;
  readonly min: Aggregate<number, C>;
  readonly max: Aggregate<number, C>;
}

type Operand = AnyExpression | number | string | boolean;
type AnyWindow = {
  readonly by: AnyExpression | readonly AnyExpression[];
  readonly over: string;
  readonly lag?: string;
};

/** An expression that has the methods of every kind; the types of a row show each column those of its own kind. */
export type UniversalExpression = { readonly tree: ExpressionTree } & Readonly<
  Record<BinaryOperator, (other: Operand) => UniversalExpression> &
    Record<UnaryOperator, () => UniversalExpression> &
    Record<AggregateFunction, (window: AnyWindow) => UniversalExpression> & {
      clip: (low: number, high: number) => UniversalExpression;
    }
>;

/** Makes the expression of a tree. Whether its operators fit their operands is checked when the project is resolved. */
export function createExpression(tree: ExpressionTree): UniversalExpression {
  const binary = (op: BinaryOperator) => (other: Operand) => createExpression({ op, left: tree, right: toTree(other) });
  const unary = (op: UnaryOperator) => () => createExpression({ op, of: tree });
  const window = (aggregate: AggregateFunction) => (past: AnyWindow) =>
    createExpression({
      op: "window",
      aggregate,
      of: tree,
      by: toList(past.by).map(toTree),
      over: past.over,
      lag: past.lag ?? "0 seconds",
    });
  return {
    tree,
    add: binary("add"),
    subtract: binary("subtract"),
    multiply: binary("multiply"),
    divide: binary("divide"),
    gt: binary("gt"),
    gte: binary("gte"),
    lt: binary("lt"),
    lte: binary("lte"),
    eq: binary("eq"),
    and: binary("and"),
    or: binary("or"),
    not: unary("not"),
    log1p: unary("log1p"),
    abs: unary("abs"),
    hour: unary("hour"),
    dayOfWeek: unary("dayOfWeek"),
    dayOfYear: unary("dayOfYear"),
    month: unary("month"),
    year: unary("year"),
    category: unary("category"),
    clip: (low, high) => createExpression({ op: "clip", of: tree, low, high }),
    count: window("count"),
    sum: window("sum"),
    mean: window("mean"),
    min: window("min"),
    max: window("max"),
    last: window("last"),
  };
}

function toTree(operand: Operand): ExpressionTree {
  return typeof operand === "object" ? operand.tree : { op: "literal", value: operand };
}

function toList(by: AnyWindow["by"]): readonly AnyExpression[] {
  return "tree" in by ? [by] : by;
}
