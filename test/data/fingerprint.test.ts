import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { fingerprintSource } from "../../framework/data/fingerprint.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import { failure } from "../support/failure.ts";

let folder: string;
let cacheFolder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-fingerprint-"));
  cacheFolder = join(folder, "cache");
  path = join(folder, "source");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fingerprint = () => fingerprintSource(path, { cacheFolder });

const forged = "0".repeat(64);

/** Makes every memory claim another digest, so that an answer from memory is told from a reading; and change its stamp. */
async function forge(stamp: object = {}): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    const memory = memorySchema.parse(JSON.parse(await readFile(join(cacheFolder, name), "utf8")));
    const forgery = { stamp: { ...memory.stamp, ...stamp }, sha256: forged };
    await writeFile(join(cacheFolder, name), JSON.stringify(forgery));
  }
}

const memorySchema = z.object({ stamp: z.record(z.string(), z.string()) });

/** A file that has not changed for a while, as the change time cannot be set back. */
const oldFile = new URL("../../node_modules/vega-datasets/data/flights-airport.csv", import.meta.url).pathname;

describe("a fingerprint", () => {
  it("is the digest of the bytes, and another one for other bytes", async () => {
    await writeFile(path, "one");
    expect(await fingerprint()).toBe(digestBytes("one"));
    await writeFile(path, "two");
    expect(await fingerprint()).toBe(digestBytes("two"));
  });

  it("is remembered while the file stays what it was", async () => {
    const first = await fingerprintSource(oldFile, { cacheFolder });
    expect(await fingerprintSource(oldFile, { cacheFolder })).toBe(first);
    await forge();
    expect(await fingerprintSource(oldFile, { cacheFolder })).toBe(forged);
  });

  it.each(["device", "inode", "size", "modified", "changed"])("is taken anew when the %s is another", async (field) => {
    const first = await fingerprintSource(oldFile, { cacheFolder });
    await forge({ [field]: "1" });
    expect(await fingerprintSource(oldFile, { cacheFolder })).toBe(first);
  });

  it("is not remembered of a file that has only just changed", async () => {
    await writeFile(path, "fresh");
    await fingerprint();
    expect(await readdir(cacheFolder).catch(() => [])).toEqual([]);
  });

  it("is taken anew of another file with the same size and times in the same place", async () => {
    await writeFile(path, "old!");
    const { atime, mtime } = await stat(path);
    expect(await fingerprint()).toBe(digestBytes("old!"));
    await writeFile(join(folder, "other"), "new!");
    await utimes(join(folder, "other"), atime, mtime);
    await rename(join(folder, "other"), path);
    expect(await fingerprint()).toBe(digestBytes("new!"));
  });

  it("survives a damaged memory and a cache that cannot be written", async () => {
    const first = await fingerprintSource(oldFile, { cacheFolder });
    for (const name of await readdir(cacheFolder)) await writeFile(join(cacheFolder, name), "{");
    expect(await fingerprintSource(oldFile, { cacheFolder })).toBe(first);
    await writeFile(path, "a file where the cache would be");
    expect(await fingerprintSource(oldFile, { cacheFolder: path })).toBe(first);
  });

  it.each(["absent", "."])("of what is not a readable file is a located error: %s", async (name) => {
    const { problems } = await failure(fingerprintSource(join(folder, name), { cacheFolder }));
    expect(problems).toMatchObject([{ code: "source-missing", file: join(folder, name) }]);
  });
});
