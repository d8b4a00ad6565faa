/**
 * Conversions: how a value of a source becomes a value of the schema's type, or NULL when it is none. Nothing is rounded,
 * cut or guessed: a conversion either keeps the value or refuses it.
 *
 * | schema's type | Parquet | CSV | JSON |
 * |---|---|---|---|
 * | string | text, enum, uuid | the text; an empty cell without quotes is null | string |
 * | integer | integers; floats and decimals without a fraction | JSON's grammar of numbers, a fraction of zeros only | number without a fraction |
 * | number | integers up to 2^53, finite floats, decimals | JSON's grammar of numbers | number |
 * | boolean | boolean | true or false, in any case | true or false |
 * | timestamp | timestamps, dates, ISO 8601 text | ISO 8601 text | ISO 8601 string |
 * | vector | list or array of what a number takes | JSON text: `"[0.5,-1]"` | array of numbers |
 *
 * Integers lie within ±(2^53 − 1), timestamps within the years 1 to 9999; a time without an offset is UTC, a date is its
 * midnight, and digits beyond the microsecond are dropped: the one loss. A vector has as many numbers as its column says, none
 * of them null.
 * @module
 */
import type { ColumnSpec } from "../definitions/spec.ts";

type ColumnType = ColumnSpec["type"];
/** What a value has to be. A vector without a length has any. */
type Wanted = Pick<ColumnSpec, "type" | "length">;

/**
 * A column of a source: where it is in SQL, and what it is: text to be parsed, JSON, DuckDB's type of a typed file, or absent
 * where the source lacks it, so that all of its values are null.
 */
export interface SourceColumn {
  readonly sql: string;
  readonly type: "text" | "json" | "absent" | (string & {});
}

const integers = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const fractions = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const texts = /^(VARCHAR|UUID|ENUM\(.*\))$/s;
const times = /^(DATE|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS)$/;

const safe = Number.MAX_SAFE_INTEGER;
const firstTime = "TIMESTAMP '0001-01-01'";
const lastTime = "TIMESTAMP '9999-12-31 23:59:59.999999'";
const integerText = "-?(?:0|[1-9][0-9]*)(?:\\.0+)?";
const numberText = "-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";
const dateText = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";
const clockText = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{1,9})?)?";
const offsetText = "(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])";

/** The SQL of a column's values in the schema's type, or nothing when its type cannot hold any. */
export function convertColumn(wanted: Wanted, column: SourceColumn): string | undefined {
  const { type } = wanted;
  if (column.type === "absent") return `CAST(NULL AS ${sqlTypes[type]})`;
  if (type === "vector") return convertVector(wanted, column);
  if (column.type === "text") return fromText[type](column.sql);
  if (column.type === "json") return fromJson(type, column.sql);
  return fromTyped(type, column);
}

/** Whether a conversion keeps every value that a column can have. */
export function isTotal(type: ColumnType, column: SourceColumn): boolean {
  if (column.type === "absent") return true;
  if (column.type === "json") return false;
  return type === "string" || (type === "boolean" && column.type === "BOOLEAN");
}

/** Raw values in their order, of which a conversion keeps those between two ends, with these, and no other. */
export interface Band {
  /** SQL: what is compared. */
  readonly sql: string;
  /** A number, or SQL of a time. */
  readonly low: number | string;
  readonly high: number | string;
  /**
   * SQL: what has to be true besides. The engine takes a comparison for true that the statistics of a file make so, and those
   * of fractions do not count NaN. @default nothing
   */
  readonly besides?: string;
}

/** The band of what a conversion keeps, where it is one. */
export function findBand(type: ColumnType, { sql, type: given }: SourceColumn): Band | undefined {
  if (type === "number" && fractions.test(given)) {
    const double = `CAST(${sql} AS DOUBLE)`;
    return { sql: double, low: -Number.MAX_VALUE, high: Number.MAX_VALUE, besides: `isfinite(${double})` };
  }
  if (type === "integer" && integers.test(given)) return { sql, low: -safe, high: safe };
  if (type === "timestamp" && times.test(given))
    return { sql: `CAST(${sql} AS TIMESTAMP)`, low: firstTime, high: lastTime };
  return undefined;
}

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  string: "VARCHAR",
  integer: "BIGINT",
  number: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  vector: "DOUBLE[]",
};

/** The SQL of a value as it came, as text, for the quarantine and for messages. */
export function showRaw(column: SourceColumn): string {
  return column.type === "json" ? `(${column.sql} ->> '$')` : `CAST(${column.sql} AS VARCHAR)`;
}

type Single = Exclude<ColumnType, "vector">;

