/**
 * Encodings that make several features of one value.
 * @module
 */
import type { BooleanExpression } from "./boolean-expression.ts";
import { createExpression, toTree } from "./create-expression.ts";
import type { Expression, PastOf, ReadsOf, ValueOf } from "./expression.ts";
import { infer } from "./inferred.ts";
import type { NumberExpression } from "./number-expression.ts";
import { refuse } from "./plain.ts";
import { describeValue } from "./value-text.ts";

/**
 * What repeats itself, as a point of a circle: two features, `<name>_sin` and `<name>_cos`, in which the end of a period is
 * beside its beginning. Null when the number is null.
 *
 * @param name what their names begin with
 * @param of the number
 * @param period how far apart two numbers are that mean the same, in the number's unit
 * @example
 * features("rhythm", flights, (row) => ({ ...cyclical("hour", row.date.hour(), 24), distance: row.distance }))
 */
export function cyclical<N extends string, E extends Expression<number, string, string>>(
  name: N,
  of: E,
  period: number,
): { readonly [K in `${N}_sin` | `${N}_cos`]: NumberExpression<ReadsOf<E>, PastOf<E>> } {
  const angle = createExpression(toTree(of)).multiply((2 * Math.PI) / period);
  return nameAll(name, { sin: angle.sin(), cos: angle.cos() });
}

/**
 * A text as truths: for every value given a feature `<name>_<value>`, whether the text is that one. A text that is none of
 * them, or null, is none: false everywhere. Values must be letters, digits and underscores, which names of features are;
 * any other is asked for with `eq`, under a name of its own.
 *
 * @param name what their names begin with
 * @param of the text
 * @param values those that get a feature
 * @example
 * features("places", flights, (row) => ({ ...oneHot("origin", row.origin, ["SEA", "ORD"]) }))
 */
export function oneHot<
  N extends string,
  E extends Expression<string, string, string>,
  const V extends readonly ValueOf<E>[],
>(
  name: N,
  of: E,
  values: V,
): { readonly [K in `${N}_${V[number] & string}`]: BooleanExpression<ReadsOf<E>, PastOf<E>> } {
  // What is no list becomes what is no feature, which the check of the shape says.
  if (!Array.isArray(values)) return { [name]: refuse(describeValue(values)) } as never;
  const text = createExpression(toTree(of));
  return nameAll(name, Object.fromEntries(values.map((value) => [value, text.eq(value as string).orElse(false)])));
}

function nameAll<T>(prefix: string, features: Readonly<Record<string, Expression<never>>>): T {
  const named = Object.entries(features).map(([name, feature]) => [`${prefix}_${name}`, feature]);
  return infer(Object.fromEntries(named));
}
