/**
 * Generated columns for comparing zod with SQL: a schema, and values of which most are on or beside one of its boundaries.
 * @module
 */
import { DuckDBTimestampValue } from "@duckdb/node-api";
import { z } from "zod";
import type { Dice } from "./dice.ts";

/** What is in a file, and what the same is to zod: a value of JavaScript, or one that is of no type at all. */
export interface Cell {
  readonly file: unknown;
  readonly value: unknown;
}

/** A column: its schema, DuckDB's type in a Parquet file, and values for it. */
export interface Column {
  readonly schema: z.ZodType;
  readonly stored: "VARCHAR" | "DOUBLE" | "FLOAT" | "BIGINT" | "BOOLEAN" | "TIMESTAMP" | "DOUBLE[]";
  readonly cell: () => Cell;
}

const same = (value: unknown): Cell => ({ file: value, value });

const letters = [
  "a",
  "Z",
  "ä",
  "ß",
  "é",
  "e\u0301",
  "😀",
  "👩‍🚀",
  "\u0000",
  '"',
  "'",
  "\\",
  "\n",
  "\u200d",
  "\ufeff",
  "\u{10ffff}",
  "𝒳",
  " ",
];

function stringColumn(dice: Dice): Column {
  const low = dice.whole(0, 4);
  const high = low + dice.whole(0, 3);
  const schema = dice.pick([
    () => z.string(),
    () => z.string().min(low),
    () => z.string().max(high),
    () => z.string().min(low).max(high),
    () => z.string().length(low),
    () => z.string().nonempty(),
  ])();
  const text = () => Array.from({ length: dice.whole(0, high + 1) }, () => dice.pick(letters)).join("");
  return { schema, stored: "VARCHAR", cell: () => same(text()) };
}

const patterns = [
  /^[a-zA-Z]*$/,
  /^[aZé😀]{1,3}$/u,
  /^.+$/u,
  /^\S*$/u,
  /\s/,
  /^(?:a|Z|[^\n"])*$/u,
  /a|ß|'/,
  /^\W{2,}$/u,
  /^$|\\/,
];

function patternColumn(dice: Dice): Column {
  const low = dice.whole(0, 2);
  const schema = dice.pick([
    () => z.string().regex(dice.pick(patterns)),
    () => z.string().regex(dice.pick(patterns)).min(low),
    () =>
      z
        .string()
        .regex(dice.pick(patterns))
        .regex(/^[^\u200d]*$/u),
  ])();
  const text = () => Array.from({ length: dice.whole(0, 4) }, () => dice.pick(letters)).join("");
  return { schema, stored: "VARCHAR", cell: () => same(text()) };
}

function enumColumn(dice: Dice): Column {
  const all = [
    "",
    "a",
    "A",
    "a ",
    "é",
    "e\u0301",
    "it's",
    '"',
    "null",
    "NULL",
    "😀",
    "\u0000",
    "a\u0000",
    "ß",
    "ss",
    "NaN",
    "\\",
  ];
  const values = all.filter(() => dice.chance(0.6));
  return {
    schema: z.enum(values.length > 0 ? values : ["a"]),
    stored: "VARCHAR",
    cell: () => same(dice.pick(dice.chance(0.85) && values.length > 0 ? values : all)),
  };
}

const oddNumbers = [
  0,
  -0,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  0.1,
  0.1 + 0.2,
  1 / 3,
  1.7976931348623157e308,
  1e21,
  -1e21,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53) + 1,
  -(2 ** 53),
  2 ** 63,
  -(2 ** 63),
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const oddIntegers = [
  0n,
  1n,
  -1n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) + 1n,
  -(2n ** 53n),
  2n ** 63n - 1n,
  -(2n ** 63n),
];

/** A neighbour among the doubles. */
function beside(value: number, dice: Dice): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0] = (bits[0] ?? 0n) + BigInt(dice.pick([-1, 0, 1]));
  return new Float64Array(bits.buffer)[0] ?? value;
}

function numberColumn(dice: Dice, format: "parquet" | "json"): Column {
  const isWhole = dice.chance(0.5);
  const stored = format === "json" ? "DOUBLE" : dice.pick(["DOUBLE", "DOUBLE", "FLOAT", "BIGINT"] as const);
  // Between bounds that are close no FLOAT and no integer may lie.
  const isFine = stored === "DOUBLE" && !isWhole;
  const low = isWhole ? dice.whole(-9, 9) : dice.pick(isFine ? [0.1 + 0.2, 5e-324, -1e300, -0.1] : [-1.5, -0.1, 0]);
  const high = low + (isWhole ? dice.whole(0, 9) : dice.pick(isFine ? [0, 0.3, 1e6] : [1e6]));
  const base = isWhole ? dice.pick([z.int(), z.number().int()]) : z.number();
  const [schema, from, to] = dice.pick<readonly [z.ZodType, number, number]>([
    [base, low, high],
    [base.min(low), low, high],
    [base.max(high), low, high],
    [base.min(low).max(high), low, high],
    isWhole ? [base.gt(low - 0.5).lt(high + 1), low, high] : [base.nonnegative(), -0.1, 1],
    isWhole ? [base.positive(), -1, 9] : [base.nonpositive(), -1, 0.1],
  ]);
  if (stored === "BIGINT") {
    const inside = () => BigInt(dice.whole(Math.ceil(from), Math.min(Math.floor(to), Math.ceil(from) + 20)));
    const integer = () =>
      dice.chance(0.06) ? dice.pick(oddIntegers) : inside() + dice.pick([0n, 0n, 0n, 0n, -1n, 1n]);
    // Beyond 2^53 not every integer is a number of JavaScript: there it is none.
    const toValue = (file: bigint) => (file >= -(2n ** 53n) && file <= 2n ** 53n ? Number(file) : file);
    return { schema, stored, cell: () => ((file) => ({ file, value: toValue(file) }))(integer()) };
  }
  const inside = () => (isWhole ? dice.whole(from, to) : from + dice.roll() * (to - from));
  const number = () => {
    if (dice.chance(0.06)) return dice.pick(oddNumbers);
    if (dice.chance(0.1)) return beside(dice.pick([from, to]), dice);
    return inside() + (isWhole && dice.chance(0.05) ? 0.5 : 0);
  };
  const round = stored === "FLOAT" ? Math.fround : (value: number) => value;
  return { schema, stored, cell: () => same(round(number())) };
}

