/**
 * Choosing one of two values.
 * @module
 */
import { createExpression, toTree } from "./create-expression.ts";
import type {
  BooleanOperand,
  ExpressionOf,
  NumberOperand,
  PastOf,
  ReadsOf,
  StringOperand,
  TimeOperand,
  ValueOf,
} from "./expression.ts";

type Choice = boolean | NumberOperand | StringOperand | BooleanOperand | TimeOperand;

/** The value of a constant or an expression; a number and a truth are of a kind, a text is one of its values. */
type Chosen<T> = T extends number ? number : T extends boolean ? boolean : T extends string ? T : ValueOf<T>;

/** What may be chosen instead: a value of the same kind. */
type SameKind<T> = [Chosen<T>] extends [number]
  ? NumberOperand
  : [Chosen<T>] extends [boolean]
    ? boolean | BooleanOperand
    : [Chosen<T>] extends [string]
      ? StringOperand
      : TimeOperand;

/**
 * One of two values of a kind: the first where the condition is true, the second where it is false or null.
 *
 * @param condition what decides
 * @param value a number, a truth, a text or a moment
 * @param otherwise another of the same kind
 * @example
 * when(row.cancelled, 0, row.passengers)
 * when(row.hour.lt(12), "morning", "later").category()
 */
export function when<C extends BooleanOperand, const T extends Choice, const O extends SameKind<T>>(
  condition: C,
  value: T,
  otherwise: O,
): ExpressionOf<Chosen<T> | Chosen<O>, ReadsOf<C> | ReadsOf<T> | ReadsOf<O>, PastOf<C> | PastOf<T> | PastOf<O>> {
  const chosen: unknown = createExpression({
    op: "when",
    condition: toTree(condition),
    value: toTree(value),
    otherwise: toTree(otherwise),
  });
  // Its kind is that of what it chooses from.
  return chosen as ReturnType<typeof when<C, T, O>>;
}
