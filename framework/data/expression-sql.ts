/**
 * Expressions as SQL: the text that DuckDB evaluates for every row of a dataset. A row has its numbers as DOUBLE, so
 * that arithmetic means what it means in a serving function, and its times as TIMESTAMP in UTC.
 * @module
 */

import type { BinaryOperator, ExpressionTree, UnaryOperator, WindowTree } from "../definitions/expression-tree.ts";
import { quoteName, quoteNumber, quoteText } from "./sql.ts";

/** Where an expression is evaluated: how it finds what it reads. */
export interface Scope {
  /** The alias of the relation that has the columns. */
  readonly row: string;
  /** The SQL of a window's value at the row. */
  readonly window: (tree: WindowTree) => string;
}

/**
 * Compiles an expression. Nulls propagate; `and` and `or` are SQL's, so that false and null is false. A division by
 * zero and the logarithm of what is not positive are null. Text is compared by its bytes.
 */
export function compileExpression(tree: ExpressionTree, scope: Scope): string {
  const compile = (operand: ExpressionTree) => compileExpression(operand, scope);
  switch (tree.op) {
    case "column":
      return `${scope.row}.${quoteName(tree.name)}`;
    case "literal":
      return compileLiteral(tree.value);
    case "clip":
      return compileClip(compile(tree.of), compileLiteral(tree.low), compileLiteral(tree.high));
    case "window":
      return scope.window(tree);
    default:
      return "of" in tree
        ? unaryOperators[tree.op](compile(tree.of))
        : binaryOperators[tree.op](compile(tree.left), compile(tree.right));
  }
}

const infix = (operator: string) => (left: string, right: string) => `(${left} ${operator} ${right})`;

const binaryOperators: Readonly<Record<BinaryOperator, (left: string, right: string) => string>> = {
  add: infix("+"),
  subtract: infix("-"),
  multiply: infix("*"),
  divide: (left, right) => `(${left} / nullif(${right}, 0e0))`,
  gt: infix(">"),
  gte: infix(">="),
  lt: infix("<"),
  lte: infix("<="),
  eq: infix("="),
  and: infix("AND"),
  or: infix("OR"),
};

const timePart = (part: string) => (time: string) => `CAST(${part}(${time}) AS DOUBLE)`;

const unaryOperators: Readonly<Record<UnaryOperator, (operand: string) => string>> = {
  not: (operand) => `(NOT ${operand})`,
  log1p: compileLog1p,
  abs: (operand) => `abs(${operand})`,
  hour: timePart("hour"),
  dayOfWeek: timePart("isodow"),
  dayOfYear: timePart("dayofyear"),
  month: timePart("month"),
  year: timePart("year"),
  category: (operand) => operand,
};

function compileLiteral(value: string | number | boolean): string {
  if (typeof value === "string") return quoteText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return quoteNumber(value);
}

/** `least` and `greatest` would take a bound for a null. */
function compileClip(of: string, low: string, high: string): string {
  return `CASE WHEN ${of} < ${low} THEN ${low} WHEN ${of} > ${high} THEN ${high} ELSE ${of} END`;
}

/**
 * DuckDB has no log1p, and `ln(1 + x)` loses all digits of a small x: log1p(x) = asinh(x/2 · (x+2)/(x+1)), because
 * sinh(ln(u)) = (u − 1/u)/2 with u = 1 + x.
 */
function compileLog1p(of: string): string {
  return `CASE WHEN ${of} > -1e0 THEN asinh(${of} / 2e0 * ((${of} + 2e0) / (${of} + 1e0))) END`;
}
