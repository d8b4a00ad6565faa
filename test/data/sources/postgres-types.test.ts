import { describe, expect, it } from "vitest";
import type { DatasetVersion } from "../../../framework/data/dataset-version.ts";
import type { SourceListing } from "../../../framework/data/source-files.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { failure } from "../../support/failure.ts";
import { type TestColumn, testSpec, useIngest } from "../ingesting.ts";
import { useDatabase } from "./database.ts";

const { server, list } = useDatabase();
const ingesting = useIngest();

function specOf(columns: readonly TestColumn[], query: string, change: Partial<DatasetSpec> = {}): DatasetSpec {
  return testSpec(columns, { source: { kind: "postgres", url: "input:warehouse.url", query }, ...change });
}

const take = (spec: DatasetSpec, listing?: SourceListing) =>
  ingesting.take(spec, "rows", { list: async () => listing ?? (await list(spec)) });

type Kind = TestColumn["type"];

/** What a PostgreSQL value becomes in a column of a schema's type; what it cannot become is set apart. */
const kept: readonly (readonly [type: Kind, sql: string, value: unknown])[] = [
  ["boolean", "true", true],
  ["boolean", "false", false],
  ["integer", "int2 '-7'", "-7"],
  ["integer", "9007199254740991::int8", "9007199254740991"],
  ["integer", "numeric '3.000'", "3"],
  ["integer", "float8 '12'", "12"],
  ["number", "float8 '0.1'", 0.1],
  ["number", "float4 '0.1'", 0.1],
  ["number", "float8 '1e300'", 1e300],
  ["number", "float8 '5e-324'", 5e-324],
  ["number", "float8 '-0'", 0],
  ["number", "numeric '123456.789'", 123456.789],
  ["number", "42::int8", 42],
  ["string", "''", ""],
  ["string", "' a, \"b\"' || chr(10) || chr(13) || 'ü€😀'", ' a, "b"\n\rü€😀'],
  ["string", "'NULL'", "NULL"],
  ["string", "'\\N'", "\\N"],
  ["string", "'\\.'", "\\."],
  ["string", "char(3) 'a'", "a  "],
  ["string", "true", "true"],
  ["string", "uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  ["string", `jsonb '{"b": [1, null], "a": "x"}'`, '{"a": "x", "b": [1, null]}'],
  ["string", "ARRAY[1, NULL, 3]", "{1,NULL,3}"],
  ["string", "interval '1 day 2 hours'", "1 day 02:00:00"],
  ["string", "bytea '\\x00ff'", "\\x00ff"],
  ["string", "numeric 'NaN'", "NaN"],
  ["timestamp", "timestamptz '2024-02-29 12:34:56.123456+02'", "2024-02-29 10:34:56.123456"],
  ["timestamp", "timestamptz '0001-01-01 00:00:00Z'", "0001-01-01 00:00:00"],
  ["timestamp", "timestamp '2024-02-29 12:34:56.5'", "2024-02-29 12:34:56.5"],
  ["timestamp", "date '2024-02-29'", "2024-02-29 00:00:00"],
];

const refused: readonly (readonly [type: Kind, sql: string])[] = [
  ["boolean", "1"],
  ["integer", "9007199254740993::int8"],
  ["integer", "1.5"],
  ["integer", "true"],
  ["number", "numeric 'NaN'"],
  ["number", "float8 'Infinity'"],
  ["number", "ARRAY[1]"],
  ["number", "money '1.50'"],
  ["timestamp", "timestamptz 'infinity'"],
  ["timestamp", "timestamptz '0044-03-15 BC'"],
  ["timestamp", "timestamptz '10000-01-01Z'"],
  ["timestamp", "time '12:00'"],
  ["timestamp", "interval '1 day'"],
];

const good = { string: "'a'", integer: "'1'", number: "'1'", boolean: "'true'", timestamp: "'2024-01-01'" } as const;

describe("a value of PostgreSQL", () => {
  it.each(kept)("becomes a %s: %s", async (type, sql, value) => {
    const spec = specOf([{ name: "v", type }], `SELECT date '2024-01-01' AS t, ${sql} AS v`);
    const { rows, quarantined } = await take(spec);
    expect(quarantined).toEqual([]);
    const [found] = rows.map((row) => row["v"]);
    expect(type === "timestamp" ? String(found) : found).toEqual(value);
  });

  it.each(refused)("is set apart where it can be no %s: %s", async (type, sql) => {
    const query = `SELECT date '2024-01-01' AS t, ${sql} AS v UNION ALL SELECT date '2024-01-02', NULL`;
    const { rows, quarantined } = await take(specOf([{ name: "v", type, nullable: true }], query));
    expect(rows).toHaveLength(1);
    expect(quarantined).toHaveLength(1);
  });

  it.each(["string", "integer", "number", "boolean", "timestamp"] as const)(
    "that is null is a null %s",
    async (type) => {
      const query = "SELECT date '2024-01-01' AS t, NULL AS v";
      expect((await take(specOf([{ name: "v", type, nullable: true }], query))).rows[0]?.["v"]).toBeNull();
      const strict = specOf([{ name: "v", type }], `${query} UNION ALL SELECT date '2024-01-02', ${good[type]}`);
      expect((await take(strict)).quarantined).toHaveLength(1);
    },
  );

  it("that is null in a query of one column is a row too", async () => {
    const spec = specOf([], "SELECT date '2024-01-01' AS t UNION ALL SELECT NULL");
    const { rows, quarantined } = await take(spec);
    expect([rows.length, quarantined.length]).toEqual([1, 1]);
  });

  it("has a column whose name CSV must quote", async () => {
    const spec = specOf([{ name: 'a "b", c', type: "integer" }], `SELECT date '2024-01-01' AS t, 1 AS "a ""b"", c"`);
    expect((await take(spec)).rows[0]?.['a "b", c']).toBe("1");
  });

  it("is nobody's where two columns have one name", async () => {
    const spec = specOf([{ name: "v", type: "integer" }], "SELECT date '2024-01-01' AS t, 1 AS v, 2 AS v");
    expect((await failure(take(spec))).problems[0]?.what).toContain('more than one column "v"');
  });
});

describe("ingesting a query", () => {
  it("without rows is refused as an empty source is", async () => {
    const empty = specOf([], "SELECT now() AS t WHERE false");
    expect((await failure(take(empty))).problems.map(({ code }) => code)).toEqual(["source-empty"]);
  });

  it("reads only the slice that is new", async () => {
    await createOrders("orders", [1, 2]);
    const spec = ordersSpec("orders");
    const first = await take(spec);
    await addOrder("orders", 3);
    const { read, listing } = await watch(spec, first.version.files);
    const second = await ingesting.take(spec, "rows", { base: first.root, list: async () => listing });
    expect(second.version.rows).toBe(3);
    expect(read).toEqual([listing.files[1]?.name]);
  });

  it("takes a row that has changed as one more, unless rows may not repeat, until its old slice is read again", async () => {
    await createOrders("edited", [1, 2]);
    const loose = ordersSpec("edited");
    const unique = ordersSpec("edited", ["id"]);
    const [free, strict] = [await take(loose), await take(unique)];
    await server.sql.unsafe(`UPDATE edited SET price = 2, changed = ${at(9)} WHERE id = 1`);
    const grown = await list(loose, { base: free.version.files ?? [] });
    const { rows } = await ingesting.take(loose, "rows", { base: free.root, list: async () => grown });
    expect(rows.map(({ id, price }) => [id, price]).sort()).toEqual([
      ["1", 1.5],
      ["1", 2],
      ["2", 1.5],
    ]);
    const base = strict.version.files ?? [];
    const repeated = await list(unique, { base });
    const error = await failure(ingesting.take(unique, "rows", { base: strict.root, list: async () => repeated }));
    expect(error.problems.map(({ code, at }) => [code, at])).toEqual([["contract-broken", "things.contract.unique"]]);
    const mended = await list(unique, { base, again: {} });
    const whole = await ingesting.take(unique, "rows", { base: strict.root, list: async () => mended });
    expect(whole.rows.map(({ id, price }) => [id, price]).sort()).toEqual([
      ["1", 2],
      ["2", 1.5],
    ]);
  });
});

const at = (minute: number) => `timestamptz '2024-01-01Z' + interval '${minute} minutes'`;

async function createOrders(table: string, minutes: readonly number[]): Promise<void> {
  await server.sql.unsafe(`CREATE TABLE ${table} (id int, t timestamptz, changed timestamptz, price float8)`);
  for (const minute of minutes) await addOrder(table, minute);
}

async function addOrder(table: string, minute: number): Promise<void> {
  await server.sql.unsafe(`INSERT INTO ${table} VALUES (${minute}, ${at(0)}, ${at(minute)}, 1.5)`);
}

function ordersSpec(table: string, unique?: string[]): DatasetSpec {
  const columns: TestColumn[] = [
    { name: "id", type: "integer" },
    { name: "price", type: "number" },
  ];
  const source = {
    kind: "postgres",
    url: "input:warehouse.url",
    query: `SELECT * FROM ${table}`,
    cursor: "changed",
  } as const;
  return testSpec(columns, { source, contract: { violations: "reject", tolerance: 0, ...(unique && { unique }) } });
}

/** What a query lists, and the names of the files that are read of it. */
async function watch(spec: DatasetSpec, base: DatasetVersion["files"] = []) {
  const read: string[] = [];
  const listing = await list(spec, { base });
  const files = listing.files.map((file) => ({
    ...file,
    fetch: (...asked: Parameters<typeof file.fetch>) => {
      read.push(file.name);
      return file.fetch(...asked);
    },
  }));
  return { read, listing: { ...listing, files } };
}
