/**
 * What can be made of a text. Texts are compared and counted by code points, and only the letters A to Z have a case, so
 * that a database and a server cannot differ about them.
 * @module
 */
import type { BooleanExpression } from "./boolean-expression.ts";
import type { Category, Expression, PastOf, ReadsOf, StringOperand, ValueOf } from "./expression.ts";
import type { NumberExpression } from "./number-expression.ts";
import type { CategoryOptions } from "./preprocessing.ts";

/** The texts that an operand may be. */
type Text<O> = O extends string ? O : ValueOf<O> & string;

/** What a table of numbers, or of texts, gives. */
type Mapped<G, R extends string, P extends string> = [G] extends [number]
  ? NumberExpression<R, P>
  : StringExpression<G & string, R, P>;

/** A text, one of `V`. */
export interface StringExpression<V extends string, R extends string, P extends string = never>
  extends Expression<V, R, P> {
  /**
   * Whether the two texts are the same, code point by code point. Null when either is null.
   * @example row.carrier.eq("UA")
   */
  eq<O extends V | Expression<V, string, string>>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether the two texts differ. Null when either is null.
   * @example row.origin.ne(row.destination)
   */
  ne<O extends V | Expression<V, string, string>>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The text as one of the values that the training rows have; a feature is this, not the bare text. A null, or a value
   * that the training rows do not have, is none of them, unless the options say otherwise.
   * @example row.origin.category({ unseen: "other", min: 20 })
   */
  category(options?: CategoryOptions): Expression<Category<V>, R, P>;
  /**
   * The text with A to Z as a to z; no other letter changes. Null when it is null.
   * @example row.email.lower()
   */
  lower(): StringExpression<string, R, P>;
  /**
   * The text with a to z as A to Z; no other letter changes. Null when it is null.
   * @example row.country.upper()
   */
  upper(): StringExpression<string, R, P>;
  /**
   * The text without the spaces, tabs and line ends of ASCII around it. Null when it is null.
   * @example row.name.trim()
   */
  trim(): StringExpression<string, R, P>;
  /**
   * The number of its code points. Null when it is null.
   * @example row.comment.length()
   */
  length(): NumberExpression<R, P>;
  /**
   * Whether it begins with a text, which an empty one always is. Null when either is null.
   * @example row.flight.startsWith("UA")
   */
  startsWith<O extends StringOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it ends with a text. Null when either is null.
   * @example row.email.endsWith(".edu")
   */
  endsWith<O extends StringOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether a text is somewhere in it. Null when either is null.
   * @example row.comment.contains("refund")
   */
  contains<O extends StringOperand>(other: O): BooleanExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Its code points from one place, counted from 0, up to another, which is not among them; without `to`, up to its end.
   * Null when it is null.
   * @example row.postcode.slice(0, 2)
   */
  slice(from: number, to?: number): StringExpression<string, R, P>;
  /**
   * The text followed by another. Null when either is null.
   * @example row.origin.concat("-").concat(row.destination).category()
   */
  concat<O extends StringOperand>(other: O): StringExpression<string, R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * One of `buckets` numbers, from 0, that the text always gets, at every place and in every version: the first 32 bits of
   * the SHA-256 of its UTF-8 bytes, modulo `buckets`, which is at most 1,000,000. Null when it is null.
   * @example row.userAgent.hash(64)
   */
  hash(buckets: number): NumberExpression<R, P>;
  /**
   * What a table has for the text, numbers or texts, and `otherwise` for what it does not have. Null when the text is none
   * of them, or null, and there is no `otherwise`.
   * @example row.size.map({ small: 1, medium: 2, large: 3 }, 0)
   */
  map<const G extends number | string, const O extends G extends number ? number : string = never>(
    table: { readonly [K in V]?: G },
    otherwise?: O,
  ): Mapped<G | O, R, P>;
  /**
   * Whether it is missing. Never null.
   * @example row.gate.isNull()
   */
  isNull(): BooleanExpression<R, P>;
  /**
   * The text, or another where it is null. Null when both are null.
   * @example row.carrier.orElse("none").category()
   */
  orElse<O extends StringOperand>(other: O): StringExpression<V | Text<O>, R | ReadsOf<O>, P | PastOf<O>>;
}
