import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../../../framework/data/duckdb.ts";
import { listArrowColumns, loadArrow } from "../../../../framework/data/reader/arrow/load-arrow.ts";
import { usePythonPackages } from "../../../support/python-packages.ts";
import { useReader } from "../../hostile/reading.ts";
import { testSpec } from "../../ingesting.ts";

const run = promisify(execFile);
const given = usePythonPackages("pyarrow and polars", join(import.meta.dirname, "arrow.lock"));

const reader = useReader();

/** What every script begins with: ways to write a table. */
const preamble = `
import datetime as d, decimal as c, sys
import pyarrow as pa, pyarrow.feather as feather
folder = sys.argv[1]
def write_file(table, name, **options):
    feather.write_feather(table, f"{folder}/{name}.arrow", **options)
def write_stream(table, name, rows=None, **options):
    options = pa.ipc.IpcWriteOptions(**options)
    with pa.OSFile(f"{folder}/{name}.arrow", "wb") as out, pa.ipc.new_stream(out, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
`;

/** Runs a script that writes files. */
async function write(script: string, skip: (note: string) => never): Promise<void> {
  const { folder, python, missing } = given;
  if (python === undefined) return skip(missing);
  await run(python, ["-c", preamble + script, folder]);
}

const anyRow = z.record(z.string(), z.string().nullable());

/** The types of a file's columns, and its rows as texts, of those columns that can be read or are wanted. */
async function read(name: string, wanted?: readonly string[]) {
  const path = join(given.folder, `${name}.arrow`);
  const all = await listArrowColumns(path);
  const columns = all.filter((column) => wanted?.includes(column.name) ?? column.type !== "absent");
  const shown = columns.map((column) => `CAST(column${column.index} AS VARCHAR) AS "${column.name}"`).join(", ");
  return withDuckDb(given.folder, async (db) => {
    await loadArrow(db, { path, columns, table: "loaded" });
    const rows = await db.rows(`SELECT ${shown} FROM loaded ORDER BY rowid`, anyRow);
    return { types: Object.fromEntries(all.map(({ name, type }) => [name, type])), rows };
  });
}

const manyTypes = `
null = None
table = pa.table({
    "i8": pa.array([-128, null, 127], pa.int8()),
    "i16": pa.array([-32768, null, 32767], pa.int16()),
    "i32": pa.array([-2**31, null, 2**31 - 1], pa.int32()),
    "i64": pa.array([-2**63, null, 2**63 - 1], pa.int64()),
    "u8": pa.array([0, null, 255], pa.uint8()),
    "u16": pa.array([0, null, 65535], pa.uint16()),
    "u32": pa.array([0, null, 2**32 - 1], pa.uint32()),
    "u64": pa.array([0, null, 2**64 - 1], pa.uint64()),
    "f16": pa.array([0.1, null, -65504.0], pa.float16()),
    "f32": pa.array([0.1, null, float("-inf")], pa.float32()),
    "f64": pa.array([0.1, null, float("nan")], pa.float64()),
    "yes": pa.array([True, null, False]),
    "text": pa.array(["", null, "ü\\0€😀 of more than twelve bytes"]),
    "large": pa.array(["a", null, "b"], pa.large_utf8()),
    "view": pa.array(["twelve bytes", null, "thirteen byte"], pa.string_view()),
    "of9": pa.array([c.Decimal("-1234567.89"), null, c.Decimal("0.01")], pa.decimal32(9, 2)),
    "of18": pa.array([c.Decimal("-1234567.89"), null, c.Decimal("0.01")], pa.decimal64(18, 2)),
    "of38": pa.array([c.Decimal("-" + "9" * 36 + ".99"), null, c.Decimal("0.01")], pa.decimal128(38, 2)),
    "day": pa.array([d.date(1, 1, 1), null, d.date(9999, 12, 31)], pa.date32()),
    "day64": pa.array([d.date(1969, 12, 31), null, d.date(2024, 2, 29)], pa.date64()),
    "s": pa.array([-1, null, 1704067200], pa.timestamp("s")),
    "ms": pa.array([-1, null, 1704067200001], pa.timestamp("ms")),
    "us": pa.array([-1, null, 1704067200000001], pa.timestamp("us")),
    "ns": pa.array([-1, null, 1704067200000000001], pa.timestamp("ns")),
    "zone": pa.array([-1, null, 1704067200001], pa.timestamp("ms", "Europe/Zurich")),
    "word": pa.array(["b", null, "a"]).dictionary_encode(),
    "code": pa.DictionaryArray.from_arrays(pa.array([1, null, 0], pa.uint16()), pa.array([7, -7], pa.int64())),
    "none": pa.nulls(3),
    "list": pa.array([[1, 2], null, []], pa.list_(pa.int64())),
    "floats": pa.array([[0.5, -1], null, [2, null]], pa.list_(pa.float32())),
    "vector": pa.array([[0.1, -2], null, [1e300, null]], pa.list_(pa.float64(), 2)),
    "largelist": pa.array([[1, 2, 3], null, []], pa.large_list(pa.int16())),
    "words": pa.array([["a"], null, []], pa.list_(pa.utf8())),
    "nested": pa.array([[[1]], null, []], pa.list_(pa.list_(pa.int64()))),
    "struct": pa.array([{"a": 1, "b": "x"}, null, {"a": 2, "b": "y"}]),
    "clock": pa.array([d.time(1), null, d.time(2)], pa.time64("us")),
    "bytes": pa.array([b"x", null, b"y"]),
    "later": pa.array([1, null, 3], pa.int64()),
})
`;

