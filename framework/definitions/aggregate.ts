/**
 * Aggregates: what a column can be asked about a window of the past, and the window itself.
 * @module
 */
import type { Expression, ExpressionOf, ReadsOf } from "./expression.ts";
import type { NumberExpression } from "./number-expression.ts";
import type { Duration } from "./units.ts";

/** What names the entity of a window: a value of the row, not a `category()` of it. */
type EntityValue = Expression<string | number | boolean | Date, string>;
type Entity = EntityValue | readonly EntityValue[];
type EntityReads<By> = By extends readonly (infer E)[] ? ReadsOf<E> : ReadsOf<By>;

/** Column `C` when the window reaches up to the event, where its values may not be known yet; nothing when it has a lag. */
type Unlagged<C extends string, Lag> = [Lag] extends [never] ? C : Lag extends `0 ${string}` ? C : never;

/**
 * A window of the past of one entity: its rows whose event time lies in `[time − lag − over, time − lag)`, `time` being the
 * row's own. The row itself is never among them.
 */
export interface Window<By extends Entity = Entity, Lag extends Duration = Duration> {
  /**
   * The entity: the window has the rows whose values of these equal this row's. An empty list takes all rows. A row
   * where one of them is null has an empty window.
   * @example [row.origin, row.destination]
   */
  readonly by: By;
  /**
   * How far the window reaches back from its end. More than 0.
   * @example "7 days"
   */
  readonly over: Duration;
  /**
   * How long before the event the window ends. Not shorter than the `known` of the column that it aggregates.
   * @default "0 seconds" — the window reaches up to the event
   * @example "12 hours"
   */
  readonly lag?: Lag;
}

/** A window whose rows are counted per length of time. */
export interface RateWindow<By extends Entity = Entity, Lag extends Duration = Duration> extends Window<By, Lag> {
  /**
   * The length of time that they are counted per. More than 0.
   * @default "1 hour"
   * @example "1 day"
   */
  readonly per?: Duration;
}

/** What every column can be asked about a window of the past. Nulls in the window are left out, except by `last`. */
export interface Aggregates<V, C extends string> {
  /**
   * How many rows of the window have a value here. 0 when none has; never null.
   * @example row.delay.count({ by: row.origin, over: "1 day", lag: "12 hours" })
   */
  count<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
  /**
   * How many rows of the window have a value here, per hour or another length of time: the count divided by how many of
   * these `over` has. 0 when no row has one; never null.
   * @example row.amount.rate({ by: row.card, over: "7 days", per: "1 day" })
   */
  rate<By extends Entity, Lag extends Duration = never>(
    window: RateWindow<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
  /**
   * How many different values the rows of the window have here. 0 when none has one; never null.
   * @example row.merchant.distinct({ by: row.card, over: "7 days" })
   */
  distinct<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
  /**
   * The value of the latest row of the window, null if that row has none; of rows at one time the largest value. Null
   * when the window has no rows.
   * @example row.rate.last({ by: row.series, over: "70 days", lag: "36 days" })
   */
  last<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): ExpressionOf<V, EntityReads<By>, Unlagged<C, Lag>>;
}

/** What a column of numbers can be asked beyond that. */
export interface NumberAggregates<C extends string> extends Aggregates<number, C> {
  /**
   * The sum of the window's values. Null when it has none.
   * @example row.amount.sum({ by: row.customer, over: "30 days", lag: "1 day" })
   */
  sum<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
  /**
   * The mean of the window's values. Null when it has none.
   * @example row.delay.mean({ by: [row.origin, row.destination], over: "7 days", lag: "12 hours" })
   */
  mean<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
  /**
   * The standard deviation of the window's values, as a sample: divided by their number less 1. Null when there are fewer
   * than two, and when one is beyond ±1e150, whose square is no number.
   * @example row.amount.std({ by: row.card, over: "30 days" })
   */
  std<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
  /**
   * The smallest of the window's values. Null when it has none.
   * @example row.price.min({ by: row.product, over: "30 days", lag: "1 day" })
   */
  min<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
  /**
   * The largest of the window's values. Null when it has none.
   * @example row.price.max({ by: row.product, over: "30 days", lag: "1 day" })
   */
  max<By extends Entity, Lag extends Duration = never>(
    window: Window<By, Lag>,
  ): NumberExpression<EntityReads<By>, Unlagged<C, Lag>>;
}
