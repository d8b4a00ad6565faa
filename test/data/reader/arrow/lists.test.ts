/**
 * Lists of Arrow whose offsets, lengths and bits say what is not there.
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../../../framework/data/duckdb.ts";
import { ArrowFault } from "../../../../framework/data/reader/arrow/fault.ts";
import { listArrowColumns, loadArrow } from "../../../../framework/data/reader/arrow/load-arrow.ts";
import { type ArrowColumn, arrowTypes, writeArrowFile, writeArrowStream } from "../../hostile/arrow-file.ts";
import { int32Bytes, int64Bytes } from "../../hostile/flat-buffer.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-lists-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const none = Buffer.alloc(0);
const doubles = (...values: readonly number[]) => Buffer.from(Float64Array.from(values).buffer);
/** Four numbers. */
const numbers: ArrowColumn = {
  name: "item",
  type: arrowTypes.double,
  buffers: [none, doubles(1.5, 2, 3, 4)],
  length: 4,
};
const lists = (ends: Buffer, change: Partial<ArrowColumn> = {}): ArrowColumn => ({
  name: "v",
  type: arrowTypes.list,
  buffers: [none, ends],
  elements: numbers,
  ...change,
});
const fixed = (change: Partial<ArrowColumn> = {}): ArrowColumn => ({
  ...lists(none, { type: arrowTypes.fixedList, buffers: [none] }),
  ...change,
});
const later: ArrowColumn = { name: "later", type: arrowTypes.int64, buffers: [none, int64Bytes(7, 8)] };

async function read(column: ArrowColumn, write = writeArrowFile) {
  const path = join(folder, "lists.arrow");
  await writeFile(path, write({ columns: [column, later] }));
  const columns = await listArrowColumns(path);
  return withDuckDb(folder, async (db) => {
    await loadArrow(db, { path, columns, table: "loaded" });
    const row = z.object({ v: z.array(z.number().nullable()).nullable(), later: z.coerce.number() });
    return db.rows("SELECT column0 AS v, column1 AS later FROM loaded ORDER BY rowid", row);
  });
}

describe("lists of numbers", () => {
  it.each<[string, ArrowColumn, unknown[]]>([
    ["of any length", lists(int32Bytes(0, 3, 4)), [[1.5, 2, 3], [4]]],
    ["that begin behind the first number", lists(int32Bytes(1, 1, 3)), [[], [2, 3]]],
    [
      "of long offsets",
      lists(int64Bytes(0, 2, 4), { type: arrowTypes.largeList }),
      [
        [1.5, 2],
        [3, 4],
      ],
    ],
    [
      "of a fixed length",
      fixed(),
      [
        [1.5, 2],
        [3, 4],
      ],
    ],
    ["that are null", fixed({ buffers: [Buffer.from([2])], nulls: 1 }), [null, [3, 4]]],
    [
      "with nulls among them",
      fixed({ elements: { ...numbers, buffers: [Buffer.from([13]), doubles(1, 2, 3, 4)], nulls: 1 } }),
      [
        [1, null],
        [3, 4],
      ],
    ],
  ])("are read: %s", async (_, column, expected) => {
    for (const write of [writeArrowFile, writeArrowStream])
      expect(await read(column, write)).toEqual(expected.map((v, i) => ({ v, later: 7 + i })));
  });

  it.each<[string, ArrowColumn]>([
    ["that go backwards", lists(int32Bytes(0, 3, 2))],
    ["that begin before the first number", lists(int32Bytes(-1, 1, 2))],
    ["that end behind the last number", lists(int32Bytes(0, 2, 5))],
    ["of more numbers than fit in memory", lists(int32Bytes(0, 2, 2 ** 31 - 1))],
    ["of fewer offsets than rows", lists(int32Bytes(0, 2))],
    ["of a fixed length that the numbers do not have", fixed({ elements: { ...numbers, length: 3 } })],
    ["whose numbers are fewer than they say", fixed({ elements: { ...numbers, buffers: [none, doubles(1)] } })],
    ["whose nulls no bits say", fixed({ elements: { ...numbers, nulls: 1 } })],
    ["of a negative length", fixed({ type: arrowTypes.negativeList })],
  ])("are refused: %s", async (_, column) => {
    await expect(read(column)).rejects.toBeInstanceOf(ArrowFault);
  });

  it("are not read of texts", async () => {
    const texts: ArrowColumn = {
      name: "item",
      type: arrowTypes.utf8,
      buffers: [none, int32Bytes(0, 0), none],
      length: 1,
    };
    const path = join(folder, "texts.arrow");
    await writeFile(path, writeArrowFile({ columns: [lists(int32Bytes(0, 1, 1), { elements: texts }), later] }));
    expect((await listArrowColumns(path)).map(({ type }) => type)).toEqual(["list<utf8>", "BIGINT"]);
  });
});
