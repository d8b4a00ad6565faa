/**
 * What can be made of a number.
 * @module
 */
import type { BooleanExpression } from "./boolean-expression.ts";
import type { Expression, NumberOperand, PastOf, ReadsOf } from "./expression.ts";
import type { Imputation, ImputedNumber, ScaledNumber, Scaling } from "./preprocessing.ts";

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
   * The remainder of the division, with the sign of the dividend. Null when either is null, and when the divisor is 0.
   * @example row.minutes.modulo(60)
   */
  modulo<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The number raised to a power. Null when either is null, and for a broken power of what is negative.
   * @example row.distance.power(2)
   */
  power<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The smaller of the two. Null when either is null.
   * @example row.seats.least(row.passengers)
   */
  least<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The larger of the two. Null when either is null.
   * @example row.delay.greatest(0)
   */
  greatest<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
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
   * Whether the two differ. Null when either is null.
   * @example row.stops.ne(0)
   */
  ne<O extends NumberOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is `low` or more and `high` or less. Null when it is null, or where a null bound leaves it open.
   * @example row.hour.between(6, 9)
   */
  between<L extends NumberOperand, H extends NumberOperand>(
    low: L,
    high: H,
  ): BooleanExpression<R | ReadsOf<L> | ReadsOf<H>, P | PastOf<L> | PastOf<H>>;
  /**
   * The number with its sign turned. Null when it is null.
   * @example row.balance.negate()
   */
  negate(): NumberExpression<R, P>;
  /**
   * The value without its sign. Null when it is null.
   * @example row.delay.abs()
   */
  abs(): NumberExpression<R, P>;
  /**
   * The square root. Null when it is null or negative.
   * @example row.area.sqrt()
   */
  sqrt(): NumberExpression<R, P>;
  /**
   * e raised to the number. Null when it is null.
   * @example row.logit.exp()
   */
  exp(): NumberExpression<R, P>;
  /**
   * The natural logarithm. Null when the number is null, 0 or negative.
   * @example row.price.log()
   */
  log(): NumberExpression<R, P>;
  /**
   * The natural logarithm of 1 + x, exact for small x. Null when x is null, −1 or less.
   * @example row.distance.log1p()
   */
  log1p(): NumberExpression<R, P>;
  /**
   * The sine of an angle in radians. Null when it is null.
   * @example row.angle.sin()
   */
  sin(): NumberExpression<R, P>;
  /**
   * The cosine of an angle in radians. Null when it is null.
   * @example row.angle.cos()
   */
  cos(): NumberExpression<R, P>;
  /**
   * The nearest whole number; a half goes away from 0. Null when it is null.
   * @example row.rating.round()
   */
  round(): NumberExpression<R, P>;
  /**
   * The largest whole number that is not above it. Null when it is null.
   * @example row.age.divide(10).floor()
   */
  floor(): NumberExpression<R, P>;
  /**
   * The smallest whole number that is not below it. Null when it is null.
   * @example row.weight.ceil()
   */
  ceil(): NumberExpression<R, P>;
  /**
   * The nearest value from `low` to `high`, which are constants, `low` not above `high`. Null when it is null.
   * @example row.delay.clip(-60, 240)
   */
  clip(low: number, high: number): NumberExpression<R, P>;
  /**
   * The index of the bucket that it lies in: how many of the bounds, constants that ascend, it reaches. From 0, below the
   * first, to their number. Null when it is null.
   * @example row.age.bucket([18, 30, 50, 65])
   */
  bucket(bounds: readonly [number, ...number[]]): NumberExpression<R, P>;
  /**
   * Whether it is missing. Never null.
   * @example row.delay.isNull()
   */
  isNull(): BooleanExpression<R, P>;
  /**
   * The number, or another where it is null. Null when both are null.
   * @example row.income.orElse(0)
   */
  orElse<O extends NumberOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The number, or where it is null a constant that is found in the training rows of each training set: their `mean`,
   * `median`, or `most-frequent` value, of equally frequent ones the smallest. Only at the end of a feature. Never null.
   * @example row.delay.imputed("median")
   */
  imputed(by: Imputation): ImputedNumber<R, P>;
  /**
   * The number less one constant and divided by another, both found in the training rows of each training set:
   * - `standard` takes their mean and standard deviation (of the population, divided by their number);
   * - `min-max` takes the smallest value and the distance to the largest, so that the training rows have 0 to 1;
   * - `robust` takes the median and the distance from the first quartile to the third.
   *
   * Where the second would be 0, it is 1. Only at the end of a feature. Null when it is null.
   * @example row.distance.scaled("standard")
   */
  scaled(by: Scaling): ScaledNumber<R, P>;
}
