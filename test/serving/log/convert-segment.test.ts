import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../../framework/data/duckdb.ts";
import { quotePath } from "../../../framework/data/sql.ts";
import { convertSegment, readLines, selectLines } from "../../../framework/serving/log/convert-segment.ts";
import { convertApart } from "../../../framework/serving/log/converter.ts";
import { type RecordRow, toRecord } from "../../../framework/serving/log/record-columns.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-convert-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("a long record is read back as it was logged, as a short one is", async () => {
  const path = join(folder, "requests-0000000000000001.jsonl");
  const short = {
    id: "a",
    time: "2026-03-01T10:00:00.000Z",
    endpoint: "storms",
    inputs: { 'wind "1"': [1.5, null], note: ["å\n\\", "\u2028"] },
    outputs: { value: [0.1] },
    latencyMicroseconds: 12,
    unseen: { deep: [{ a: 1 }] },
  };
  const long = { ...short, id: "b", inputs: { ...short.inputs, text: ["a".repeat(2 ** 22)] } };
  const odd = { ...long, id: "c", outputs: { value: ["\ud800\0"] } };
  const lines = [short, long, odd].map((record, i) => `${JSON.stringify({ sequence: i + 1, ...record })}\n`);
  await writeFile(path, lines.join(""));
  const converted = await convertSegment({ path, replica: "1f2e3d4c5b6a", folder, today: "2026-03-01" });
  const query = `SELECT * FROM ${quotePath(converted?.parquet ?? "")}`;
  const rows = await withDuckDb(folder, (db) => db.rows(query, z.record(z.string(), z.unknown())));
  const place = (sequence: number) => ({ replica: "1f2e3d4c5b6a", sequence });
  expect(rows.map((row) => toRecord(row as RecordRow))).toEqual([
    { ...short, ...place(1) },
    { ...long, ...place(2) },
    { ...odd, outputs: { value: ["\ufffd\ufffd"] }, ...place(3) },
  ]);
});

it("a long record takes memory for its length, and not for each of its values", async () => {
  const inputs = { many: new Array<boolean>(2 ** 20).fill(false) };
  const [line] = readLines(Buffer.from(`${JSON.stringify({ sequence: 1, id: "a", time: "2026-03-01", inputs })}\n`));
  const { bytes } = line ?? expect.fail("it is a record");
  const path = join(folder, "lines.jsonl");
  await writeFile(path, bytes);
  const query = `CREATE TABLE records AS ${selectLines({ path, longest: bytes.length, replica: "'1f2e3d4c5b6a'" })}`;
  await withDuckDb(folder, (db) => db.run(query), { memory: "250MB", threads: 1 });
});

it.each([
  { what: "a request of as many rows as there may be", rows: 10_000, records: 1 },
  { what: "many requests of some rows", rows: 20, records: 1600 },
])(
  "records are made columns of however long they are: $what",
  async ({ rows, records }) => {
    const path = join(folder, "requests-0000000000000001.jsonl");
    const values = Array.from({ length: rows }, (_, i) => Math.sqrt(i));
    const inputs = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`input${i}`, values]));
    const rest = JSON.stringify({ id: "a", time: "2026-03-01T10:00:00.000Z", inputs }).slice(1);
    const lines = Array.from({ length: records }, (_, i) => `{"sequence":${i + 1},${rest}\n`);
    await writeFile(path, lines.join(""));
    const converted = await convertApart({ path, replica: "1f2e3d4c5b6a", folder, today: "2026-03-01" });
    expect(converted).toMatchObject({ first: 1, last: records, records, gaps: [] });
  },
  60_000,
);
