import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { SourceFormat } from "../../framework/definitions/source-format.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { takeCount } from "../support/drawn.ts";
import { type TestColumn, testSpec, useIngest } from "./ingesting.ts";
import { type Case, createIngestCases, outcome } from "./judged-cases.ts";

const data = useIngest();
const ingestCases = createIngestCases(data);

type Format = SourceFormat;
const from = (format: Format): Partial<DatasetSpec> => ({ source: { kind: "file", format, path: "x" } });

const integer = "is not an integer";
const number = "is not a number";
const boolean = "is not true or false";
const time = "is not a time";
const text = "is not a text";

describe("a cell of a CSV file", () => {
  it.each<[string, TestColumn, Case[]]>([
    [
      "is an integer by JSON's grammar, within what a double holds exactly",
      { name: "x", type: "integer" },
      [
        ["0", "0"],
        ["-12", "-12"],
        ["7.00", "7"],
        ["9007199254740991", "9007199254740991"],
        ["9007199254740992", "✖", integer],
        ["99999999999999999999", "✖", integer],
        ["1.5", "✖", integer],
        ["007", "✖", integer],
        ["+1", "✖", integer],
        ["1e3", "✖", integer],
        [" 1", "✖", integer],
        ["0x10", "✖", integer],
        ['""', "✖", integer],
        ["", "✖", "is null"],
      ],
    ],
    [
      "is a number by JSON's grammar, finite",
      { name: "x", type: "number", nullable: true },
      [
        ["1.5", 1.5],
        ["-0", 0],
        ["1e3", 1000],
        ["1e400", "✖", number],
        ["NaN", "✖", number],
        ["inf", "✖", number],
        ['"1,5"', "✖", number],
        ["", null],
      ],
    ],
    [
      "is true or false, and nothing that only means it",
      { name: "x", type: "boolean" },
      [
        ["true", true],
        ["False", false],
        ["1", "✖", boolean],
        ["yes", "✖", boolean],
        ["t", "✖", boolean],
      ],
    ],
    [
      "is a time in ISO 8601, UTC unless it says otherwise",
      { name: "x", type: "timestamp" },
      [
        ["2024-02-29", "2024-02-29 00:00:00"],
        ["2024-02-29T10:30", "2024-02-29 10:30:00"],
        ["2024-02-29 10:30:15.25", "2024-02-29 10:30:15.25"],
        ["2024-02-29T10:30:15Z", "2024-02-29 10:30:15"],
        ["2024-02-29T00:30:00+02:00", "2024-02-28 22:30:00"],
        ["2024-02-29T23:30:00-0800", "2024-03-01 07:30:00"],
        ["9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999"],
        ["9999-12-31T23:59:59-01:00", "✖", time],
        ["0000-01-01", "✖", time],
        ["2023-02-29", "✖", time],
        ["2024-02-29T24:00:00", "✖", time],
        ["2024/02/29", "✖", time],
        ["29.2.2024", "✖", time],
        ["infinity", "✖", time],
        ["now", "✖", time],
        ["1709164800", "✖", time],
      ],
    ],
    [
      "is the text it is, and null only when it is empty without quotes",
      { name: "x", type: "string", nullable: true },
      [
        ["plain", "plain"],
        ['"with ""quotes"", comma"', 'with "quotes", comma'],
        [" kept ", " kept "],
        ["NULL", "NULL"],
        ['""', ""],
        ["", null],
      ],
    ],
  ])("%s", async (_, column, cases) => {
    expect(await ingestCases(column, cases, "csv")).toEqual(outcome(cases));
  });
});

describe("a field of a JSON file", () => {
  it.each<[TestColumn, Case[]]>([
    [
      { name: "x", type: "integer" },
      [
        ["1", "1"],
        ["1.0", "1"],
        ["1e3", "1000"],
        ["-0", "0"],
        ["1.5", "✖", integer],
        ['"1"', "✖", integer],
        ["true", "✖", integer],
        ["9007199254740993", "✖", integer],
        ["null", "✖", "is null"],
        ["", "✖", "is null"],
      ],
    ],
    [
      { name: "x", type: "number", nullable: true },
      [
        ["1", 1],
        ["0.1", 0.1],
        ['"0.1"', "✖", number],
        ["[1]", "✖", number],
        ["null", null],
        ["", null],
      ],
    ],
    [
      { name: "x", type: "boolean" },
      [
        ["true", true],
        ["false", false],
        ['"true"', "✖", boolean],
        ["0", "✖", boolean],
      ],
    ],
    [
      { name: "x", type: "string" },
      [
        ['"a\\"b"', 'a"b'],
        ['"null"', "null"],
        ["1", "✖", text],
        ["{}", "✖", text],
        ["null", "✖", "is null"],
      ],
    ],
    [
      { name: "x", type: "timestamp" },
      [
        ['"2024-02-29T00:30:00+02:00"', "2024-02-28 22:30:00"],
        ["1709164800000", "✖", time],
        ['""', "✖", time],
      ],
    ],
  ])("is read as $type without a guess", async (column, cases) => {
    expect(await ingestCases(column, cases, "json")).toEqual(outcome(cases));
  });
});

