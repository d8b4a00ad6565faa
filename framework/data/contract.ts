/**
 * The contract of a dataset as rules in SQL: what a row may not be, and what is said when it is.
 * @module
 */
import { listReads } from "../definitions/expression-kind.ts";
import { parsePattern, translatePattern } from "../definitions/pattern.ts";
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";
import type { Band } from "./conversion.ts";
import { compileExpression } from "./expression-sql.ts";
import { quoteNumber, quoteText } from "./sql.ts";

/** One way in which a row breaks the contract. */
export interface Rule {
  /** The column that breaks it; several, joined with commas, of `unique`; "" of a rule over the whole row. */
  readonly column: string;
  /** What the column is then, to be read after its name: `is below -120`; or what does not hold of the row. */
  readonly reason: string;
  /** The columns whose values show how it is broken. */
  readonly columns: readonly string[];
  /** SQL, true for a row that breaks it. */
  readonly broken: string;
  /** SQL: what is said of one row that breaks it. @default its column and reason */
  readonly said?: string;
}

/** Where a column is found in the query that rules are put in: as it came, and as a value of its type, both SQL. */
export interface ColumnPlace {
  readonly raw: string;
  /** NULL where the raw value is not one of the column's type. */
  readonly value: string;
  /** Whether every raw value is one of the column's type. @default false */
  readonly isTotal?: boolean;
  /** The raw values that are values of the column's type. @default they are not in one band */
  readonly band?: Band | undefined;
}

/** Where the values of a row are found that only rules over several columns read, both SQL. */
export interface RowPlace {
  /** What has the columns under their names, its numbers as DOUBLE. */
  readonly row: string;
  /** The position of the first row with the same values of the columns of `unique`; NULL where that is the row itself. */
  readonly repeated: string;
}

type Contracted = Pick<DatasetSpec, "columns" | "eventTime" | "contract">;

/** Whether rows are held to more than that they can be held at all: every value of its type, and a time. */
export function isStrict({ contract }: Pick<DatasetSpec, "contract">): boolean {
  return contract.violations !== "accept";
}

/** The rules for each column by itself, in the order of the columns. */
export function planRules(spec: Contracted, places: readonly ColumnPlace[]): Rule[] {
  return eachColumn(spec, places, (column, place) => {
    const rule = ([reason, broken]: Condition): Rule => ({
      column: column.name,
      columns: [column.name],
      reason,
      broken,
    });
    const rules = [rule([`is not ${describeValue(column)}`, `(${place.raw} IS NOT NULL AND ${place.value} IS NULL)`])];
    if (isRequired(column, spec)) rules.push(rule(["is null", `(${place.raw} IS NULL)`]));
    if (isStrict(spec)) rules.push(...planBounds(column, place.value).map(rule));
    return rules;
  });
}

/** The rules over several columns, or of one over several rows: what must not repeat, then the rules of the contract's own. */
export function planRowRules({ contract, ...spec }: Contracted, place: RowPlace): Rule[] {
  if (!isStrict({ contract })) return [];
  const { unique = [], rules = [] } = contract;
  const column = unique.join(", ");
  const said = `${quoteText(`${column} repeats row `)} || ${place.repeated}`;
  const window = (): never => {
    throw new TypeError("a rule has no window");
  };
  return [
    ...(unique.length > 0
      ? [{ column, columns: unique, reason: repeats, broken: `(${place.repeated} IS NOT NULL)`, said }]
      : []),
    ...rules.map(({ name, expression }) => {
      const read = new Set(listReads(expression).map(({ column }) => column));
      const columns = spec.columns.map(({ name }) => name).filter((name) => read.has(name));
      const holds = compileExpression(expression, { row: place.row, window });
      return { column: "", columns, reason: name, broken: `(NOT ${holds})` };
    }),
  ];
}

/** What is said of the columns of `unique`, whichever row is repeated. */
export const repeats = "repeats an earlier row";

/**
 * Conditions, SQL, that are all true of a row that breaks none of the rules that `planRules` has, and of no other. They say
 * the same in far fewer words, for they are asked of every row, and the rules themselves of bad rows alone.
 */
export function planKept(spec: Contracted, places: readonly ColumnPlace[]): string[] {
  return eachColumn(spec, places, (column, { raw, value, isTotal = false, band }) => {
    const own: Limits = isStrict(spec) ? column : { type: column.type };
    if (band) return planKeptBand(own, { band, value, isRequired: isRequired(column, spec) });
    const limits = planLimits(own, value);
    // A raw value that is none of the type has no value, as a null has; and of no value no limit is true.
    if (isRequired(column, spec)) return limits.length > 0 ? limits : [`(${value} IS NOT NULL)`];
    const typed = isTotal ? [] : [`((${raw} IS NULL) = (${value} IS NULL))`];
    return [...typed, ...limits.map((limit) => `(${limit} IS NOT FALSE)`)];
  });
}