const typesOfMany = {
  i8: "TINYINT",
  i16: "SMALLINT",
  i32: "INTEGER",
  i64: "BIGINT",
  u8: "UTINYINT",
  u16: "USMALLINT",
  u32: "UINTEGER",
  u64: "UBIGINT",
  f16: "FLOAT",
  f32: "FLOAT",
  f64: "DOUBLE",
  yes: "BOOLEAN",
  text: "VARCHAR",
  large: "VARCHAR",
  view: "VARCHAR",
  of9: "DECIMAL(9,2)",
  of18: "DECIMAL(18,2)",
  of38: "DECIMAL(38,2)",
  day: "DATE",
  day64: "TIMESTAMP",
  s: "TIMESTAMP",
  ms: "TIMESTAMP",
  us: "TIMESTAMP",
  ns: "TIMESTAMP_NS",
  zone: "TIMESTAMP",
  word: "VARCHAR",
  code: "BIGINT",
  none: "absent",
  list: "BIGINT[]",
  floats: "FLOAT[]",
  vector: "DOUBLE[]",
  largelist: "SMALLINT[]",
  words: "list<utf8>",
  nested: "list<list<int64>>",
  struct: "struct<int64, utf8>",
  clock: "time",
  bytes: "binary",
  later: "BIGINT",
};
const readable = Object.entries(typesOfMany)
  .filter(([, type]) => /^[A-Z]/.test(type))
  .map(([name]) => name);

const firstOfMany = {
  i8: "-128",
  i16: "-32768",
  i32: "-2147483648",
  i64: "-9223372036854775808",
  u8: "0",
  u16: "0",
  u32: "0",
  u64: "0",
  f16: "0.099975586",
  f32: "0.1",
  f64: "0.1",
  yes: "true",
  text: "",
  large: "a",
  view: "twelve bytes",
  of9: "-1234567.89",
  of18: "-1234567.89",
  of38: `-${"9".repeat(36)}.99`,
  day: "0001-01-01",
  day64: "1969-12-31 00:00:00",
  s: "1969-12-31 23:59:59",
  ms: "1969-12-31 23:59:59.999",
  us: "1969-12-31 23:59:59.999999",
  ns: "1969-12-31 23:59:59.999999999",
  zone: "1969-12-31 23:59:59.999",
  word: "b",
  code: "-7",
  list: "[1, 2]",
  floats: "[0.5, -1.0]",
  vector: "[0.1, -2.0]",
  largelist: "[1, 2, 3]",
  later: "1",
};
const lastOfMany = {
  i8: "127",
  i16: "32767",
  i32: "2147483647",
  i64: "9223372036854775807",
  u8: "255",
  u16: "65535",
  u32: "4294967295",
  u64: "18446744073709551615",
  f16: "-65504.0",
  f32: "-inf",
  f64: "nan",
  yes: "false",
  text: "ü\0€😀 of more than twelve bytes",
  large: "b",
  view: "thirteen byte",
  of9: "0.01",
  of18: "0.01",
  of38: "0.01",
  day: "9999-12-31",
  day64: "2024-02-29 00:00:00",
  s: "2024-01-01 00:00:00",
  ms: "2024-01-01 00:00:00.001",
  us: "2024-01-01 00:00:00.000001",
  ns: "2024-01-01 00:00:00.000000001",
  zone: "2024-01-01 00:00:00.001",
  word: "a",
  code: "7",
  list: "[]",
  floats: "[2.0, NULL]",
  vector: "[1e+300, NULL]",
  largelist: "[]",
  later: "3",
};

