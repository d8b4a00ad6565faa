import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkOutVersion } from "../../framework/data/checkout-version.ts";
import type { DatasetVersion } from "../../framework/data/dataset-version.ts";
import { digestFile } from "../../framework/store/digest-file.ts";
import { createFolderStore, type FolderStore, storeVersion } from "../features/folder-store.ts";
import { failure } from "../support/failure.ts";
import { testSpec } from "./ingesting.ts";

let store: FolderStore;
let version: DatasetVersion;
let turn = 0;
const folder = () => join(store.folder, `out-${++turn}`);
/** What lies beside a folder that begins like it: a draft that was left. */
const drafts = async (to: string) =>
  (await readdir(store.folder)).filter((name) => name.startsWith(`.${to.slice(store.folder.length + 1)}`));

beforeAll(async () => {
  store = await createFolderStore();
  const row = (day: number, name: string) => `SELECT TIMESTAMP '2024-01-0${day}' AS t, ${name}::VARCHAR AS name`;
  ({ version } = await storeVersion(store, testSpec([{ name: "name", type: "string", nullable: true }]), [
    `${row(1, "'a, b'")} UNION ALL ${row(2, "NULL")}`,
    row(3, "''"),
  ]));
});
afterAll(() => store[Symbol.asyncDispose]());

describe("a checkout", () => {
  it("has the very bytes of every part, in their order", async () => {
    const to = join(folder(), "in", "another");
    const written = await checkOutVersion({ version, store, to, format: "parquet" });
    const parts = version.files?.[0]?.parts ?? [];
    expect((await readdir(to)).sort()).toEqual(["00001.parquet", "00002.parquet"]);
    for (const [index, { object }] of parts.entries())
      expect(await digestFile(join(to, `0000${index + 1}.parquet`))).toEqual(object);
    expect(written).toEqual({ files: 2, rows: 3, bytes: parts.reduce((sum, { object }) => sum + object.size, 0) });
    expect(await drafts(to)).toEqual([]);
  });

  it("has texts in which a missing value and an empty one differ", async () => {
    const [csv, jsonl] = [folder(), folder()];
    const written = await checkOutVersion({ version, store, to: csv, format: "csv" });
    expect(await readFile(join(csv, "00001.csv"), "utf8")).toBe(
      't,name\n2024-01-01 00:00:00,"a, b"\n2024-01-02 00:00:00,\n',
    );
    expect(await readFile(join(csv, "00002.csv"), "utf8")).toBe('t,name\n2024-01-03 00:00:00,""\n');
    expect(written.rows).toBe(3);
    await checkOutVersion({ version, store, to: jsonl, format: "jsonl" });
    expect(
      (await readFile(join(jsonl, "00001.jsonl"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { t: "2024-01-01 00:00:00", name: "a, b" },
      { t: "2024-01-02 00:00:00", name: null },
    ]);
    expect((await readdir(jsonl)).sort()).toEqual(["00001.jsonl", "00002.jsonl"]);
  });

  it("may be read by others, and has no more columns for where the cache is", async () => {
    const cache = join(store.folder, "in=cache");
    await mkdir(cache);
    const cached = {
      ...store,
      fetchFile: async (reference: Parameters<typeof store.fetchFile>[0]) => {
        const path = join(cache, reference.sha256);
        await copyFile(store.pathOf(reference), path);
        await chmod(path, 0o400);
        return path;
      },
    };
    const [parquet, csv] = [folder(), folder()];
    await checkOutVersion({ version, store: cached, to: parquet, format: "parquet" });
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(parquet)).toBe(await mode(cache));
    expect(await mode(join(parquet, "00001.parquet"))).toBe(0o644);
    await rm(cache, { recursive: true });
    await mkdir(cache);
    await checkOutVersion({ version, store: cached, to: csv, format: "csv" });
    expect(await readFile(join(csv, "00002.csv"), "utf8")).toMatch(/^t,name\n/);
  });

  it("takes an empty folder, and refuses one with something in it, which it leaves alone", async () => {
    const to = folder();
    await mkdir(to);
    await checkOutVersion({ version, store, to, format: "parquet" });
    const { problems } = await failure(checkOutVersion({ version, store, to, format: "csv" }));
    expect(problems).toMatchObject([{ code: "checkout-refused", got: `${to} with 00001.parquet, 00002.parquet` }]);
    expect(await readdir(to)).toHaveLength(2);
    const file = folder();
    await writeFile(file, "");
    const refused = await failure(checkOutVersion({ version, store, to: file, format: "csv" }));
    expect(refused.problems).toMatchObject([{ code: "checkout-refused", what: "what was named is no folder" }]);
  });

  it.each(["parquet", "csv"] as const)("as %s leaves nothing when a part cannot be read", async (format) => {
    const to = folder();
    let asked = 0;
    const broken = {
      ...store,
      fetchFile: (reference: Parameters<typeof store.fetchFile>[0]) =>
        ++asked === 2 ? Promise.reject(new Error("gone")) : store.fetchFile(reference),
    };
    await expect(checkOutVersion({ version, store: broken, to, format })).rejects.toThrow("gone");
    await expect(readdir(to)).rejects.toThrow("ENOENT");
    expect(await drafts(to)).toEqual([]);
  });

  it("leaves nothing when a part is not what its digest says", async () => {
    const to = folder();
    const path = join(store.folder, "damaged");
    await writeFile(path, "PAR1");
    const { problems } = await failure(
      checkOutVersion({ version, store: { ...store, fetchFile: async () => path }, to, format: "parquet" }),
    );
    expect(problems).toMatchObject([{ code: "object-corrupt", at: path }]);
    expect(await drafts(to)).toEqual([]);
  });
});
