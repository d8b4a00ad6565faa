/**
 * The rows of a typed request: JSON in, checked columns out, or all that is wrong with them, by row and column. A column is
 * held against the schema of its dataset, as a row of it would be. Pure.
 * @module
 */
import { parsePattern } from "../../definitions/pattern.ts";
import type { PiiSpec } from "../../definitions/pii.ts";
import type { ColumnSpec } from "../../definitions/spec.ts";
import type { RowValues, Scalar, Vector } from "../../features/compile-function.ts";
import type { RequestShape } from "../../features/online/request-shape.ts";
import { Refusal } from "../../http/refusal.ts";
import { LostFraction, readJson } from "../json-body.ts";
import { mostRows } from "../limits.ts";
import { fromMicroseconds, parseMoment } from "./moment.ts";
import { type ColumnProblem, RefusedColumns } from "./refused-columns.ts";

/** What a request says of a row to whoever asks. */
export interface AskedShape extends RequestShape {
  /** The columns that the caller does not know, which are null for it. @default it knows all */
  readonly absent?: ReadonlySet<string>;
  /** How the endpoint records columns: values of those that it does not record as they are, are not said back. @default as the columns themselves say */
  readonly recorded?: PiiSpec["request"] | undefined;
}

/** A row that was asked about. */
export interface RequestRow {
  readonly values: RowValues;
  /** Its times in microseconds since 1970, by column. */
  readonly moments: Readonly<Record<string, bigint>>;
  /** When it happens, in microseconds since 1970. */
  readonly eventTime: bigint;
}

/** What was asked. */
export interface RequestRows {
  readonly rows: readonly RequestRow[];
  /** Whether it was asked about a list of rows, which is answered with a list. */
  readonly isList: boolean;
}

/** The most problems one refusal lists. */
const mostProblems = 20;
/** After so many no more are looked for. */
const mostSought = 1000;

/**
 * Reads the body of a typed request: one object of columns, or `{"rows": […]}`.
 *
 * @param now the event time of rows that say none, in microseconds since 1970
 * @throws Refusal 400 for what is no such body, and with every problem of its columns
 */
export function readRequestRows(body: Uint8Array, shape: AskedShape, now: bigint): RequestRows {
  const { document: parsed, marked } = readJson(body);
  if (!isRecord(parsed))
    throw new Refusal(
      400,
      `the body is ${hasPersonal(shape) ? "no object" : describe(parsed)}, expected an object of columns or {"rows": […]}`,
    );
  const { rows: list, ...others } = parsed;
  const isList = Array.isArray(list);
  const given: readonly unknown[] = isList ? list : [parsed];
  const hasIntegers = shape.columns.some(({ type }) => type === "integer");
  const exact = marked && hasIntegers ? listRows(marked()) : undefined;
  const problems: ColumnProblem[] = isList
    ? Object.keys(others).map((column) => ({
        column: shorten(column),
        what: 'stands beside "rows"',
        expected: '{"rows": […]} alone',
      }))
    : [];
  if (given.length === 0) throw new Refusal(400, '"rows" is empty');
  if (given.length > mostRows)
    throw new Refusal(400, `the request has ${given.length} rows, at most ${mostRows} are taken at once`);
  const rows = given.map((row, i) => {
    if (problems.length > mostSought) throw refuse(problems);
    return readRow(row, shape, { now, problems, exact: exact?.[i], ...(isList && { row: i }) });
  });
  if (problems.length > 0) throw refuse(problems);
  return { rows, isList };
}

/** The rows of a document that was found to have some. */
function listRows(document: unknown): readonly unknown[] {
  const { rows } = document as { readonly rows?: unknown };
  return Array.isArray(rows) ? rows : [document];
}

interface Reading {
  readonly now: bigint;
  /** The same row, its numbers marked that lost a fraction. @default there is none */
  readonly exact: unknown;
  readonly problems: ColumnProblem[];
  /** @default there is one row */
  readonly row?: number;
}

function readRow(given: unknown, shape: AskedShape, { now, problems, exact, row }: Reading): RequestRow {
  const { columns, eventTime, absent } = shape;
  const at = row === undefined ? {} : { row };
  const report = (column: string, problem: Omit<ColumnProblem, "row" | "column">) =>
    problems.push({ ...at, column: shorten(column), ...problem });
  const moments: Record<string, bigint> = { [eventTime]: now };
  const values: Record<string, Scalar | Vector> = { [eventTime]: fromMicroseconds(now).date };
  if (!isRecord(given)) {
    report("", { what: "the row is no object", ...(!hasPersonal(shape) && { got: describe(given) }) });
    return { values, moments, eventTime: now };
  }
  for (const name of Object.keys(given)) {
    if (columns.some((column) => column.name === name)) continue;
    report(name, { what: "there is no such column", expected: columns.map((column) => column.name).join(", ") });
  }
  for (const column of columns) {
    const { name } = column;
    if (!Object.hasOwn(given, name)) {
      if (absent?.has(name)) values[name] = null;
      else if (name !== eventTime) report(name, { what: "the column is missing", expected: describeColumn(column) });
      continue;
    }
    const value = column.type === "integer" && isRecord(exact) ? exact[name] : given[name];
    const moment = column.type === "timestamp" && typeof value === "string" ? parseMoment(value) : undefined;
    const expected = findMisfit(column, value, moment !== undefined);
    if (expected !== undefined)
      report(name, {
        what: "the value does not fit",
        ...(!isPersonal(column, shape) && { got: describeGiven(column, value) }),
        expected,
      });
    else {
      values[name] = moment?.date ?? (value as Scalar | Vector);
      if (moment) moments[name] = moment.microseconds;
    }
  }
  return { values, moments, eventTime: moments[eventTime] ?? now };
}

