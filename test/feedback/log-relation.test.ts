import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { formatOf } from "../../framework/definitions/format.ts";
import { relateLog } from "../../framework/feedback/log-relation.ts";
import type { Json } from "../../framework/plan/canonical.ts";
import { convertSegment } from "../../framework/serving/log/convert-segment.ts";
import { logName } from "../../framework/serving/log/log-part.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const address = { endpoint: "storms", stream: "feedback" };

it("a log has its records of all days, and of those since a moment where that is asked", async () => {
  const { store, folder } = given;
  const segments = [["1912-04-15T02:20:00.000Z"], ["2026-03-01T00:00:00.000Z", "2026-03-09T00:00:00.000Z"]];
  let sequence = 0;
  for (const [i, times] of segments.entries()) {
    const own = join(folder, String(i));
    await mkdir(own);
    const path = join(own, "lines");
    const lines = times.map((time) => `${JSON.stringify({ sequence: ++sequence, id: time.slice(0, 10), time })}\n`);
    await writeFile(path, lines.join(""));
    const part = await convertSegment({ path, replica: "0123456789ab", folder: own, today: "2026-03-01" });
    const { place = "", parquet = "", index: _index, ...facts } = part ?? {};
    const object = await store.putFile(parquet);
    const document = { format: formatOf("log-part"), ...address, replica: "0123456789ab", ...facts, object };
    await store.writeOnce(`${logName(address)}/${place}`, document as Json);
  }
  const read = (since?: number) =>
    withDuckDb(folder, async (db) => {
      const records = await relateLog(db, { address, store, since });
      const rows = await db.rows(`SELECT id FROM (${records}) ORDER BY id`, z.object({ id: z.string() }));
      return rows.map(({ id }) => id);
    });
  const [long, ago] = [["2026-03-01", "2026-03-09"], "1912-04-15"];
  expect(await read()).toEqual([ago, ...long]);
  expect(await read(Date.parse("1970-01-01T00:00:00Z"))).toEqual(long);
  expect(await read(Date.parse(`${ago}T00:00:00Z`))).toEqual([ago, ...long]);
  // What is brought rarely has records of many days in one part.
  expect(await read(Date.parse("2026-03-08T00:00:00Z"))).toEqual(long);
  expect(await read(Date.parse("2026-03-10T00:00:00Z"))).toEqual([]);
});