/** What is of the type is then within limits of the raw value, and so is what is within the column's own. */
function planKeptBand({ min, max, ...others }: Limits, { band, value, isRequired }: KeptBand): string[] {
  const { type } = others;
  const [least, most] = type === "integer" ? [min && Math.ceil(min), max && Math.floor(max)] : [min, max];
  const quote = type === "integer" ? quoteInteger : quoteNumber;
  const low = typeof band.low === "string" ? band.low : quote(Math.max(band.low, least ?? band.low));
  const high = typeof band.high === "string" ? band.high : quote(Math.min(band.high, most ?? band.high));
  const between = `(${band.sql} BETWEEN ${low} AND ${high})`;
  const { besides } = band;
  // Where the column has no limits of its own, what has to be true besides says all.
  const within =
    besides === undefined ? [between] : [besides, ...(least === most && least === undefined ? [] : [between])];
  const kept = [...within, ...planLimits(others, value)];
  return isRequired ? kept : kept.map((limit) => `(${limit} IS NOT FALSE)`);
}

interface KeptBand {
  readonly band: Band;
  readonly value: string;
  readonly isRequired: boolean;
}

function eachColumn<T>(
  { columns }: Contracted,
  places: readonly ColumnPlace[],
  plan: (column: ColumnSpec, place: ColumnPlace) => T[],
): T[] {
  return columns.flatMap((column, index) => {
    const place = places[index];
    return place ? plan(column, place) : [];
  });
}

const nouns: Readonly<Record<ColumnSpec["type"], string>> = {
  string: "a text",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
  timestamp: "a time",
  vector: "a vector",
};

/** What a value of a column is. */
function describeValue({ type, length }: Pick<ColumnSpec, "type" | "length">): string {
  return length === undefined ? nouns[type] : `an array of ${length} numbers`;
}

function isRequired(column: ColumnSpec, spec: Contracted): boolean {
  return column.name === spec.eventTime || (isStrict(spec) && !column.nullable);
}

/** What a column is, and its own limits. */
type Limits = Pick<ColumnSpec, "type"> & Partial<ColumnSpec>;

type Condition = readonly [reason: string, broken: string];

/** The conditions of the column's own limits, each by itself. */
function planBounds(column: ColumnSpec, value: string): Condition[] {
  const { min, max, minLength, maxLength, values, patterns = [] } = column;
  const bounds: Condition[] = [];
  const [least, most] = findExtremes(column, value);
  const is = column.type === "vector" ? "has a number" : "is";
  if (min !== undefined) bounds.push([`${is} below ${min}`, `(${least} < ${quoteNumber(min)})`]);
  if (max !== undefined) bounds.push([`${is} above ${max}`, `(${most} > ${quoteNumber(max)})`]);
  // Both DuckDB and zod (from 4.6 on) count code points.
  const length = `length(${value})`;
  if (minLength !== undefined) bounds.push([`is shorter than ${minLength}`, `(${length} < ${minLength})`]);
  if (maxLength !== undefined) bounds.push([`is longer than ${maxLength}`, `(${length} > ${maxLength})`]);
  for (const pattern of patterns) bounds.push([`does not match ${pattern}`, `(NOT ${planPattern(pattern, value)})`]);
  if (values)
    bounds.push([
      "is none of its values",
      values.length > 0 ? `(${value} NOT IN (${values.map(quoteText).join(", ")}))` : `(${value} IS NOT NULL)`,
    ]);
  return bounds;
}

/** What bounds are asked of: the value, or the least and the largest number of a vector. */
function findExtremes({ type }: Pick<ColumnSpec, "type">, value: string): readonly [least: string, most: string] {
  return type === "vector" ? [`list_min(${value})`, `list_max(${value})`] : [value, value];
}

/** Conditions that are true of a value within its limits and null of none: both ends of a band are one. */
function planLimits(own: Limits, value: string): string[] {
  const { type, min, max, minLength, maxLength, values, patterns = [] } = own;
  const [low, high] = type === "integer" ? [min && Math.ceil(min), max && Math.floor(max)] : [min, max];
  return [
    ...planNumbers(own, value, [low, high]),
    ...planBand(`length(${value})`, [minLength, maxLength], String),
    ...patterns.map((pattern) => `(${planPattern(pattern, value)})`),
    // No value is other than itself, and a null is neither.
    ...(values
      ? [values.length > 0 ? `(${value} IN (${values.map(quoteText).join(", ")}))` : `(${value} <> ${value})`]
      : []),
  ];
}

function planNumbers(own: Limits, value: string, [low, high]: Ends): string[] {
  if (own.type !== "vector") return planBand(value, [low, high], own.type === "integer" ? quoteInteger : quoteNumber);
  const [least, most] = findExtremes(own, value);
  return [...planBand(least, [low, undefined], quoteNumber), ...planBand(most, [undefined, high], quoteNumber)];
}

/** An integer is compared with integers, which costs no conversion and may be known of a whole file by its statistics. */
function quoteInteger(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : quoteNumber(value);
}

/** Both ends of a band; one that is not there is open. */
type Ends = readonly [low: number | undefined, high: number | undefined];

function planBand(value: string, [low, high]: Ends, quote: (bound: number) => string): string[] {
  if (low !== undefined && high !== undefined) return [`(${value} BETWEEN ${quote(low)} AND ${quote(high)})`];
  if (low !== undefined) return [`(${value} >= ${quote(low)})`];
  return high === undefined ? [] : [`(${value} <= ${quote(high)})`];
}

function planPattern(pattern: string, value: string): string {
  const translation = translatePattern(parsePattern(pattern));
  if ("unsupported" in translation) throw new TypeError(`${pattern} is ${translation.unsupported}`);
  return `regexp_matches(${value}, ${quoteText(translation.re2)})`;
}