it("every type is read with its values whole, whatever the compression, as a file or as a stream", async ({ skip }) => {
  await write(
    `${manyTypes}
for name in ["uncompressed", "lz4", "zstd"]: write_file(table, name, compression=name)
write_stream(table, "stream")
write_stream(table, "stream-lz4", compression="lz4")
`,
    skip,
  );
  const nulls = Object.fromEntries(readable.map((name) => [name, null]));
  for (const name of ["uncompressed", "lz4", "zstd", "stream", "stream-lz4"]) {
    const { types, rows } = await read(name, readable);
    expect(types).toEqual(typesOfMany);
    expect(rows).toEqual([firstOfMany, nulls, lastOfMany]);
  }
});

it("batches follow one another, of any number of rows, and beginning in the middle of what was cut", async ({
  skip,
}) => {
  await write(
    `
rows = 9_000
table = pa.table({
    "n": pa.array(range(rows), pa.int64()),
    "odd": pa.array([None if n % 3 == 0 else n % 2 == 1 for n in range(rows)]),
    "text": pa.array([None if n % 5 == 0 else "x" * (n % 40) + str(n) for n in range(rows)]),
    "view": pa.array([None if n % 5 == 0 else "x" * (n % 40) + str(n) for n in range(rows)], pa.string_view()),
    "list": pa.array([None if n % 7 == 0 else list(range(n % 4)) for n in range(rows)], pa.list_(pa.int32())),
    "fixed": pa.array([None if n % 7 == 0 else [n, n + 0.5, -n] for n in range(rows)], pa.list_(pa.float64(), 3)),
}).slice(13)
write_file(table, "cut", compression="lz4", chunksize=2_500)
write_stream(table, "cut-stream", rows=777)
`,
    skip,
  );
  const expected = Array.from({ length: 9_000 - 13 }, (_, index) => {
    const n = index + 13;
    const text = n % 5 === 0 ? null : "x".repeat(n % 40) + n;
    const isNull = n % 7 === 0;
    const list = isNull ? null : `[${Array.from({ length: n % 4 }, (_, i) => i).join(", ")}]`;
    const fixed = isNull ? null : `[${[n, n + 0.5, -n].map((one) => one.toFixed(1)).join(", ")}]`;
    return { n: String(n), odd: n % 3 === 0 ? null : String(n % 2 === 1), text, view: text, list, fixed };
  });
  for (const name of ["cut", "cut-stream"]) expect((await read(name)).rows).toEqual(expected);
});

it("a dictionary that grows or is replaced within a stream is the one that stands before each batch", async ({
  skip,
}) => {
  await write(
    `
first = pa.array(["a", "b"]).dictionary_encode()
grown = pa.DictionaryArray.from_arrays(pa.array([0, 2], pa.int32()), pa.array(["a", "b", "c"]))
other = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int32()), pa.array(["y", "z"]))
def save(name, arrays, **options):
    schema = pa.schema([("word", first.type)])
    options = pa.ipc.IpcWriteOptions(**options)
    with pa.OSFile(f"{folder}/{name}.arrow", "wb") as out, pa.ipc.new_stream(out, schema, options=options) as writer:
        for array in arrays: writer.write_batch(pa.record_batch([array], schema=schema))
save("delta", [first, grown], emit_dictionary_deltas=True)
save("replaced", [first, other])
`,
    skip,
  );
  expect((await read("delta")).rows).toEqual(["a", "b", "a", "c"].map((word) => ({ word })));
  expect((await read("replaced")).rows).toEqual(["a", "b", "z", "y"].map((word) => ({ word })));
});