describe("a bound", () => {
  it.each<[string, Partial<TestColumn>, Case[]]>([
    [
      "of a number is inclusive",
      { type: "number", min: -0.1, max: 1.5 },
      [
        ["-0.1", -0.1],
        ["1.5", 1.5],
        ["-0.11", "✖", "is below -0.1"],
        ["1.51", "✖", "is above 1.5"],
      ],
    ],
    [
      "of an integer may have a fraction",
      { type: "integer", min: 0.5, max: 1e21 },
      [
        ["1", "1"],
        ["0", "✖", "is below 0.5"],
      ],
    ],
    [
      "of a length counts code points, as zod does",
      { type: "string", minLength: 2, maxLength: 3 },
      [
        ["ab", "ab"],
        ["äöü", "äöü"],
        ["😀😀😀", "😀😀😀"],
        ["e\u0301", "e\u0301"],
        ["a", "✖", "is shorter than 2"],
        ["😀", "✖", "is shorter than 2"],
        ["abcd", "✖", "is longer than 3"],
        ['""', "✖", "is shorter than 2"],
      ],
    ],
    [
      "of values is exact",
      { type: "string", values: ["it's", "b"] },
      [
        ["it's", "it's"],
        ["b", "b"],
        ["B", "✖", "is none of its values"],
        ["b ", "✖", "is none of its values"],
      ],
    ],
    [
      "is no bound for a null where there may be one",
      { type: "string", nullable: true, minLength: 1, values: ["a"] },
      [
        ["", null],
        ["a", "a"],
      ],
    ],
  ])("%s", async (_, column, cases) => {
    expect(await ingestCases({ name: "x", type: "string", ...column }, cases, "csv")).toEqual(outcome(cases));
  });
});

describe("a value with a NUL in it", () => {
  it("is one of the values of an enum, or none", async () => {
    const cases: Case[] = [
      ['"a\\u0000"', "a\0"],
      ['"a"', "✖", "is none of its values"],
    ];
    expect(await ingestCases({ name: "x", type: "string", values: ["a\0", "b"] }, cases, "json")).toEqual(
      outcome(cases),
    );
  });
});

