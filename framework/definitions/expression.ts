/**
 * Expressions: values computed from a row. They carry their tree as data, and as types what the compiler infers from them.
 * @module
 */
import type { AggregateFunction, BinaryOperator, ExpressionTree, UnaryOperator } from "./expression-tree.ts";
import { infer, type inferred } from "./inferred.ts";
import { readOptions } from "./options.ts";
import { isRecord } from "./plain.ts";

/**
 * A value computed from a row. `Value` is its type in a training set; `Reads` names the columns it reads of the row
 * itself, which must therefore be in a request; `Past` names the columns it aggregates up to the event, with no lag.
 */
export interface Expression<Value, Reads extends string = never, Past extends string = never> {
  /** The expression as data: what is stored, compared and compiled to SQL. */
  readonly tree: ExpressionTree;
  /** Never set: it carries the three types. */
  readonly [inferred]: { readonly value: Value; readonly reads: Reads; readonly past: Past };
}

/** What is inferred of a string that is one of a set of values: the only form in which a model takes text. */
export interface Category<V extends string = string> {
  /**
   * The values that the column's schema allows.
   * @example "AA" | "UA"
   */
  readonly category: V;
}

export type AnyExpression = Expression<unknown, string, string>;
/** What a feature may be: a number, a truth or a category. A bare string or time is none. */
export type FeatureExpression = Expression<number | boolean | Category, string, string>;
/** What a label may be: a truth (binary) or a number (regression). */
export type LabelExpression = Expression<number | boolean, string, string>;

export type ValueOf<E> = E extends Expression<infer V, string, string> ? V : never;
export type ReadsOf<E> = E extends Expression<unknown, infer R, string> ? R : never;
export type PastOf<E> = E extends Expression<unknown, string, infer P> ? P : never;

/** What a number is combined or compared with: a constant, or another number of the row. */
type NumberOperand = number | Expression<number, string, string>;
type BooleanOperand = Expression<boolean, string, string>;

/** A number. Null where anything that it is computed from is null. */
export interface NumberExpression<R extends string, P extends string = never> extends Expression<number, R, P> {
  /**
   * The sum. Null when either is null.
   * @example row.taxiOut.add(row.taxiIn)
   */
  add<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The difference. Null when either is null.
   * @example row.price.subtract(row.discount)
   */
  subtract<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The product. Null when either is null.
   * @example row.distance.multiply(1.609)
   */
  multiply<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The quotient. Null when either is null, and when the divisor is 0.
   * @example row.distance.divide(row.duration)
   */
  divide<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is greater. Null when either is null.
   * @example row.delay.gt(15)
   */
  gt<O extends NumberOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is greater or equal. Null when either is null.
   * @example row.distance.gte(1500)
   */
  gte<O extends NumberOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is less. Null when either is null.
   * @example row.distance.lt(300)
   */
  lt<O extends NumberOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is less or equal. Null when either is null.
   * @example row.delay.lte(0)
   */
  lte<O extends NumberOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether the two are equal. Null when either is null.
   * @example row.stops.eq(0)
   */
  eq<O extends NumberOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The natural logarithm of 1 + x, exact for small x. Null when x is null, −1 or less.
   * @example row.distance.log1p()
   */
  log1p(): NumberExpression<R, P>;
  /**
   * The value without its sign. Null when it is null.
   * @example row.delay.abs()
   */
  abs(): NumberExpression<R, P>;
  /**
   * The nearest value from `low` to `high`, which are constants, `low` not above `high`. Null when it is null.
   * @example row.delay.clip(-60, 240)
   */
  clip(low: number, high: number): NumberExpression<R, P>;
}

/** True or false. Null where what it is computed from is null, unless the other side of `and` or `or` decides. */
export interface BooleanExpression<R extends string, P extends string = never> extends Expression<boolean, R, P> {
  /**
   * Whether both are true. False when either is false; else null when either is null.
   * @example row.distance.gte(1500).and(row.diverted.not())
   */
  and<O extends BooleanOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether either is true. True when either is true; else null when either is null.
   * @example row.diverted.or(row.cancelled)
   */
  or<O extends BooleanOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is false. Null when it is null.
   * @example row.diverted.not()
   */
  not(): BooleanExpression<R, P>;
}

/** A text, one of `V`. */
export interface StringExpression<V extends string, R extends string, P extends string = never>
  extends Expression<V, R, P> {
  /**
   * Whether the two texts are the same, code point by code point. Null when either is null.
   * @example row.carrier.eq("UA")
   */
  eq<O extends V | Expression<V, string, string>>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The text as one of the values that the training rows have; a feature is this, not the bare text. A null, or a value
   * that the training rows do not have, is none of them.
   * @example row.origin.category()
   */
  category(): Expression<Category<V>, R, P>;
}

/** A moment, read in UTC. Every part of it is null when the moment is null. */
export interface TimeExpression<R extends string, P extends string = never> extends Expression<Date, R, P> {
  /**
   * The hour of the day in UTC, 0 to 23. Null when the moment is null.
   * @example row.date.hour()
   */
  hour(): NumberExpression<R, P>;
  /**
   * The day of the week in UTC, 1 (Monday) to 7 (Sunday), as ISO 8601 counts. Null when the moment is null.
   * @example row.date.dayOfWeek()
   */
  dayOfWeek(): NumberExpression<R, P>;
  /**
   * The day of the year in UTC, 1 to 366. Null when the moment is null.
   * @example row.date.dayOfYear()
   */
  dayOfYear(): NumberExpression<R, P>;
  /**
   * The month in UTC, 1 to 12. Null when the moment is null.
   * @example row.date.month()
   */
  month(): NumberExpression<R, P>;
  /**
   * The year in UTC. Null when the moment is null.
   * @example row.date.year()
   */
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
      Record<UnaryOperator, () => UniversalExpression> &
      Record<AggregateFunction, (window: AnyWindow) => UniversalExpression> & {
        clip: (low: number, high: number) => UniversalExpression;
      }
  >;

/** Makes the expression of a tree. Whether its operators fit their operands is checked when the project is resolved. */
export function createExpression(tree: ExpressionTree): UniversalExpression {
  const binary = (op: BinaryOperator) => (other: Operand) => createExpression({ op, left: tree, right: toTree(other) });
  const unary = (op: UnaryOperator) => () => createExpression({ op, of: tree });
  const window = (aggregate: AggregateFunction) => (past: AnyWindow) => {
    const { by, ...rest } = readOptions(past);
    return createExpression({ op: "window", aggregate, of: tree, by: toTrees(by), lag: "0 seconds", ...rest });
  };
  return infer<UniversalExpression>({
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
  });
}

/** What is no operand becomes a constant, which the check of the shape refuses. */
function toTree(operand: unknown): ExpressionTree {
  return isRecord(operand) && "tree" in operand
    ? (operand["tree"] as ExpressionTree)
    : { op: "literal", value: operand as string };
}

function toTrees(by: AnyWindow["by"]): readonly ExpressionTree[] {
  const list: unknown = isRecord(by) ? [by] : by;
  return Array.isArray(list) ? list.map(toTree) : (list as never);
}