export function vectorColumn(dice: Dice): Column {
  const length = dice.whole(1, 5);
  const element = dice.pick([z.number(), z.number().min(-1.5), z.number().min(-1).max(1.5)]);
  const number = () => (dice.chance(0.02) ? dice.pick([null, ...oddNumbers]) : dice.roll() * 2.5 - 1);
  const vector = () => Array.from({ length: length + (dice.chance(0.02) ? dice.pick([-1, 1]) : 0) }, number);
  return { schema: z.array(element).length(length), stored: "DOUBLE[]", cell: () => same(vector()) };
}

function booleanColumn(dice: Dice): Column {
  return { schema: z.boolean(), stored: "BOOLEAN", cell: () => same(dice.chance(0.5)) };
}

const start = BigInt(new Date("0001-01-01T00:00:00Z").getTime()) * 1000n;
const end = BigInt(new Date("9999-12-31T23:59:59.999Z").getTime()) * 1000n + 999n;
const oddTimes = [
  0n,
  -1n,
  1n,
  -1000n,
  999n,
  start,
  start - 1n,
  end,
  end + 1n,
  -(2n ** 62n),
  2n ** 62n,
  DuckDBTimestampValue.PosInf.micros,
  DuckDBTimestampValue.NegInf.micros,
];
const invalid = new Date(Number.NaN);

export function timeColumn(dice: Dice, format: "parquet" | "json"): Column {
  const moment = () =>
    dice.chance(0.1)
      ? dice.pick(oddTimes)
      : BigInt(dice.whole(-(2 ** 41), 2 ** 42)) * 1000n + BigInt(dice.whole(0, 999));
  // On the wire a moment is of the years 1 to 9999, to the millisecond in JavaScript.
  const asDate = (us: bigint) => (us >= start && us <= end ? new Date(Number(us / 1000n)) : invalid);
  if (format === "parquet" && dice.chance(0.6)) {
    return {
      schema: z.date(),
      stored: "TIMESTAMP",
      cell: () => ((us) => ({ file: new DuckDBTimestampValue(us), value: asDate(us) }))(moment()),
    };
  }
  const right = () => {
    const date = asDate(moment());
    if (Number.isNaN(date.getTime())) return { file: "+010000-01-01T00:00:00Z", value: invalid };
    const text = date.toISOString();
    const file = dice.pick([text, text.replace("T", " "), text.replace("Z", "+00:00"), text.replace("Z", "")]);
    return { file, value: date };
  };
  const wrong = [
    "",
    "2023-02-29",
    "2024-02-30T00:00:00Z",
    "2024-13-01",
    "2024-01-01T24:00:00Z",
    "2024-01-01T23:60:00Z",
    "0000-12-31",
    "10000-01-01",
    "now",
    "infinity",
    "epoch",
    "1709164800",
    "2024-1-1",
    "2024-01-01T00:00:00+25:00",
    "９９９９-01-01",
    " 2024-01-01",
    "2024-01-01\u0000",
  ];
  return {
    schema: z.date(),
    stored: "VARCHAR",
    cell: () => (dice.chance(0.06) ? ((file) => ({ file, value: invalid }))(dice.pick(wrong)) : right()),
  };
}

export const makers = [
  stringColumn,
  stringColumn,
  patternColumn,
  enumColumn,
  numberColumn,
  numberColumn,
  booleanColumn,
  timeColumn,
];

/** Lets a column lack values, or not. Either way some do. */
export function maybe(column: Column, dice: Dice): Column {
  const { schema, cell } = column;
  const [wrapped, missing] = dice.pick<readonly [z.ZodType, unknown]>([
    [schema, null],
    [schema, undefined],
    [schema.optional(), undefined],
    [schema.nullable(), null],
    [schema.nullish(), dice.pick([null, undefined])],
    [schema.exactOptional(), undefined],
  ]);
  const share = wrapped === schema ? 0.01 : 0.1;
  return { ...column, schema: wrapped, cell: () => (dice.chance(share) ? { file: null, value: missing } : cell()) };
}
