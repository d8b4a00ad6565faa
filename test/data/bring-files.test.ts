/**
 * Files of a source that lie elsewhere: brought a few at a time, in their order, and removed again.
 */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bringFiles } from "../../framework/data/bring-files.ts";
import { readSourceFiles } from "../../framework/data/read-source-files.ts";
import type { RemoteFile, SourceFile } from "../../framework/data/source-files.ts";
import { testSpec } from "./ingesting.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-bring-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const large = 10 ** 7;

/** Files elsewhere, and how many of them were begun, and are here. */
function given(count: number, { size = large, broken = -1 } = {}) {
  const seen = { begun: 0, here: 0, most: 0 };
  const files = Array.from(
    { length: count },
    (_, index): RemoteFile => ({
      name: `f${index}`,
      fingerprint: String(index),
      size,
      fetch: async (own) => {
        seen.begun++;
        if (index === broken) throw new Error(`no f${index}`);
        const path = join(own, `f${index}.csv`);
        await writeFile(path, `t,amount\n2024-01-01,${index}\n`);
        seen.most = Math.max(seen.most, (await readdir(folder)).length);
        return path;
      },
    }),
  );
  return { seen, files };
}

describe("files elsewhere", () => {
  it.each([
    ["large ones, two", large, 2],
    ["those whose size nobody knows, two", 0, 2],
    ["small ones, more", 100, 16],
  ])("are brought a few ahead, and no further: of %s", async (_, size, ahead) => {
    const { seen, files } = given(40, { size });
    const names: string[] = [];
    for await (const { name, release } of bringFiles(files, { folder })) {
      names.push(name);
      await sleep(2);
      expect(seen.begun).toBeLessThanOrEqual(names.length + ahead);
      await release();
    }
    expect(names).toEqual(files.map(({ name }) => name));
    expect(seen.most).toBeGreaterThan(1);
    expect(seen.most).toBeLessThanOrEqual(ahead + 1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("that were not handed out are removed, and none is brought any more, when nobody wants the rest", async () => {
    const { seen, files } = given(40);
    for await (const { name, release } of bringFiles(files, { folder })) {
      await release();
      if (name === "f3") break;
    }
    const { begun } = seen;
    await sleep(20);
    expect(seen.begun).toBe(begun);
    expect(await readdir(folder)).toEqual([]);
  });

  it("that cannot be brought fail in their turn, and leave nothing of those after them", async () => {
    const { files } = given(10, { broken: 4 });
    const names: string[] = [];
    const all = async () => {
      for await (const { name, release } of bringFiles(files, { folder })) {
        names.push(name);
        await release();
      }
    };
    await expect(all()).rejects.toThrow("no f4");
    expect(names).toEqual(["f0", "f1", "f2", "f3"]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("hear of an abort, whose reason is thrown", async () => {
    const controller = new AbortController();
    const waiting: RemoteFile = {
      name: "a",
      fingerprint: "a",
      size: 1,
      fetch: (_, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    };
    const next = bringFiles([waiting], { folder, signal: controller.signal }).next();
    setTimeout(() => controller.abort(new Error("called off")), 20);
    await expect(next).rejects.toThrow("called off");
    expect(await readdir(folder)).toEqual([]);
  });

  it("are read among those that lie here, which stay", async () => {
    const { files } = given(3);
    const path = join(folder, "here.csv");
    await writeFile(path, "t,amount\n2024-01-01,7\n");
    const all: SourceFile[] = [...files, { name: "here", fingerprint: "here", size: 23, path }];
    const read = [];
    const spec = testSpec([{ name: "amount", type: "integer" }]);
    for await (const { name, rows } of readSourceFiles({ spec, files: bringFiles(all, { folder }), folder }))
      read.push([name, rows]);
    expect(read).toEqual(all.map(({ name }) => [name, 1]));
    expect((await readdir(folder)).filter((name) => name.startsWith("fetched-"))).toEqual([]);
    expect(await readdir(folder)).toContain("here.csv");
  });
});
