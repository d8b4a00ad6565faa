import { appendFile, chmod, mkdir, open, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CacheEntry, cacheRoot, checkEntry, fillEntry, placeEntry } from "../../framework/toolchain/cache.ts";
import { makeFolder, writeProgram } from "./fake-programs.ts";

describe("cacheRoot", () => {
  it.each<[NodeJS.ProcessEnv, NodeJS.Platform, string]>([
    [{}, "linux", "/home/a/.cache/steward"],
    [{ XDG_CACHE_HOME: "/caches" }, "linux", "/caches/steward"],
    [{ XDG_CACHE_HOME: "relative" }, "linux", "/home/a/.cache/steward"],
    [{ XDG_CACHE_HOME: "/caches" }, "darwin", "/home/a/Library/Caches/steward"],
    [{ STEWARD_CACHE: "/own", XDG_CACHE_HOME: "/caches" }, "darwin", "/own"],
    [{ STEWARD_CACHE: "" }, "linux", "/home/a/.cache/steward"],
  ])("%j on %s", (environment, platform, root) => {
    expect(cacheRoot(environment, platform, "/home/a")).toBe(root);
  });
});

async function makeEntry(root: string): Promise<CacheEntry> {
  const entry = placeEntry(root, { name: "minio", key: "0123456789abcdef".repeat(4), program: "bin/minio" });
  await mkdir(dirname(entry.folder), { recursive: true });
  return entry;
}

async function fill(entry: CacheEntry, text = "echo minio"): Promise<void> {
  await fillEntry(entry, async ({ result }) => {
    await mkdir(join(result, "bin"));
    await writeProgram(join(result, "bin", "minio"), text);
    await writeFile(join(result, "README"), "not a program");
  });
}

describe("a cache entry", () => {
  it("is absent, then sound once it is filled, with nothing beside it", async () => {
    await using folder = await makeFolder();
    const entry = await makeEntry(folder.path);
    expect(await checkEntry(entry)).toBe("absent");
    await fill(entry);
    expect(await checkEntry(entry)).toBe("sound");
    expect((await stat(entry.program)).mode & 0o100).toBe(0o100);
    expect(await readdir(dirname(entry.folder))).toHaveLength(1);
  });

  it("is absent after its making failed, and what was made is gone", async () => {
    await using folder = await makeFolder();
    const entry = await makeEntry(folder.path);
    const broken = fillEntry(entry, async ({ result }) => {
      await writeProgram(join(result, "half"), "echo half");
      throw new Error("broken");
    });
    await expect(broken).rejects.toThrow("broken");
    expect(await readdir(dirname(entry.folder))).toEqual([]);
  });

  it("clears away what a killed process left half-done", async () => {
    await using folder = await makeFolder();
    const entry = await makeEntry(folder.path);
    await mkdir(`${entry.folder}.partial-abc123/result`, { recursive: true });
    await fill(entry);
    expect(await readdir(dirname(entry.folder))).toHaveLength(1);
  });

  it.each<[string, (program: string) => Promise<unknown>, "sound" | "damaged"]>([
    ["has grown", (program) => appendFile(program, "x"), "damaged"],
    ["is gone", (program) => rm(program), "damaged"],
    ["may not be run any more", (program) => chmod(program, 0o600), "damaged"],
    ["has another byte and time", flipByte, "damaged"],
    ["has another time only", (program) => utimes(program, 1, 1), "sound"],
  ])("when its program %s", async (_, change, state) => {
    await using folder = await makeFolder();
    const entry = await makeEntry(folder.path);
    await fill(entry);
    await change(entry.program);
    expect(await checkEntry(entry)).toBe(state);
  });

  it("without a readable list of its programs is damaged", async () => {
    await using folder = await makeFolder();
    const entry = await makeEntry(folder.path);
    await fill(entry);
    await writeFile(join(entry.folder, "manifest.json"), "{");
    expect(await checkEntry(entry)).toBe("damaged");
  });

  it("is sound again when a damaged one was filled anew", async () => {
    await using folder = await makeFolder();
    const entry = await makeEntry(folder.path);
    await fill(entry);
    await flipByte(entry.program);
    await fill(entry, "echo anew");
    expect(await checkEntry(entry)).toBe("sound");
    expect(await readdir(dirname(entry.folder))).toHaveLength(1);
  });
});

async function flipByte(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.write("X", 3);
  await file.utimes(1, 1);
  await file.close();
}
