/**
 * Expressions as SQL: the text that DuckDB evaluates for every row of a dataset. A row has its numbers as DOUBLE, so
 * that arithmetic means what it means in a serving function, and its times as TIMESTAMP in UTC.
 * @module
 */

import {
  type BinaryOperator,
  type ExpressionTree,
  type MapTree,
  operandsOf,
  type SliceTree,
  type UnaryOperator,
  type WindowTree,
} from "../definitions/expression-tree.ts";
import { quoteName, quoteNumber, quoteText } from "./sql.ts";

/** Where an expression is evaluated: how it finds what it reads. */
export interface Scope {
  /** The alias of the relation that has the columns. */
  readonly row: string;
  /** The SQL of a window's value at the row. */
  readonly window: (tree: WindowTree) => string;
}

/**
 * Compiles an expression. Nulls propagate; `and` and `or` are SQL's, so that false and null is false. What arithmetic does
 * not define is null: a division by zero, the root and the logarithm of what is negative. What overflows is an infinity,
 * as in IEEE 754, and a NaN is equal to itself and above all numbers, as DuckDB orders. Text is compared by its bytes.
 * `compile-function.ts` computes the same in a server; whoever changes one changes both.
 */
export function compileExpression(tree: ExpressionTree, scope: Scope): string {
  if (tree.op === "window") return scope.window(tree);
  const [first = "", second = "", third = ""] = operandsOf(tree).map((operand) => compileExpression(operand, scope));
  switch (tree.op) {
    case "column":
      return `${scope.row}.${quoteName(tree.name)}`;
    case "literal":
      return compileLiteral(tree.value);
    case "clip":
      return compileClip(first, compileLiteral(tree.low), compileLiteral(tree.high));
    case "when":
      return `CASE WHEN ${first} THEN ${second} ELSE ${third} END`;
    case "at":
      return `${first}[${tree.index + 1}]`;
    case "slice":
      return compileSlice(first, tree);
    case "bucket":
      return compileBucket(first, tree.bounds);
    case "hash":
      return `CAST(CAST('0x' || substring(sha256(${first}), 1, 8) AS UBIGINT) % ${tree.buckets} AS DOUBLE)`;
    case "map":
      return compileMap(first, tree);
    default:
      return "of" in tree ? unaryOperators[tree.op](first) : binaryOperators[tree.op](first, second);
  }
}

/**
 * Products one by one, then added up from the first to the last. `list_dot_product` does the same in one step, whose rounding
 * is the processor's choice where it multiplies and adds at once.
 */
const dot = (left: string, right: string) =>
  `list_sum(list_transform(list_zip(${left}, ${right}), lambda pair: pair[1] * pair[2]))`;
const norm = (of: string) => `sqrt(list_sum(list_transform(${of}, lambda number: number * number)))`;

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
  ne: infix("<>"),
  and: infix("AND"),
  or: infix("OR"),
  modulo: (left, right) => `(${left} % nullif(${right}, 0e0))`,
  power: (left, right) => `nullif(pow(${left}, ${right}), CAST('NaN' AS DOUBLE))`,
  // DuckDB's own two would take the other for a null. The left is written no more than twice: of many numbers it is long.
  least: (left, right) => `CASE WHEN ${left} > ${right} THEN ${right} WHEN ${right} IS NOT NULL THEN ${left} END`,
  greatest: (left, right) => `CASE WHEN ${left} < ${right} THEN ${right} WHEN ${right} IS NOT NULL THEN ${left} END`,
  orElse: (left, right) => `coalesce(${left}, ${right})`,
  concat: infix("||"),
  startsWith: (left, right) => `starts_with(${left}, ${right})`,
  endsWith: (left, right) => `ends_with(${left}, ${right})`,
  contains: (left, right) => `contains(${left}, ${right})`,
  dot,
  cosine: (left, right) => `(${dot(left, right)} / nullif(${norm(left)} * ${norm(right)}, 0e0))`,
  // Milliseconds, for a request has no more.
  secondsSince: (left, right) => `(CAST(epoch_ms(${left}) - epoch_ms(${right}) AS DOUBLE) / 1e3)`,
};

