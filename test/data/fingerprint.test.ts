import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { fingerprintSource, listSource } from "../../framework/data/fingerprint.ts";
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

const stampFields = ["device", "inode", "size", "modified", "changed"];

/** Makes every memory claim another digest, so that an answer from memory is told from a reading; and change a stamp. */
async function forge(field?: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    const { files } = memorySchema.parse(JSON.parse(await readFile(join(cacheFolder, name), "utf8")));
    const forgery = files.map((file) => {
      const stamp = file.stamp.split(":").map((value, at) => (stampFields[at] === field ? "1" : value));
      return { ...file, stamp: stamp.join(":"), sha256: forged };
    });
    await writeFile(join(cacheFolder, name), JSON.stringify({ files: forgery }));
  }
}

const memorySchema = z.object({
  files: z.array(z.object({ name: z.string(), stamp: z.string(), sha256: z.string() })),
});

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

  it.each(stampFields)("is taken anew when the %s is another", async (field) => {
    const first = await fingerprintSource(oldFile, { cacheFolder });
    await forge(field);
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

describe("the fingerprint of a pattern", () => {
  let rows: string;
  beforeEach(async () => {
    rows = join(folder, "rows");
    await mkdir(join(rows, "deep"), { recursive: true });
    await writeFile(join(rows, "b.csv"), "two");
    await writeFile(join(rows, "deep", "a.csv"), "one");
  });
  const take = () => fingerprintSource(join(rows, "**/*.csv"), { cacheFolder });

  it("is of the names and digests of its files, wherever they lie", async () => {
    const { fingerprint, files } = await listSource(join(rows, "**/*.csv"), { cacheFolder });
    expect(files).toEqual([
      { name: "b.csv", path: join(rows, "b.csv"), fingerprint: digestBytes("two"), size: 3 },
      { name: "deep/a.csv", path: join(rows, "deep", "a.csv"), fingerprint: digestBytes("one"), size: 3 },
    ]);
    await rename(rows, join(folder, "moved"));
    expect(await fingerprintSource(join(folder, "moved", "**/*.csv"), { cacheFolder })).toBe(fingerprint);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["other content", () => writeFile(join(rows, "b.csv"), "three")],
    ["another name", () => rename(join(rows, "b.csv"), join(rows, "c.csv"))],
    ["one more file", () => writeFile(join(rows, "c.csv"), "")],
    ["one file less", () => rm(join(rows, "b.csv"))],
    [
      "contents exchanged",
      async () => {
        await writeFile(join(rows, "b.csv"), "one");
        await writeFile(join(rows, "deep", "a.csv"), "two");
      },
    ],
  ])("is another one for %s", async (_, change) => {
    const before = await take();
    await change();
    expect(await take()).not.toBe(before);
  });

  it("is another one than that of its only file by name", async () => {
    await rm(join(rows, "b.csv"));
    expect(await take()).not.toBe(await fingerprintSource(join(rows, "deep", "a.csv"), { cacheFolder }));
  });

  it("is remembered in one file, and only what is new is read", async () => {
    const old = new URL("../../node_modules/vega-datasets/data/", import.meta.url).pathname;
    const pattern = join(old, "{airports,flights-airport,la-riots}.csv");
    const { files } = await listSource(pattern, { cacheFolder });
    expect(files).toHaveLength(3);
    expect(await readdir(cacheFolder)).toHaveLength(1);
    await forge();
    const again = await listSource(pattern, { cacheFolder });
    expect(again.files.map(({ fingerprint }) => fingerprint)).toEqual([forged, forged, forged]);
    const [memory = ""] = await readdir(cacheFolder);
    const { files: remembered } = memorySchema.parse(JSON.parse(await readFile(join(cacheFolder, memory), "utf8")));
    const [, ...others] = remembered;
    await writeFile(join(cacheFolder, memory), JSON.stringify({ files: others }));
    const third = await listSource(pattern, { cacheFolder });
    expect(third.files.map(({ fingerprint }) => fingerprint)).toEqual([files[0]?.fingerprint, forged, forged]);
  });

  it("is a problem for each file that cannot be read", async () => {
    await symlink(join(rows, "absent"), join(rows, "lost.csv"));
    await symlink("self.csv", join(rows, "self.csv"));
    await link(join(rows, "b.csv"), join(rows, "same.csv"));
    const { problems } = await failure(take());
    expect(problems).toMatchObject([
      { code: "source-missing", file: join(rows, "lost.csv"), got: "ENOENT" },
      { code: "source-missing", file: join(rows, "self.csv"), got: "ELOOP" },
    ]);
  });
});
