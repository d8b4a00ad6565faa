import { appendFile, chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnswerCache, openAnswerCache } from "../../../../framework/data/sources/http/answer-cache.ts";
import { digestBytes } from "../../../../framework/plan/digest.ts";

let folder = "";
let cache: AnswerCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-answers-"));
  cache = openAnswerCache(join(folder, "answers"), 10);
});
afterEach(() => rm(folder, { recursive: true }));

const out = () => join(folder, "out");
const kept = async () => (await readdir(join(folder, "answers"))).sort();

async function take(text: string): Promise<string> {
  const { sha256 } = await cache.take(async (path) => {
    await writeFile(path, text);
    return { sha256: digestBytes(text), size: text.length };
  });
  // Times that are used to tell what was used last.
  await sleep(5);
  return sha256;
}

describe("the cache of answers", () => {
  it("puts what was taken in to a path, any number of times", async () => {
    const digest = await take("one");
    for (let turn = 0; turn < 2; turn++) {
      expect(await cache.put(digest, out())).toBe(true);
      expect(await readFile(out(), "utf8")).toBe("one");
      await rm(out());
    }
    expect(await cache.put(digestBytes("two"), out())).toBe(false);
  });

  it("keeps what was used last, as much as it may, and what was taken in last however large it is", async () => {
    const [a, b] = [await take("aaaa"), await take("bbbb")];
    await cache.put(a, out());
    await sleep(5);
    const c = await take("cccc");
    expect(await kept()).toEqual([a, c].sort());
    expect(await cache.put(b, join(folder, "other"))).toBe(false);
    const d = await take("d".repeat(100));
    expect(await kept()).toEqual([d]);
    const e = await take("e");
    expect(await kept()).toEqual([e]);
  });

  it("has nothing that was written to since", async () => {
    const digest = await take("one");
    const path = join(folder, "answers", digest);
    await chmod(path, 0o600);
    await appendFile(path, "more");
    expect(await cache.put(digest, out())).toBe(false);
    expect(await kept()).toEqual([]);
  });

  it("keeps nothing of what was not written to its end, by this process or by one that was killed", async () => {
    const failing = cache.take(async (path) => {
      await writeFile(path, "half");
      throw new Error("broken off");
    });
    await expect(failing).rejects.toThrow("broken off");
    expect(await kept()).toEqual([]);
    const left = join(folder, "answers", "incoming-1-abc");
    await writeFile(left, "half");
    await utimes(left, new Date(), new Date(Date.now() - 25 * 3_600_000));
    await writeFile(join(folder, "answers", "incoming-2-abc"), "half");
    const digest = await take("one");
    expect(await kept()).toEqual([digest, "incoming-2-abc"].sort());
  });
});
