/**
 * What can be made of a moment.
 * @module
 */
import type { BooleanExpression } from "./boolean-expression.ts";
import type { Expression, PastOf, ReadsOf, TimeOperand } from "./expression.ts";
import type { NumberExpression } from "./number-expression.ts";

/** A moment, read in UTC. Every part of it is null when the moment is null. */
export interface TimeExpression<R extends string, P extends string = never> extends Expression<Date, R, P> {
  /**
   * The second of the minute, 0 to 59, without its fraction. Null when the moment is null.
   * @example row.date.second()
   */
  second(): NumberExpression<R, P>;
  /**
   * The minute of the hour, 0 to 59. Null when the moment is null.
   * @example row.date.minute()
   */
  minute(): NumberExpression<R, P>;
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
   * Whether the day in UTC is a Saturday or a Sunday. Null when the moment is null.
   * @example row.date.isWeekend()
   */
  isWeekend(): BooleanExpression<R, P>;
  /**
   * The day of the month in UTC, 1 to 31. Null when the moment is null.
   * @example row.date.dayOfMonth()
   */
  dayOfMonth(): NumberExpression<R, P>;
  /**
   * The day of the year in UTC, 1 to 366. Null when the moment is null.
   * @example row.date.dayOfYear()
   */
  dayOfYear(): NumberExpression<R, P>;
  /**
   * The week of the year in UTC, 1 to 53, as ISO 8601 counts: week 1 has the year's first Thursday. Null when the moment is
   * null.
   * @example row.date.weekOfYear()
   */
  weekOfYear(): NumberExpression<R, P>;
  /**
   * The month in UTC, 1 to 12. Null when the moment is null.
   * @example row.date.month()
   */
  month(): NumberExpression<R, P>;
  /**
   * The quarter of the year in UTC, 1 to 4. Null when the moment is null.
   * @example row.date.quarter()
   */
  quarter(): NumberExpression<R, P>;
  /**
   * The year in UTC. Null when the moment is null.
   * @example row.date.year()
   */
  year(): NumberExpression<R, P>;
  /**
   * The seconds from another moment to this one, to the millisecond; negative when this one is earlier. Null when either is
   * null.
   * @example row.landed.secondsSince(row.departed)
   */
  secondsSince<O extends TimeOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is later. Null when either is null.
   * @example row.landed.gt(row.scheduled)
   */
  gt<O extends TimeOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is later or the same. Null when either is null.
   * @example row.landed.gte(row.scheduled)
   */
  gte<O extends TimeOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is earlier. Null when either is null.
   * @example row.landed.lt(row.scheduled)
   */
  lt<O extends TimeOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is earlier or the same. Null when either is null.
   * @example row.landed.lte(row.scheduled)
   */
  lte<O extends TimeOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is missing. Never null.
   * @example row.landed.isNull()
   */
  isNull(): BooleanExpression<R, P>;
  /**
   * The moment, or another where it is null. Null when both are null.
   * @example row.landed.orElse(row.scheduled)
   */
  orElse<O extends TimeOperand>(other: O): TimeExpression<R | ReadsOf<O>, P | PastOf<O>>;
}
