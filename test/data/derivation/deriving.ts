/**
 * Deriving small tables: rows written as a version's parts have them, and what steps make of them read back.
 * @module
 */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll } from "vitest";
import { z } from "zod";
import { type DerivationWork, deriveRows } from "../../../framework/data/derivation/derive-rows.ts";
import type { FittedValue } from "../../../framework/data/derivation/fitted-value.ts";
import type { UpstreamRows } from "../../../framework/data/derivation/flow.ts";
import { copyToParquet, type OpenDuckDb, openDuckDb } from "../../../framework/data/duckdb.ts";
import { quoteName, quotePath, quoteText } from "../../../framework/data/sql.ts";
import type { DerivationStep } from "../../../framework/definitions/derivation-step.ts";
import { type TestColumn, testSpec } from "../ingesting.ts";
import { compare, type Row, type Value } from "./oracle.ts";

/** A table: its event time is `t`. */
export interface Table {
  readonly columns: readonly TestColumn[];
  readonly key?: readonly string[];
  readonly rows: readonly Row[];
}

export interface Derived {
  /** In the order in which they lie in the file. */
  readonly rows: Row[];
  readonly fitted: FittedValue[];
  readonly output: string;
}

const sqlTypes = {
  string: "VARCHAR",
  integer: "BIGINT",
  number: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  vector: "DOUBLE[]",
};

/** Gives the tests of a file a folder of their own, and a way to derive in it. */
export function useDerivation() {
  let folder = "";
  let turn = 0;
  // Small tables are many: one database writes and reads them all.
  let db: OpenDuckDb;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-derive-"));
    await mkdir(join(folder, "tables"));
    db = await openDuckDb(join(folder, "tables"));
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function write({ columns, key = [], rows }: Table): Promise<UpstreamRows> {
    const file = join(folder, "tables", `part-${++turn}.parquet`);
    const { columns: described } = testSpec(columns);
    const values = rows.map(
      (row) => `(${described.map(({ name, type }) => writeValue(row[name] ?? null, type)).join(", ")})`,
    );
    const names = described.map(({ name }) => quoteName(name)).join(", ");
    const typed = described.map(
      ({ name, type }) => `CAST(${quoteName(name)} AS ${sqlTypes[type]}) AS ${quoteName(name)}`,
    );
    const nothing = described.map(() => "NULL").join(", ");
    const table = `(VALUES ${values.join(", ") || `(${nothing})`}) AS v(${names})`;
    const query = `SELECT ${typed.join(", ")} FROM ${table}${rows.length === 0 ? " WHERE FALSE" : ""}`;
    await db.run(copyToParquet(query, file));
    return { columns: described, eventTime: "t", key, files: [file] };
  }

  return {
    folder: () => folder,
    leftovers: async () => (await readdir(folder)).filter((name) => name !== "tables"),
    /** Derives `columns` of a table, joined with others by their names. */
    async derive(
      table: Table,
      steps: readonly DerivationStep[],
      {
        others = {},
        gives = table.columns,
        ...change
      }: Partial<DerivationWork> & {
        readonly others?: Readonly<Record<string, Table>>;
        readonly gives?: readonly TestColumn[];
      } = {},
    ): Promise<Derived> {
      const upstream: Record<string, UpstreamRows> = { rows: await write(table) };
      for (const [name, other] of Object.entries(others)) upstream[name] = await write(other);
      const output = join(folder, "tables", `output-${++turn}.parquet`);
      const spec = testSpec(gives);
      const from = Object.keys(upstream);
      const fitted = await deriveRows({ spec, from, steps, upstream, output, workFolder: folder, ...change });
      const values = spec.columns.map(({ name, type }) =>
        type === "timestamp" ? `CAST(epoch_us(${quoteName(name)}) AS DOUBLE) AS ${quoteName(name)}` : quoteName(name),
      );
      const query = `SELECT ${values.join(", ")} FROM read_parquet(${quotePath(output)})`;
      const row = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
      return { rows: await db.rows(query, row), fitted, output };
    },
  };
}

function writeValue(value: Value, type: TestColumn["type"]): string {
  if (value === null) return "NULL";
  if (type === "timestamp") return `make_timestamp(${value})`;
  return typeof value === "string" ? quoteText(value) : String(value);
}

/** Rows as a set is compared: in the order of their values. */
export function sortRows(rows: readonly Row[], names: readonly string[]): Row[] {
  return rows
    .map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])))
    .sort((a, b) => names.map((name) => compare(a[name] ?? null, b[name] ?? null)).find((order) => order !== 0) ?? 0);
}

const texts = ["", "a", "B", "é", "😀", "O'Hare", "10"] as const;
export const columns = [
  { name: "n", type: "number", nullable: true },
  { name: "i", type: "integer", nullable: true },
  { name: "s", type: "string", nullable: true },
  { name: "b", type: "boolean", nullable: true },
] as const satisfies readonly TestColumn[];

const someRow = fc.record<Row>({
  t: fc.integer({ min: 0, max: 4 }).map((day) => day * 86_400_000_000),
  n: fc.option(fc.constantFrom(-2.5, -1, 0, 0.1, 0.2, 3, 1e15)),
  i: fc.option(fc.integer({ min: -2, max: 2 })),
  s: fc.option(fc.constantFrom<string>(...texts)),
  b: fc.option(fc.boolean()),
}) as fc.Arbitrary<Row>;

/** A few rows with ties, nulls, and rows that are there several times. */
export const someRows: fc.Arbitrary<Row[]> = fc
  .array(fc.tuple(someRow, fc.constantFrom(1, 1, 3)), { minLength: 1, maxLength: 14 })
  .map((rows) => rows.flatMap(([row, times]) => Array<Row>(times).fill(row)));
