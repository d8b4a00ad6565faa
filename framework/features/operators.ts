/**
 * What the operators of expressions compute in a server, as `expression-sql.ts` computes it in DuckDB: a NaN is equal to
 * itself and above all numbers, and what arithmetic does not define is null. None of them is given a null.
 * @module
 */
import { hash as digest } from "node:crypto";
import type { BinaryOperator, UnaryOperator } from "../definitions/expression-tree.ts";
import { dayOfWeek, dayOfYear, weekOfYear } from "./time-parts.ts";

/** A value of a row, or one computed from it. */
export type Scalar = number | string | boolean | Date | null;

/** A vector of a row: as many finite numbers as its column says. */
export type Vector = readonly number[];

type Value = Scalar & {};
type Binary = (left: Value, right: Value) => Scalar;
type Unary = (of: Value) => Scalar;

/** The kinds of the operands were checked when the project was resolved. */
const ofNumber = (compute: (x: number) => Scalar) => compute as Unary;
const ofNumbers = (compute: (a: number, b: number) => Scalar) => compute as Binary;
const ofText = (compute: (text: string) => Scalar) => compute as Unary;
const ofTexts = (compute: (a: string, b: string) => Scalar) => compute as Binary;
// A column alone gives a vector, and it is no value that anything computes.
const ofVector = (compute: (vector: Vector) => Scalar) => compute as unknown as Unary;
const ofVectors = (compute: (a: Vector, b: Vector) => Scalar) => compute as unknown as Binary;
const ofTime = (compute: (time: Date) => Scalar) => compute as Unary;

/** Whether `a` is above `b`, numbers or times. */
const isAbove: Binary = (a, b) => a > b || (Number.isNaN(a) && !Number.isNaN(b));
const isEqual: Binary = (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** Those that need both operands; `and`, `or` and `orElse` do not. */
export const binaryFunctions: Readonly<Record<Exclude<BinaryOperator, "and" | "or" | "orElse">, Binary>> = {
  add: ofNumbers((a, b) => a + b),
  subtract: ofNumbers((a, b) => a - b),
  multiply: ofNumbers((a, b) => a * b),
  divide: ofNumbers((a, b) => (b === 0 ? null : a / b)),
  modulo: ofNumbers((a, b) => (b === 0 ? null : a % b)),
  power: ofNumbers(power),
  least: (a, b) => (isAbove(a, b) ? b : a),
  greatest: (a, b) => (isAbove(b, a) ? b : a),
  gt: isAbove,
  gte: (a, b) => !isAbove(b, a),
  lt: (a, b) => isAbove(b, a),
  lte: (a, b) => !isAbove(a, b),
  eq: isEqual,
  ne: (a, b) => !isEqual(a, b),
  concat: ofTexts((a, b) => a + b),
  startsWith: ofTexts((a, b) => a.startsWith(b)),
  endsWith: ofTexts((a, b) => a.endsWith(b)),
  contains: ofTexts((a, b) => a.includes(b)),
  secondsSince: (a, b) => ((a as Date).getTime() - (b as Date).getTime()) / 1e3,
  dot: ofVectors(dot),
  cosine: ofVectors(cosine),
};

/** All but `isNull`, which takes a null. */
export const unaryFunctions: Readonly<Record<Exclude<UnaryOperator, "isNull">, Unary>> = {
  not: (truth) => !truth,
  negate: ofNumber((x) => -x),
  abs: ofNumber(Math.abs),
  sqrt: ofNumber((x) => (x < 0 ? null : Math.sqrt(x))),
  exp: ofNumber(Math.exp),
  log: ofNumber((x) => (x <= 0 ? null : Math.log(x))),
  // The formula of the SQL, so that the two differ by the last digit of asinh alone.
  log1p: ofNumber((x) => (x <= -1 ? null : Math.asinh((x / 2) * ((x + 2) / (x + 1))))),
  sin: ofNumber((x) => (Number.isFinite(x) ? Math.sin(x) : null)),
  cos: ofNumber((x) => (Number.isFinite(x) ? Math.cos(x) : null)),
  round: ofNumber(round),
  floor: ofNumber(Math.floor),
  ceil: ofNumber(Math.ceil),
  lower: ofText((text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  upper: ofText((text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  trim: ofText((text) => text.replace(/^[ \t\n\v\f\r]+|(?<![ \t\n\v\f\r])[ \t\n\v\f\r]+$/g, "")),
  length: ofText(countCodePoints),
  second: ofTime((time) => time.getUTCSeconds()),
  minute: ofTime((time) => time.getUTCMinutes()),
  hour: ofTime((time) => time.getUTCHours()),
  dayOfWeek: ofTime(dayOfWeek),
  isWeekend: ofTime((time) => dayOfWeek(time) >= 6),
  dayOfMonth: ofTime((time) => time.getUTCDate()),
  dayOfYear: ofTime(dayOfYear),
  weekOfYear: ofTime(weekOfYear),
  month: ofTime((time) => time.getUTCMonth() + 1),
  quarter: ofTime((time) => Math.floor(time.getUTCMonth() / 3) + 1),
  year: ofTime((time) => time.getUTCFullYear()),
  category: (text) => text,
  norm: ofVector(norm),
};

/** The products are added up from the first to the last. */
function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function norm(vector: Vector): number {
  return Math.sqrt(dot(vector, vector));
}

function cosine(a: Vector, b: Vector): number | null {
  const lengths = norm(a) * norm(b);
  return lengths === 0 ? null : dot(a, b) / lengths;
}

/** C says that 1 raised to anything is 1, and −1 to an infinity too; JavaScript says NaN. */
function power(base: number, exponent: number): number | null {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  const value = base ** exponent;
  return Number.isNaN(value) ? null : value;
}

/** A half goes away from 0; `Math.round` takes it up. */
function round(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

export function clip(x: number, low: number, high: number): number {
  if (x < low) return low;
  return x > high || Number.isNaN(x) ? high : x;
}

/** How many of the bounds, which ascend, a number reaches. */
export function findBucket(x: number, bounds: readonly number[]): number {
  let bucket = 0;
  for (const bound of bounds) {
    if (x < bound) break;
    bucket++;
  }
  return bucket;
}

/** The first 32 bits of the SHA-256 of the text's UTF-8 bytes, modulo `buckets`. */
export function hashText(text: string, buckets: number): number {
  return Number.parseInt(digest("sha256", text, "hex").slice(0, 8), 16) % buckets;
}

function countCodePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) if (isPair(text, i)) count--;
  return count;
}

/** Whether the code unit at `i` is the second of a pair. */
function isPair(text: string, i: number): boolean {
  const [before, here] = [text.charCodeAt(i - 1), text.charCodeAt(i)];
  return (before & 0xfc00) === 0xd800 && (here & 0xfc00) === 0xdc00;
}

/** The code points from one place up to another. */
export function sliceText(text: string, from: number, to = Number.POSITIVE_INFINITY): string {
  const start = findUnit(text, 0, from);
  return text.slice(start, to === Number.POSITIVE_INFINITY ? undefined : findUnit(text, start, to - from));
}

/** Where in the text so many code points after a place are over. */
function findUnit(text: string, start: number, codePoints: number): number {
  let unit = start;
  for (let left = codePoints; left > 0 && unit < text.length; left--) {
    unit += unit + 1 < text.length && isPair(text, unit + 1) ? 2 : 1;
  }
  return unit;
}
