import { describe, expect, it } from "vitest";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { type TestColumn, testSpec, useIngest } from "./ingesting.ts";
import { type Case, createIngestCases, outcome } from "./judged-cases.ts";

const data = useIngest();
const ingestCases = createIngestCases(data);
const vector = "is not an array of 2 numbers";
const column: TestColumn = { name: "x", type: "vector", length: 2, nullable: true };
const parquet: Partial<DatasetSpec> = { source: { kind: "file", format: "parquet", path: "x" } };

describe("a vector", () => {
  it.each<[string, TestColumn, Case[]]>([
    [
      "is a vector as JSON writes an array of as many finite numbers",
      column,
      [
        ['"[0.1,-2e3]"', [0.1, -2000]],
        ['" [ -0 , 5e-324 ] "', [0, 5e-324]],
        ["", null],
        ['"[1]"', "✖", vector],
        ['"[1,2,3]"', "✖", vector],
        ['"[1,null]"', "✖", vector],
        ['"[1,NaN]"', "✖", vector],
        ['"[1,1e400]"', "✖", vector],
        ['"[1,[2]]"', "✖", vector],
        ['"[1,""2""]"', "✖", vector],
        ['"[1,2"', "✖", vector],
        ['"1,2"', "✖", vector],
        ["null", "✖", vector],
      ],
    ],
    [
      "has bounds that are those of each of its numbers",
      { ...column, nullable: false, min: -1, max: 1.5 },
      [
        ['"[-1,1.5]"', [-1, 1.5]],
        ['"[0,-1.1]"', "✖", "has a number below -1"],
        ['"[1.6,0]"', "✖", "has a number above 1.5"],
        ['"[1.6]"', "✖", vector],
        ["", "✖", "is null"],
      ],
    ],
  ])("of a CSV file %s", async (_, column, cases) => {
    expect(await ingestCases(column, cases, "csv")).toEqual(outcome(cases));
  });

  it("of a JSON file is an array of as many finite numbers, and nothing that looks like it", async () => {
    const cases: Case[] = [
      ["[0.1, 9007199254740993]", [0.1, 9007199254740992]],
      ["[-0, 123456789012345678901234567890]", [0, 1.2345678901234568e29]],
      ["null", null],
      ["", null],
      ["[]", "✖", vector],
      ["[1, 2, 3]", "✖", vector],
      ["[1, null]", "✖", vector],
      ["[1, true]", "✖", vector],
      ["[[1, 2]]", "✖", vector],
      ["[1, [2]]", "✖", vector],
      ['[1, "2"]', "✖", vector],
      ['"[1, 2]"', "✖", vector],
      ['{"0": 1, "1": 2}', "✖", vector],
      ["1", "✖", vector],
    ];
    expect(await ingestCases(column, cases, "json")).toEqual(outcome(cases));
  });

  it.each<[sql: string, becomes: unknown[]]>([
    [
      "SELECT unnest([[1.5, 2], [1], NULL, [1, NULL], ['nan'::FLOAT, 1], []]::FLOAT[][])",
      [[1.5, 2], "✖", null, "✖", "✖", "✖"],
    ],
    ["SELECT unnest([[0.1, -0.0], [1, 'inf'::DOUBLE]]::DOUBLE[2][])", [[0.1, 0], "✖"]],
    ["SELECT unnest([[1, 2], [9007199254740993, 1]]::BIGINT[][])", [[1, 2], "✖"]],
    ["SELECT unnest([[0.10, 2.50]]::DECIMAL(10, 2)[][])", [[0.1, 2.5]]],
  ])("of a Parquet file is read from %s", async (sql, becomes) => {
    const path = await data.write("");
    const rows = `SELECT TIMESTAMP '2024-01-01' + INTERVAL (row_number() OVER ()) SECOND AS t, x FROM (${sql}) _(x)`;
    await data.duckDb((db) => db.run(`COPY (${rows}) TO '${path}' (FORMAT parquet)`));
    for (const violations of ["quarantine", "accept"] as const) {
      const contract = { violations, tolerance: 1 };
      const taken = await data.take(testSpec([column], { ...parquet, contract }), path);
      const apart = new Map(taken.quarantined.map(({ __position }) => [Number(__position) - 1, "✖"]));
      const good = taken.rows.map(({ x }) => x);
      expect(becomes.map((_, index) => apart.get(index) ?? good.shift())).toEqual(becomes);
    }
  });

  it.each(["DOUBLE", "VARCHAR", "VARCHAR[]", "DOUBLE[][]"])(
    "of a Parquet file is never read from %s",
    async (given) => {
      const path = await data.write("");
      await data.duckDb((db) => db.run(`COPY (SELECT now() AS t, NULL::${given} AS x) TO '${path}' (FORMAT parquet)`));
      await expect(data.ingest(testSpec([column], parquet), path)).rejects.toMatchObject({
        problems: [{ code: "source-column-type", at: "things.source", got: given }],
      });
    },
  );
});