it("what polars writes is read, its views, categories and decimals", async ({ skip }) => {
  await write(
    `
import polars as pl
frame = pl.DataFrame({
    "text": ["short", None, "one that does not fit in a view"] * 2_000,
    "word": pl.Series(["b", None, "a"] * 2_000, dtype=pl.Categorical),
    "kind": pl.Series(["x", None, "y"] * 2_000, dtype=pl.Enum(["y", "x"])),
    "price": pl.Series([c.Decimal("1.50"), None, c.Decimal("-2.25")] * 2_000, dtype=pl.Decimal(10, 2)),
    "at": pl.Series([d.datetime(2024, 1, 1, 12), None, d.datetime(2024, 2, 1)] * 2_000, dtype=pl.Datetime("us", "UTC")),
    "n": pl.Series([1, None, 3] * 2_000, dtype=pl.Int16),
})
for name in ["uncompressed", "lz4", "zstd"]: frame.write_ipc(f"{folder}/polars-{name}.arrow", compression=name)
frame.write_ipc_stream(f"{folder}/polars-stream.arrow")
`,
    skip,
  );
  const [first, second, third] = [
    { text: "short", word: "b", kind: "x", price: "1.50", at: "2024-01-01 12:00:00", n: "1" },
    { text: null, word: null, kind: null, price: null, at: null, n: null },
    {
      text: "one that does not fit in a view",
      word: "a",
      kind: "y",
      price: "-2.25",
      at: "2024-02-01 00:00:00",
      n: "3",
    },
  ];
  const expected = Array.from({ length: 2_000 }, () => [first, second, third]).flat();
  for (const name of ["uncompressed", "lz4", "zstd", "stream"])
    expect((await read(`polars-${name}`)).rows).toEqual(expected);
});

it("the rows of a file become the same bytes as those of the same table in Parquet, the bad ones too", async ({
  skip,
}) => {
  await write(
    `
import pyarrow.parquet as parquet
rows = 5_000
table = pa.table({
    "t": pa.array([d.datetime(2024, 1, 1) + d.timedelta(minutes=7 * n % 4_001) for n in range(rows)], pa.timestamp("us")),
    "s": pa.array([None if n % 7 == 0 else f"text {n % 100}" for n in range(rows)]).dictionary_encode(),
    "n": pa.array([float("nan") if n == 11 else n / 3 for n in range(rows)]),
    "i": pa.array([2**60 if n == 12 else n for n in range(rows)]),
    "b": pa.array([n % 2 == 0 for n in range(rows)]),
    "beside": pa.array([[n] for n in range(rows)]),
})
parquet.write_table(table, f"{folder}/same.parquet")
for name in ["uncompressed", "lz4", "zstd"]: write_file(table, f"same-{name}", compression=name)
write_stream(table, "same-stream", rows=999)
`,
    skip,
  );
  const columns = [
    { name: "s", type: "string", nullable: true },
    { name: "n", type: "number" },
    { name: "i", type: "integer" },
    { name: "b", type: "boolean" },
  ] as const;
  const readAs = (format: "arrow" | "parquet", name: string) =>
    reader.read(testSpec(columns, { source: { kind: "file", format, path: "same" } }), join(given.folder, name));
  const expected = await readAs("parquet", "same.parquet");
  expect(expected).toMatchObject({
    verdict: "quarantined",
    says: ["row 12: n is not a number", "row 13: i is not an integer"],
  });
  for (const name of ["uncompressed", "lz4", "zstd", "stream"]) {
    const { says, digests } = await readAs("arrow", `same-${name}.arrow`);
    expect({ says, digests }).toEqual({ says: expected.says, digests: expected.digests });
  }
});