/** Every number of a list is converted by itself; where one is none, or there are not as many, the list is none. */
function convertVector({ length }: Wanted, { sql, type: given }: SourceColumn): string | undefined {
  const toVector = (list: string, number: string): string => {
    const numbers = `list_transform(${list}, lambda element: ${number})`;
    const count = `list_count(${numbers})`;
    const isWhole = `len(${list}) = ${length ?? count} AND ${count} = len(${list})`;
    return `CASE WHEN ${isWhole} THEN ${numbers} END`;
  };
  const ofJson = (json: string): string => {
    const list = `CAST(CASE WHEN json_type(${json}) = 'ARRAY' THEN ${json} END AS JSON[])`;
    return toVector(list, fromJson("number", "element"));
  };
  if (given === "json") return ofJson(sql);
  // DuckDB's JSON knows NaN, and JSON does not: it is no finite number.
  if (given === "text") return ofJson(`TRY_CAST(${sql} AS JSON)`);
  const element = /^(.+)\[\d*\]$/s.exec(given)?.[1];
  const number = element === undefined ? undefined : fromTyped("number", { sql: "element", type: element });
  return number === undefined ? undefined : toVector(`CAST(${sql} AS ${element}[])`, number);
}

const fromText: Readonly<Record<Single, (text: string) => string>> = {
  string: (text) => text,
  integer: (text) => `CASE WHEN ${matches(text, integerText)} THEN ${safely(`TRY_CAST(${text} AS BIGINT)`)} END`,
  number: (text) => `CASE WHEN ${matches(text, numberText)} THEN ${finitely(`TRY_CAST(${text} AS DOUBLE)`)} END`,
  boolean: (text) => `CASE lower(${text}) WHEN 'true' THEN true WHEN 'false' THEN false END`,
  timestamp: (text) =>
    // A cast to TIMESTAMP would silently drop an offset, so a text that has one takes the other way.
    `CASE WHEN ${matches(text, `${dateText}(?:[ T]${clockText})?`)} THEN ${inYears(`TRY_CAST(${text} AS TIMESTAMP)`)}` +
    ` WHEN ${matches(text, `${dateText}[ T]${clockText}${offsetText}`)} THEN ${inYears(asUtc(`TRY_CAST(${text} AS TIMESTAMPTZ)`))} END`,
};

function fromJson(type: Single, json: string): string {
  const when = (kinds: string, value: string) => `CASE WHEN json_type(${json}) IN (${kinds}) THEN ${value} END`;
  const number = `TRY_CAST(CAST(${json} AS VARCHAR) AS DOUBLE)`;
  switch (type) {
    case "string":
      return when("'VARCHAR'", `${json} ->> '$'`);
    case "boolean":
      return when("'BOOLEAN'", `CAST(${json} AS VARCHAR) = 'true'`);
    case "integer":
      return when("'BIGINT', 'UBIGINT', 'DOUBLE'", wholly(number));
    case "number":
      return when("'BIGINT', 'UBIGINT', 'DOUBLE'", finitely(number));
    case "timestamp":
      return when("'VARCHAR'", fromText.timestamp(`(${json} ->> '$')`));
  }
}

function fromTyped(type: Single, { sql, type: given }: SourceColumn): string | undefined {
  switch (type) {
    case "string":
      return texts.test(given) ? `CAST(${sql} AS VARCHAR)` : undefined;
    case "boolean":
      return given === "BOOLEAN" ? sql : undefined;
    case "integer":
      if (integers.test(given)) return safely(sql);
      // A bound is no FLOAT: as one it would be rounded to 2^53.
      return fractions.test(given) ? wholly(given === "FLOAT" ? `CAST(${sql} AS DOUBLE)` : sql) : undefined;
    case "number":
      if (integers.test(given))
        return `CASE WHEN ${sql} BETWEEN -${2 ** 53} AND ${2 ** 53} THEN CAST(${sql} AS DOUBLE) END`;
      return fractions.test(given) ? finitely(`CAST(${sql} AS DOUBLE)`) : undefined;
    case "timestamp":
      if (times.test(given)) return inYears(`CAST(${sql} AS TIMESTAMP)`);
      if (given === "TIMESTAMP WITH TIME ZONE") return inYears(asUtc(sql));
      return given === "VARCHAR" ? fromText.timestamp(sql) : undefined;
  }
}

function matches(text: string, pattern: string): string {
  return `regexp_full_match(${text}, '${pattern}')`;
}

function safely(integer: string): string {
  return `CASE WHEN ${integer} BETWEEN -${safe} AND ${safe} THEN CAST(${integer} AS BIGINT) END`;
}

function wholly(fraction: string): string {
  return `CASE WHEN ${fraction} BETWEEN -${safe} AND ${safe} AND trunc(${fraction}) = ${fraction} THEN CAST(${fraction} AS BIGINT) END`;
}

/**
 * What is not finite is null, as what overflowed is. A sum with zero, so that −0 becomes 0: the two are equal in every order
 * and would make one row's bytes two.
 */
export function finitely(double: string): string {
  return `CASE WHEN isfinite(${double}) THEN ${double} + CAST(0 AS DOUBLE) END`;
}

function inYears(timestamp: string): string {
  return `CASE WHEN ${timestamp} BETWEEN ${firstTime} AND ${lastTime} THEN ${timestamp} END`;
}

function asUtc(timestamptz: string): string {
  return `make_timestamp(epoch_us(${timestamptz}))`;
}
