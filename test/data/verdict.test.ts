/**
 * zod and SQL give the same verdict on every row: 100,000 generated rows (a quarter in `npm test`) of generated schemas, most of their values on or
 * beside a boundary, taken in from Parquet and from JSON as any source is.
 * @module
 */

import { DOUBLE, type DuckDBTimestampValue, LIST } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeColumns } from "../../framework/definitions/column.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { takePart } from "../support/drawn.ts";
import { Dice } from "./dice.ts";
import { testSpec, useIngest } from "./ingesting.ts";
import { type Cell, type Column, makers, maybe, timeColumn, vectorColumn } from "./verdict-columns.ts";

const data = useIngest();
const rowsPerBatch = 2500;
const batches = [
  ...Array.from({ length: 30 }, (_, seed) => ["parquet", seed] as const),
  ...Array.from({ length: 10 }, (_, seed) => ["json", 1000 + seed] as const),
];

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
  it.each(takePart(batches, 10))("give the same verdict on every row of %s, schema %i", async (format, seed) => {
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
