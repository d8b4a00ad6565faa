import { appendFile, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { type AsOfIndex, indexFiles, measureIndex } from "../../../framework/features/as-of/as-of-index.ts";
import { chooseToRemove, type IndexSource, provideIndex } from "../../../framework/features/as-of/index-cache.ts";
import { column, dataset, features } from "../given.ts";

const spec = dataset("cities", { time: "timestamp", city: "string", people: "integer" }, { key: ["city"] });
const set = features("census", "cities", { people: column("people") });

/** Gives a test a cache, and what asks it for an index and says how many were built. */
async function withCache(
  use: (cache: {
    folder: string;
    provide: (changes?: Partial<IndexSource>) => Promise<AsOfIndex>;
    built: () => number;
  }) => Promise<void>,
): Promise<void> {
  const workFolder = await mkdtemp(join(tmpdir(), "steward-indexes-"));
  try {
    const path = join(workFolder, "rows.parquet");
    const rows =
      "SELECT TIMESTAMP '2024-03-02' + to_days(i::INTEGER) AS time, 'c' || i % 3 AS city, i AS people FROM range(9) AS t(i)";
    await withDuckDb(workFolder, (db) => db.run(copyToParquet(rows, path)));
    const folder = join(workFolder, "cache");
    let built = 0;
    const provide = (changes: Partial<IndexSource> = {}) =>
      provideIndex(
        folder,
        { set, dataset: { spec, files: [path], rows: 9 }, digests: ["one"], ...changes },
        { workFolder, onRows: () => void built++ },
      );
    await use({ folder, provide, built: () => built });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

describe("provideIndex", () => {
  it("builds an index once for the same set of the same rows", async () => {
    await withCache(async ({ folder, provide, built }) => {
      const first = await provide();
      expect(first).toMatchObject({ rows: 9, features: 1, firsts: new Float64Array([0, 1, 2, 3]) });
      expect(await provide()).toEqual(first);
      expect(built()).toBe(1);
      await provide({ digests: ["two"] });
      await provide({ set: features("census", "cities", { people: { op: "abs", of: column("people") } }) });
      expect(built()).toBe(3);
      expect(await readdir(folder)).toHaveLength(3);
    });
  });

  it("says when an index was last used, which is not when others made room", async () => {
    await withCache(async ({ provide }) => {
      const { folder } = await provide();
      const longAgo = new Date("2001-01-01T00:00:00Z");
      for (const name of await readdir(folder))
        await utimes(join(folder, name), longAgo, new Date("2000-01-01T00:00:00Z"));
      await utimes(folder, longAgo, longAgo);
      await provide({ digests: ["two"] });
      expect((await measureIndex(folder))?.usedAt).toBe(longAgo.getTime());
      await provide();
      expect((await measureIndex(folder))?.usedAt).toBeGreaterThan(longAgo.getTime());
    });
  });

  it("has one index when two are asked for at once", async () => {
    await withCache(async ({ folder, provide }) => {
      const [one, other] = await Promise.all([provide(), provide()]);
      expect(one).toEqual(other);
      expect(await readdir(folder)).toHaveLength(1);
    });
  });

  it("builds an index anew that was written to, cut off or lost a file", async () => {
    await withCache(async ({ provide, built }) => {
      const sound = await provide();
      await appendFile(indexFiles.rows(sound.folder), "");
      await utimes(indexFiles.rows(sound.folder), new Date(), new Date());
      expect(await provide()).toEqual(sound);
      await rm(indexFiles.segments(sound.folder));
      expect(await provide()).toEqual(sound);
      await rm(join(sound.folder, "index.json"));
      expect(await provide()).toEqual(sound);
      expect(built()).toBe(4);
    });
  });
});

describe("chooseToRemove", () => {
  const indexes = [
    { name: "old", usedAt: 1, size: 4 },
    { name: "new", usedAt: 3, size: 4 },
    { name: "middle", usedAt: 2, size: 4 },
  ];

  it.each<[string, { needed: string; capacity: number; unusedSince?: number }, string[]]>([
    ["nothing while there is room", { needed: "new", capacity: 12 }, []],
    ["what was used longest ago", { needed: "new", capacity: 11 }, ["old"]],
    ["not what is needed, however old", { needed: "old", capacity: 8 }, ["middle"]],
    ["nothing that is in use, though there is no room", { needed: "new", capacity: 1, unusedSince: 2 }, ["old"]],
    ["all but what is needed, which may be larger than the cache", { needed: "middle", capacity: 1 }, ["new", "old"]],
  ])("removes %s", (_, options, removed) => {
    expect(chooseToRemove(indexes, { unusedSince: 9, ...options })).toEqual(removed);
  });
});