describe("a column of a Parquet file", () => {
  it.each<[type: TestColumn["type"], sql: string, becomes: unknown[]]>([
    ["integer", "SELECT unnest([1, 2]::TINYINT[])", ["1", "2"]],
    ["integer", "SELECT unnest([1, NULL, 3]::DOUBLE[])", ["1", null, "3"]],
    ["integer", "SELECT unnest(['1.5', 'nan', 'inf', '3']::DOUBLE[])", ["✖", "✖", "✖", "3"]],
    ["integer", "SELECT unnest([9007199254740992, -9007199254740992, 3]::FLOAT[])", ["✖", "✖", "3"]],
    ["integer", "SELECT unnest([1.50, 2.00]::DECIMAL(10, 2)[])", ["✖", "2"]],
    ["integer", "SELECT unnest([1, 9007199254740993, -9007199254740992]::BIGINT[])", ["1", "✖", "✖"]],
    ["integer", "SELECT unnest([1, 18446744073709551615]::UBIGINT[])", ["1", "✖"]],
    ["number", "SELECT unnest(['1.5', 'nan', '-inf']::FLOAT[])", [1.5, "✖", "✖"]],
    ["number", "SELECT unnest([1, 9007199254740993]::BIGINT[])", [1, "✖"]],
    ["number", "SELECT unnest([0.10]::DECIMAL(10, 2)[])", [0.1]],
    ["boolean", "SELECT unnest([true, NULL])", [true, null]],
    ["string", "SELECT unnest(['a', 'b']::ENUM('a', 'b')[])", ["a", "b"]],
    ["timestamp", "SELECT unnest(['2024-01-01']::DATE[])", ["2024-01-01 00:00:00"]],
    [
      "timestamp",
      "SELECT unnest(['2024-01-01 10:00:00.123456', 'infinity']::TIMESTAMP[])",
      ["2024-01-01 10:00:00.123456", "✖"],
    ],
    ["timestamp", "SELECT unnest(['2024-01-01 10:00:00.123456789']::TIMESTAMP_NS[])", ["2024-01-01 10:00:00.123456"]],
    ["timestamp", "SELECT unnest(['2024-01-01 10:00:00+02', 'infinity']::TIMESTAMPTZ[])", ["2024-01-01 08:00:00", "✖"]],
    ["timestamp", "SELECT unnest(['2024-01-01T10:00:00+02:00', 'soon'])", ["2024-01-01 08:00:00", "✖"]],
  ])("is read as %s from %s", async (type, sql, becomes) => {
    const path = await data.write("");
    const rows = `SELECT TIMESTAMP '2024-01-01' + INTERVAL (row_number() OVER ()) SECOND AS t, x FROM (${sql}) _(x)`;
    await data.duckDb((db) => db.run(`COPY (${rows}) TO '${path}' (FORMAT parquet)`));
    const spec = testSpec([{ name: "x", type, nullable: true }], from("parquet"));
    const taken = await data.take(spec, path);
    const apart = new Map(taken.quarantined.map(({ __position }) => [Number(__position) - 1, "✖"]));
    const good = taken.rows.map(({ x }) => x);
    expect(becomes.map((_, index) => apart.get(index) ?? good.shift())).toEqual(becomes);
  });

  it.each<[TestColumn["type"], string]>([
    ["number", "DOUBLE[]"],
    ["integer", "VARCHAR"],
    ["number", "BOOLEAN"],
    ["boolean", "INTEGER"],
    ["string", "INTEGER"],
    ["timestamp", "BIGINT"],
    ["timestamp", "TIME"],
    ["string", "BLOB"],
    ["string", "VARCHAR[]"],
  ])("of %s is never read from %s", async (type, given) => {
    const path = await data.write("");
    await data.duckDb((db) => db.run(`COPY (SELECT now() AS t, NULL::${given} AS x) TO '${path}' (FORMAT parquet)`));
    await expect(data.ingest(testSpec([{ name: "x", type }], from("parquet")), path)).rejects.toMatchObject({
      problems: [{ code: "source-column-type", at: "things.source", got: given }],
    });
  });
});

describe("zod and SQL", () => {
  it("give the same verdict on every row", async () => {
    const shape = z.object({
      text: z.string().min(2).max(4),
      letter: z.enum(["a", "b", ""]).nullable(),
      whole: z.int().min(-5).max(5),
      large: z.int().nullable(),
      number: z.number().min(-1.5).max(2.5),
      flag: z.boolean(),
    });
    const spec = testSpec(
      [
        { name: "text", type: "string", minLength: 2, maxLength: 4 },
        { name: "letter", type: "string", values: ["a", "b", ""], nullable: true },
        { name: "whole", type: "integer", min: -5, max: 5 },
        { name: "large", type: "integer", nullable: true },
        { name: "number", type: "number", min: -1.5, max: 2.5 },
        { name: "flag", type: "boolean" },
      ],
      from("json"),
    );
    const odd = fc.oneof(
      fc.constantFrom(
        null,
        true,
        "",
        "1",
        "true",
        [],
        {},
        [1],
        0.5,
        -0,
        5e-324,
        1e300,
        2 ** 53,
        2 ** 53 - 1,
        -(2 ** 53),
        1e21,
      ),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const mostly = <T>(value: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 15, arbitrary: value }, { weight: 1, arbitrary: odd });
    const characters = fc.string({
      unit: fc.constantFrom("a", "ä", "😀", "e\u0301", "\u0000", '"'),
      minLength: 1,
      maxLength: 5,
    });
    const row = fc.record({
      text: mostly(characters),
      letter: mostly(fc.constantFrom("a", "b", "", null)),
      whole: mostly(fc.integer({ min: -6, max: 6 })),
      large: mostly(fc.maxSafeInteger()),
      number: mostly(fc.double({ min: -1.6, max: 2.6, noNaN: true })),
      flag: mostly(fc.boolean()),
    });
    const rows = fc.sample(row, { numRuns: takeCount(4000, 1500), seed: 20_240_229 });
    const path = await data.write(rows.map((value) => `${JSON.stringify({ t: "2024-01-01", ...value })}\n`).join(""));
    const { quarantined, version } = await data.take(spec, path);
    const refused = rows.flatMap((value, index) => (shape.safeParse(value).success ? [] : [index + 1]));
    expect(quarantined.map(({ __position }) => Number(__position))).toEqual(refused);
    expect(version.rows).toBe(rows.length - refused.length);
    // Neither verdict is a rarity, else agreement would say little.
    expect(Math.min(refused.length, version.rows)).toBeGreaterThan(rows.length / 8);
  });
});
