import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { convertApart } from "../../../framework/serving/log/converter.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-convert-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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