/** The letters that have a case: what else has one differs between versions of Unicode. */
const letters = "abcdefghijklmnopqrstuvwxyz";

const timePart = (part: string) => (time: string) => `CAST(${part}(${time}) AS DOUBLE)`;

const unaryOperators: Readonly<Record<UnaryOperator, (operand: string) => string>> = {
  not: (operand) => `(NOT ${operand})`,
  log1p: compileLog1p,
  abs: (operand) => `abs(${operand})`,
  negate: (operand) => `(- ${operand})`,
  sqrt: (operand) => `CASE WHEN ${operand} >= 0e0 THEN sqrt(${operand}) END`,
  exp: (operand) => `exp(${operand})`,
  log: (operand) => `CASE WHEN ${operand} > 0e0 THEN ln(${operand}) END`,
  sin: (operand) => `CASE WHEN isfinite(${operand}) THEN sin(${operand}) END`,
  cos: (operand) => `CASE WHEN isfinite(${operand}) THEN cos(${operand}) END`,
  round: (operand) => `round(${operand})`,
  floor: (operand) => `floor(${operand})`,
  ceil: (operand) => `ceil(${operand})`,
  isNull: (operand) => `(${operand} IS NULL)`,
  lower: (operand) => `translate(${operand}, '${letters.toUpperCase()}', '${letters}')`,
  upper: (operand) => `translate(${operand}, '${letters}', '${letters.toUpperCase()}')`,
  trim: (operand) => `trim(${operand}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))`,
  length: (operand) => `CAST(length(${operand}) AS DOUBLE)`,
  second: timePart("second"),
  minute: timePart("minute"),
  hour: timePart("hour"),
  dayOfWeek: timePart("isodow"),
  dayOfYear: timePart("dayofyear"),
  isWeekend: (time) => `(isodow(${time}) >= 6)`,
  dayOfMonth: timePart("day"),
  weekOfYear: timePart("week"),
  month: timePart("month"),
  quarter: timePart("quarter"),
  year: timePart("year"),
  category: (operand) => operand,
  norm,
};

function compileLiteral(value: string | number | boolean): string {
  if (typeof value === "string") return quoteText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return quoteNumber(value);
}

/** No text has so many characters. Of places much farther out DuckDB takes none. */
const farthest = 2 ** 31;

function compileSlice(of: string, { from, to }: SliceTree): string {
  const start = Math.min(from, farthest) + 1;
  return `substring(${of}, ${start}${to === undefined ? "" : `, ${Math.min(to - from, farthest)}`})`;
}

/** `least` and `greatest` would take a bound for a null. */
function compileClip(of: string, low: string, high: string): string {
  return `CASE WHEN ${of} < ${low} THEN ${low} WHEN ${of} > ${high} THEN ${high} ELSE ${of} END`;
}

/** The first bound that it does not reach says in which bucket it is. */
function compileBucket(of: string, bounds: readonly number[]): string {
  const cases = bounds.map((bound, i) => `WHEN ${of} < ${quoteNumber(bound)} THEN ${i}e0`);
  return `CASE ${cases.join(" ")} WHEN ${of} IS NOT NULL THEN ${bounds.length}e0 END`;
}

function compileMap(of: string, { cases, otherwise }: MapTree): string {
  const whens = cases.map(({ is, gives }) => `WHEN ${quoteText(is)} THEN ${compileLiteral(gives)}`);
  return `CASE ${of} ${whens.join(" ")}${otherwise === undefined ? "" : ` ELSE ${compileLiteral(otherwise)}`} END`;
}

/**
 * DuckDB has no log1p, and `ln(1 + x)` loses all digits of a small x: log1p(x) = asinh(x/2 · (x+2)/(x+1)), because
 * sinh(ln(u)) = (u − 1/u)/2 with u = 1 + x.
 */
function compileLog1p(of: string): string {
  return `CASE WHEN ${of} > -1e0 THEN asinh(${of} / 2e0 * ((${of} + 2e0) / (${of} + 1e0))) END`;
}
