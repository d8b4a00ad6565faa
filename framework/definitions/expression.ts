/**
 * Expressions: values computed from a row. They carry their tree as data, and as types what the compiler infers from them.
 * @module
 */
import type { BooleanExpression } from "./boolean-expression.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import type { inferred } from "./inferred.ts";
import type { NumberExpression } from "./number-expression.ts";
import type { Prepared } from "./preprocessing.ts";
import type { StringExpression } from "./string-expression.ts";
import type { TimeExpression } from "./time-expression.ts";
import type { VectorExpression } from "./vector-expression.ts";

/**
 * A value computed from a row. `Value` is its type in a training set; `Reads` names the columns it reads of the row
 * itself, which must therefore be in a request; `Past` names the columns it aggregates up to the event, with no lag.
 */
export interface Expression<Value, Reads extends string = never, Past extends string = never> {
  /** The expression as data: what is stored, compared and compiled to SQL and to a serving function. */
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
/**
 * What a feature may be: a number, with fitted preprocessing or without, a truth, a category, or a vector, which is a feature
 * for each of its numbers. A bare string or time is none.
 */
export type FeatureExpression = Expression<number | boolean | Category | Prepared | readonly number[], string, string>;
/**
 * What a label may be: a truth (binary), a text that is one of several (multiclass), or a number (regression). A text of which
 * the schema does not say what it may be is none.
 */
export type LabelExpression = Expression<number | boolean | string, string, string>;

export type ValueOf<E> = E extends Expression<infer V, string, string> ? V : never;
export type ReadsOf<E> = E extends Expression<unknown, infer R, string> ? R : never;
export type PastOf<E> = E extends Expression<unknown, string, infer P> ? P : never;

/** What a number is combined or compared with: a constant, or another number of the row. */
export type NumberOperand = number | Expression<number, string, string>;
export type BooleanOperand = Expression<boolean, string, string>;
/** What a text is compared or joined with: a constant, or another text of the row. */
export type StringOperand = string | Expression<string, string, string>;
/** What a moment is compared with: another moment of the row. */
export type TimeOperand = Expression<Date, string, string>;
/** What a vector is multiplied with or compared to: another vector of the row, of the same length. */
export type VectorOperand = Expression<readonly number[], string, string>;

/** The expression of a value's kind. In tuples, so that a union of strings is one kind and not one per member. */
export type ExpressionOf<V, R extends string, P extends string = never> = [V] extends [number]
  ? NumberExpression<R, P>
  : [V] extends [boolean]
    ? BooleanExpression<R, P>
    : [V] extends [Date]
      ? TimeExpression<R, P>
      : [V] extends [string]
        ? StringExpression<V, R, P>
        : [V] extends [readonly number[]]
          ? VectorExpression<R, P>
          : Expression<V, R, P>;
