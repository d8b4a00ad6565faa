import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatasetVersion, VersionFile } from "../../framework/data/dataset-version.ts";
import { describeVersion, readFirstRows } from "../../framework/data/show-version.ts";
import { createFolderStore, type FolderStore, storeVersion } from "../features/folder-store.ts";
import { testSpec } from "./ingesting.ts";

let store: FolderStore;
let version: DatasetVersion;
beforeAll(async () => {
  store = await createFolderStore();
  const rows = (from: number) =>
    `SELECT TIMESTAMP '2024-01-01' AS t, range::BIGINT AS n FROM range(${from}, ${from + 3})`;
  ({ version } = await storeVersion(store, testSpec([{ name: "n", type: "integer" }]), [rows(0), rows(3)]));
});
afterAll(() => store[Symbol.asyncDispose]());

/** The version with as many files as asked for, on pages of two. */
async function onPages(count: number): Promise<DatasetVersion> {
  const { files: [file] = [], ...facts } = version;
  if (!file) throw new Error("a version has a file");
  const pages: NonNullable<DatasetVersion["pages"]> = [];
  for (let start = 0; start < count; start += 2) {
    const files: VersionFile[] = [start, start + 1].map((index) => ({ ...file, name: `f${index}` }));
    const object = await store.putJson({ format: "dataset-page/1", files });
    pages.push({ object, files: 2, identity: "", rows: 12, from: "", to: "" });
  }
  return { ...facts, pages };
}

describe("a version", () => {
  it("is described with its files and their bytes", async () => {
    const facts = await describeVersion(store, version, 20);
    const bytes = version.files?.[0]?.parts.reduce((sum, { object }) => sum + object.size, 0);
    expect(facts).toMatchObject({
      dataset: "things",
      rows: 6,
      fileCount: 1,
      files: [{ name: "rows", rows: 6, bytes }],
    });
    expect(facts).not.toHaveProperty("quarantined");
  });

  it("of many pages is read as far as its first files need", async () => {
    const paged = await onPages(8);
    const asked: unknown[] = [];
    const watched: Pick<FolderStore, "getJson"> = {
      getJson: (reference, schema) => {
        asked.push(reference);
        return store.getJson(reference, schema);
      },
    };
    const facts = await describeVersion(watched, paged, 3);
    expect(facts.files.map(({ name }) => name)).toEqual(["f0", "f1", "f2"]);
    expect(facts.fileCount).toBe(8);
    expect(asked).toHaveLength(2);
  });
});

describe("its first rows", () => {
  const take = async (count: number) => {
    const fetched: unknown[] = [];
    const watched = {
      getJson: store.getJson,
      fetchFile: (reference: Parameters<typeof store.fetchFile>[0]) => {
        fetched.push(reference);
        return store.fetchFile(reference);
      },
    };
    const rows = await readFirstRows({ store: watched, version, count, workFolder: store.folder });
    return { numbers: rows.map(({ n }) => Number(n)), fetched: fetched.length };
  };

  it.each([
    [2, [0, 1], 1],
    [3, [0, 1, 2], 1],
    [4, [0, 1, 2, 3], 2],
    [99, [0, 1, 2, 3, 4, 5], 2],
  ])("%i are read from as few parts as hold them", async (count, numbers, fetched) => {
    expect(await take(count)).toEqual({ numbers, fetched });
  });

  it("have no more columns for where the cache is", async () => {
    const cache = join(store.folder, "in=cache");
    await mkdir(cache);
    const fetchFile = async (reference: Parameters<typeof store.fetchFile>[0]) => {
      const path = join(cache, reference.sha256);
      await copyFile(store.pathOf(reference), path);
      return path;
    };
    const rows = await readFirstRows({ store: { ...store, fetchFile }, version, count: 1, workFolder: store.folder });
    expect(rows.map(Object.keys)).toEqual([["t", "n"]]);
  });

  it("of a version without rows are none", async () => {
    expect(
      await readFirstRows({ store, version: { ...version, files: [] }, count: 5, workFolder: store.folder }),
    ).toEqual([]);
  });
});
