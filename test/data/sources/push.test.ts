import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planCollection } from "../../../framework/data/collection.ts";
import { ingest } from "../../../framework/data/ingest.ts";
import { keepBatch } from "../../../framework/data/intake/pushed-batch.ts";
import { readRowLines } from "../../../framework/data/intake/row-lines.ts";
import type { RemoteFile } from "../../../framework/data/source-files.ts";
import { completeRow, listPushed } from "../../../framework/data/sources/push.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { failure } from "../../support/failure.ts";
import { useStore } from "../../support/test-store.ts";
import { testSpec } from "../ingesting.ts";

const given = useStore();
let folder = "";
let turn = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-pushed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const spec: DatasetSpec = testSpec([{ name: "n", type: "integer", nullable: true }], {
  source: { kind: "push" },
  contract: { violations: "quarantine", tolerance: 1 },
});

async function send(rows: readonly unknown[]): Promise<void> {
  const lines = readRowLines(JSON.stringify(rows), "array", 1000);
  await keepBatch(given.store, { dataset: spec.name, key: `key-${++turn}`, lines, at: new Date().toISOString() });
}

const list = async (limits?: { rows: number; batches: number }) => {
  const listing = await listPushed({ spec, store: given.store }, limits);
  return { ...listing, files: listing.files as readonly RemoteFile[] };
};

async function take(base?: string, of: DatasetSpec = spec) {
  const fetched: string[] = [];
  const listing = await list();
  const files = listing.files.map((file) => ({
    ...file,
    fetch: (...asked: Parameters<RemoteFile["fetch"]>) => {
      fetched.push(file.name);
      return file.fetch(...asked);
    },
  }));
  const workFolder = folder;
  const done = await ingest({
    spec: of,
    location: "pushed rows",
    list: async () => ({ ...listing, files }),
    store: given.store,
    base,
    workFolder,
  });
  return { ...done, fetched };
}

const row = (n: unknown, minute = 0) => ({ t: `2024-01-01T00:${String(minute).padStart(2, "0")}:00Z`, n });

describe("pushed rows as a source", () => {
  it("are nothing at first, then one file, the same until something new came, and then one file more", async () => {
    expect((await list()).files).toEqual([]);
    await send([row(1)]);
    await send([row(2)]);
    const first = await list();
    expect(first.files.map(({ name }) => name)).toEqual(["00000001"]);
    expect((await list()).fingerprint).toBe(first.fingerprint);
    await send([row(3)]);
    const second = await list();
    expect(second.files.map(({ name }) => name)).toEqual(["00000001", "00000002"]);
    expect(second.files[0]?.fingerprint).toBe(first.files[0]?.fingerprint);
    const path = await second.files[0]?.fetch(await mkdtemp(join(folder, "fetch-")), {});
    const text = await readFile(path ?? "", "utf8");
    expect(text.split("\n").filter(Boolean)).toHaveLength(2);
  });

  it("make a version without rows while there are none", async () => {
    const { version } = await take();
    expect([version.rows, version.files]).toEqual([0, []]);
  });

  it("of many small batches are a few files", async () => {
    for (let batch = 0; batch < 25; batch++) await send([row(batch)]);
    expect((await list({ rows: 1000, batches: 10 })).files).toHaveLength(3);
  });

  it("are read once: only the group that is new is fetched", async () => {
    await send([row(1), row(2)]);
    const first = await take();
    expect([first.fetched, first.version.rows]).toEqual([["00000001"], 2]);
    await send([row(3)]);
    await send([row(4)]);
    const second = await take(first.root);
    expect([second.fetched, second.version.rows]).toEqual([["00000002"], 4]);
    expect((await take(second.root)).root).toBe(second.root);
    expect((await take()).root).toBe(second.root);
  });

  it("are judged row by row, also where all rows of a group lack a column", async () => {
    await send([{ n: 1 }, { n: 2 }]);
    await send([row(3), { ...row("three"), extra: 1 }]);
    const { version } = await take();
    expect([version.rows, version.quarantined?.rows]).toEqual([1, 3]);
  });

  it("that lack a column altogether are refused by the contract and not by the reading", async () => {
    await send([{ n: 1 }, {}]);
    const error = await failure(take());
    expect(error.problems.map(({ code }) => code)).toContain("source-empty");
  });

  it("are kept by a collection, whatever they look like", async () => {
    await send([{ format: "dataset/99", t: "2024-01-01T00:00:00Z" }]);
    await send([row(1)]);
    const first = await take();
    const now = new Date(Date.now() + 60_000).toISOString();
    const { garbage, kept } = await planCollection({ store: given.store, statuses: [], now, grace: 0 });
    const removed = new Set(garbage.map(({ sha256 }) => sha256));
    const batches = (await list()).files;
    expect(batches).toHaveLength(1);
    expect(removed.has(first.root)).toBe(true);
    expect(kept.map(({ kind }) => kind)).toEqual(["file", "file"]);
  });

  it.each([
    ["a NUL", '{"t":"2024-01-01T00:00:00Z","n":1,"x":"\\u0000"}'],
    ["one key twice within a value", '{"t":"2024-01-01T00:00:00Z","n":1,"x":{"a":1,"a":2}}'],
    ["keys that differ in case alone", '{"t":"2024-01-01T00:00:00Z","n":1,"N":2}'],
    ["a number without bounds", '{"t":"2024-01-01T00:00:00Z","n":1e999999}'],
    ["many digits", `{"t":"2024-01-01T00:00:00Z","n":${"9".repeat(400)}}`],
    ["values deep in each other", `{"t":"2024-01-01T00:00:00Z","n":1,"x":${"[".repeat(999)}${"]".repeat(999)}}`],
    [
      "as many keys as a batch may have",
      `{"t":"2024-01-01T00:00:00Z","n":1,${Array.from({ length: 9_998 }, (_, at) => `"k${at}":${at}`).join()}}`,
    ],
    ["an empty key", '{"t":"2024-01-01T00:00:00Z","n":1,"":2}'],
    ["a key of many characters", `{"t":"2024-01-01T00:00:00Z","n":1,"${"k".repeat(70_000)}":2}`],
    ["a long text", `{"t":"2024-01-01T00:00:00Z","n":1,"x":"${"y".repeat(2_000_000)}"}`],
    ["a half of a pair that is whole", '{"t":"2024-01-01T00:00:00Z","n":1,"x":"\\ud83d\\ude00"}'],
  ])("with %s spoil no other row", async (_what, odd) => {
    const lines = readRowLines(odd, "lines", 10);
    await keepBatch(given.store, { dataset: spec.name, key: `odd-${++turn}`, lines, at: new Date().toISOString() });
    await send([row(7, 1), row(8, 2)]);
    const { version } = await take();
    expect(version.rows + (version.quarantined?.rows ?? 0)).toBe(3);
    expect(version.rows).toBeGreaterThanOrEqual(2);
  });
});

describe("a row that lacks columns", () => {
  const columns = [{ name: "a" }, { name: 'b "c"' }];
  it.each([
    ["{}", '{"a":null,"b \\"c\\"":null}'],
    ['{"a":1}', '{"b \\"c\\"":null,"a":1}'],
    ['{"a":1,"b \\"c\\"":2}', '{"a":1,"b \\"c\\"":2}'],
  ])("%s is %s", (line, completed) => {
    expect(completeRow(line, columns)).toBe(completed);
    expect(Object.keys(JSON.parse(completed)).sort()).toEqual(columns.map(({ name }) => name).sort());
  });
});