/** Whether a column says something of a person. What is refused stands in the logs of callers, and of whoever is between. */
function isPersonal({ name, pii }: ColumnSpec, { recorded }: AskedShape): boolean {
  if (pii !== undefined) return true;
  // As in a record: what the endpoint says nothing of is left out.
  return recorded !== undefined && !(Object.hasOwn(recorded, name) && recorded[name] === "plain");
}

function hasPersonal(shape: AskedShape): boolean {
  return shape.columns.some((column) => isPersonal(column, shape));
}

/** What a value should have been; nothing when it fits. */
function findMisfit(column: ColumnSpec, value: unknown, isMoment: boolean): string | undefined {
  if (value === null) return column.nullable ? undefined : describeColumn(column);
  switch (column.type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : describeColumn(column);
    case "timestamp":
      return isMoment ? undefined : describeColumn(column);
    case "integer":
    case "number":
      return fitsNumber(column, value) ? undefined : describeColumn(column);
    case "vector": {
      const isVector = Array.isArray(value) && value.length === column.length;
      return isVector && value.every((one) => fitsNumber(column, one)) ? undefined : describeColumn(column);
    }
    case "string":
      return typeof value === "string" && fitsText(column, value) ? undefined : describeColumn(column);
  }
}

function fitsNumber({ type, min = -Infinity, max = Infinity }: ColumnSpec, value: unknown): boolean {
  const isNumber = type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isNumber && (value as number) >= min && (value as number) <= max;
}

function fitsText(
  { values, minLength = 0, maxLength = Number.POSITIVE_INFINITY, patterns = [] }: ColumnSpec,
  text: string,
): boolean {
  if (!text.isWellFormed()) return false;
  if (values && !values.includes(text)) return false;
  // A text of n units has n code points at most, and half of that at least.
  if (text.length < minLength || text.length > 2 * maxLength) return false;
  const length = minLength > 0 || maxLength < text.length ? [...text].length : text.length;
  if (length < minLength || length > maxLength) return false;
  return patterns.every((written) => compilePattern(written).test(text));
}

const compiled = new Map<string, RegExp>();

/** There are as many as the schemas of released models have. */
function compilePattern(written: string): RegExp {
  const known = compiled.get(written);
  if (known) return known;
  const { source, flags } = parsePattern(written);
  const made = new RegExp(source, flags);
  compiled.set(written, made);
  return made;
}

/** What a column takes, in words: `an integer from 0 to 23 or null`. */
function describeColumn({
  type,
  length,
  nullable,
  min,
  max,
  values,
  minLength,
  maxLength,
  patterns,
}: ColumnSpec): string {
  const kinds = {
    boolean: "a boolean",
    integer: "an integer",
    number: "a number",
    string: "a text",
    timestamp: "a time of RFC 3339 to the microsecond, such as 2026-03-01T09:30:00Z",
    vector: `an array of ${length} numbers`,
  };
  const bounds = [
    min !== undefined && `from ${min}`,
    max !== undefined && `to ${max}`,
    values && `one of ${shorten(values.join(", "))}`,
    describeLength(minLength, maxLength),
    patterns && `like ${patterns.join(" and ")}`,
    nullable && "or null",
  ];
  return [kinds[type], ...bounds].filter((part) => part !== false && part !== undefined).join(" ");
}

function describeLength(least: number | undefined, most: number | undefined): string | undefined {
  if (least !== undefined && most !== undefined)
    return `of ${least === most ? least : `${least} to ${most}`} characters`;
  if (least !== undefined) return `of ${least} characters or more`;
  return most === undefined ? undefined : `of at most ${most} characters`;
}

function refuse(problems: readonly ColumnProblem[]): RefusedColumns {
  const left = problems.length - mostProblems;
  return new RefusedColumns(problems.slice(0, mostProblems), Math.max(left, 0));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Values of a request are said back in short, and never those that are long. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null) return "null";
  if (value instanceof LostFraction) return shorten(value.source);
  if (typeof value === "object") return "an object";
  return shorten(typeof value === "string" ? JSON.stringify(value) : String(value));
}

/** Of a list that is no vector of the column how many it has: mostly it is that. */
function describeGiven({ type }: ColumnSpec, value: unknown): string {
  return type === "vector" && Array.isArray(value) ? `a list of ${value.length}` : describe(value);
}

/** Callers choose names and values, and an answer should not be as long as what they may send. */
function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text;
}
