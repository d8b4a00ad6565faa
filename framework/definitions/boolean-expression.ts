/**
 * What can be made of a truth.
 * @module
 */
import type { BooleanOperand, Expression, PastOf, ReadsOf } from "./expression.ts";

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
  /**
   * Whether it is missing. Never null.
   * @example row.diverted.isNull()
   */
  isNull(): BooleanExpression<R, P>;
  /**
   * The truth, or another where it is null. Null when both are null.
   * @example row.diverted.orElse(false)
   */
  orElse<O extends boolean | BooleanOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
}
