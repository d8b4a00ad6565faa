/**
 * zod and SQL give the same verdict on every row: 100,000 generated rows of generated schemas, most of their values on or
 * beside a boundary, taken in from Parquet and from JSON as any source is.
 * @module
 */
import { DOUBLE, DuckDBTimestampValue, LIST } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeColumns } from "../../framework/definitions/column.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { Dice } from "./dice.ts";
import { testSpec, useIngest } from "./ingesting.ts";

const data = useIngest();
const rowsPerBatch = 2500;
const batches = [
  ...Array.from({ length: 30 }, (_, seed) => ["parquet", seed] as const),
  ...Array.from({ length: 10 }, (_, seed) => ["json", 1000 + seed] as const),
];

/** What is in a file, and what the same is to zod: a value of JavaScript, or one that is of no type at all. */
interface Cell {
  readonly file: unknown;
  readonly value: unknown;
}

/** A column: its schema, DuckDB's type in a Parquet file, and values for it. */
interface Column {
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

function vectorColumn(dice: Dice): Column {
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

function timeColumn(dice: Dice, format: "parquet" | "json"): Column {
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

const makers = [
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
function maybe(column: Column, dice: Dice): Column {
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

type Cells = Readonly<Record<string, Cell>>;

async function writeParquet(columns: Readonly<Record<string, Column>>, rows: readonly Cells[]): Promise<string> {
  const path = await data.write("");
  await data.duckDb(async ({ connection, run }) => {
    await run(
      `CREATE TABLE given (${Object.entries(columns)
        .map(([name, { stored }]) => `${name} ${stored}`)
        .join(", ")})`,
    );
    const appender = await connection.createAppender("given");
    for (const row of rows) {
      for (const [name, { stored }] of Object.entries(columns)) {
        const file = row[name]?.file;
        if (file === null) appender.appendNull();
        else if (stored === "VARCHAR") appender.appendVarchar(file as string);
        else if (stored === "BOOLEAN") appender.appendBoolean(file as boolean);
        else if (stored === "TIMESTAMP") appender.appendTimestamp(file as DuckDBTimestampValue);
        else if (stored === "BIGINT") appender.appendBigInt(file as bigint);
        else if (stored === "DOUBLE[]") appender.appendList(file as number[], LIST(DOUBLE));
        else if (stored === "FLOAT") appender.appendFloat(file as number);
        else appender.appendDouble(file as number);
      }
      appender.endRow();
    }
    appender.closeSync();
    await run(`COPY given TO '${path}' (FORMAT parquet)`);
  });
  return path;
}

/** JSON has no NaN and no infinity, so a number that is none is written as one that no double holds. */
function writeJson(rows: readonly Cells[]): Promise<string> {
  const lines = rows.map((row) => {
    const fields = Object.entries(row).flatMap(([name, { file, value }]) => {
      if (value === undefined) return [];
      return [`${JSON.stringify(name)}:${toJson(file)}`];
    });
    return `{${fields.join(",")}}\n`;
  });
  return data.write(lines.join(""));
}

function toJson(file: unknown): string {
  if (Array.isArray(file)) return `[${file.map(toJson).join(",")}]`;
  if (typeof file === "number" && !Number.isFinite(file)) return "1e999";
  return Object.is(file, -0) ? "-0" : JSON.stringify(file);
}

describe("zod and SQL", () => {
  it.each(batches)("give the same verdict on every row of %s, schema %i", async (format, seed) => {
    const dice = new Dice(seed);
    const columns: Record<string, Column> = { t: timeColumn(dice, format) };
    for (let i = dice.whole(2, 7); i > 0; i--) columns[`c${i}`] = maybe(dice.pick(makers)(dice, format), dice);
    if (seed % 2 === 0) columns["v"] = maybe(vectorColumn(dice), dice);
    const schema = z.object(Object.fromEntries(Object.entries(columns).map(([name, { schema }]) => [name, schema])));
    const rows = Array.from(
      { length: rowsPerBatch },
      (): Cells => Object.fromEntries(Object.entries(columns).map(([name, { cell }]) => [name, cell()])),
    );

    const spec: DatasetSpec = {
      ...testSpec([]),
      columns: describeColumns(schema, "things.schema", ({ what }) => expect.fail(what)),
      source: { kind: "file", format, path: "x" },
    };
    const path = await (format === "parquet" ? writeParquet(columns, rows) : writeJson(rows));
    const { version } = await data.ingest(spec, path);
    const reasons = new Map(
      (await data.readQuarantine(version)).map((row) => [Number(row["__position"]), row["__reasons"]]),
    );

    const differing = rows.flatMap((row, index) => {
      const given = Object.entries(row).flatMap(([name, { value }]) =>
        value === undefined ? [] : [[name, value] as const],
      );
      const { success, error } = schema.safeParse(Object.fromEntries(given));
      if (success !== reasons.has(index + 1)) return [];
      return [
        {
          row,
          zod: error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
          sql: reasons.get(index + 1),
        },
      ];
    });
    expect(differing.slice(0, 3)).toEqual([]);
    // Neither verdict is a rarity, else agreement would say little.
    expect(Math.min(reasons.size, version.rows)).toBeGreaterThan(rowsPerBatch / 100);
  });

  it("are asked about a hundred thousand rows", () => {
    expect(batches.length * rowsPerBatch).toBe(100_000);
  });
});
