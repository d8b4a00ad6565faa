import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RowWriter } from "../../../framework/features/as-of/row-writer.ts";

type Row = readonly [code: number, time: number, value: number];

/** What the writer makes of rows that come in chunks of some size. */
async function write(rows: readonly Row[], { entities, segmentRows, chunk = rows.length || 1 }: Given) {
  const folder = await mkdtemp(join(tmpdir(), "steward-rows-"));
  try {
    const path = join(folder, "rows");
    const file = openSync(path, "wx");
    const writer = new RowWriter(file, { entities, features: 1, segmentRows });
    for (let from = 0; from < rows.length; from += chunk) {
      const some = rows.slice(from, from + chunk);
      writer.write({
        rows: some.length,
        codes: Int32Array.from(some, ([code]) => code),
        times: BigInt64Array.from(some, ([, time]) => BigInt(time)),
        features: [Float64Array.from(some, ([, , value]) => value)],
      });
    }
    const { segments, rows: count } = writer.end();
    closeSync(file);
    const { buffer } = new Uint8Array(await readFile(path));
    const [times, values] = [new BigInt64Array(buffer), new Float64Array(buffer)];
    return {
      written: Array.from({ length: count }, (_, i) => [Number(times[2 * i]), values[2 * i + 1]]),
      size: buffer.byteLength,
      firsts: [...segments.firsts],
      starts: [...segments.starts],
      heads: [...segments.heads].map(Number),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Given {
  readonly entities: number;
  readonly segmentRows: number;
  readonly chunk?: number;
}

describe("RowWriter", () => {
  it("keeps the last row of an entity and time, also where they come in two chunks", async () => {
    const rows: Row[] = [
      [0, 5, 1],
      [0, 5, 2],
      [0, 5, 3],
      [1, 5, 4],
      [1, 6, 5],
    ];
    const expected = {
      written: [
        [5, 3],
        [5, 4],
        [6, 5],
      ],
      size: 48,
      firsts: [0, 1, 2],
      starts: [0, 1, 3],
      heads: [5, 5],
    };
    expect(await write(rows, { entities: 2, segmentRows: 10 })).toEqual(expected);
    expect(await write(rows, { entities: 2, segmentRows: 10, chunk: 2 })).toEqual(expected);
  });

  it("cuts an entity with many rows into segments", async () => {
    const rows = Array.from({ length: 7 }, (_, i): Row => [i < 6 ? 0 : 1, 10 * i, i]);
    expect(await write(rows, { entities: 2, segmentRows: 4 })).toMatchObject({
      firsts: [0, 2, 3],
      starts: [0, 4, 6, 7],
      heads: [0, 40, 60],
    });
  });

  it("writes more rows than it holds, with a tie of the first row behind the cut", async () => {
    const rows = Array.from({ length: 200_000 }, (_, i): Row => [0, i - (i >= 65_537 ? 1 : 0), i]);
    const { written, size, starts, heads } = await write(rows, { entities: 1, segmentRows: 1, chunk: 2048 });
    expect(written).toHaveLength(199_999);
    expect(size).toBe(199_999 * 16);
    expect(written.every(([time, value], i) => time === i && value === (i >= 65_536 ? i + 1 : i))).toBe(true);
    expect([starts.length, heads.at(-1)]).toEqual([200_000, 199_998]);
  });

  it("has no segments of no rows", async () => {
    expect(await write([], { entities: 0, segmentRows: 4 })).toEqual({
      written: [],
      size: 0,
      firsts: [0],
      starts: [0],
      heads: [],
    });
  });
});
