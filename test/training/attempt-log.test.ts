import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginAttempt, removeAttempts } from "../../framework/training/attempt-log.ts";

let workFolder: string;
let checkpoints: string;
beforeEach(async () => {
  workFolder = await mkdtemp(join(tmpdir(), "steward-test-"));
  checkpoints = join(workFolder, "checkpoints");
  await mkdir(checkpoints);
});
afterEach(() => rm(workFolder, { recursive: true, force: true }));

const identity = "a".repeat(64);
const begin = (signMilliseconds?: number) =>
  beginAttempt({ workFolder, identity, checkpoints, ...(signMilliseconds && { signMilliseconds }) });
const file = () => join(workFolder, "attempts", `${identity}.json`);

/** Ages a file by seconds. */
async function age(path: string, seconds: number, now = Date.now()) {
  const time = new Date(now - seconds * 1000);
  await utimes(path, time, time);
}

describe("the log of attempts", () => {
  it("tells the next attempt how the one before ended", async () => {
    const first = await begin();
    first.resume({ checkpoint: 2, step: 40 });
    const [closed] = await first.close("preempted");
    expect(closed).toMatchObject({ how: "preempted", resumedFrom: { checkpoint: 2, step: 40 } });
    expect(await first.close("failed")).toEqual([closed]);

    const second = await begin();
    expect(second.earlier).toEqual([closed]);
    expect(await second.close("succeeded")).toMatchObject([{ how: "preempted" }, { how: "succeeded", lostSeconds: 0 }]);
  });

  it("counts an attempt that nobody closed as lost with its worker, when it was last seen", async () => {
    const written = {
      format: "attempts/1",
      ended: [],
      open: { began: new Date(Date.now() - 100_000).toISOString() },
    };
    await mkdir(join(workFolder, "attempts"));
    await writeFile(file(), JSON.stringify(written));
    const now = Date.now();
    await age(file(), 40, now);
    await writeFile(join(checkpoints, "round"), "3");
    await age(join(checkpoints, "round"), 55, now);
    await mkdir(join(checkpoints, ".partial-x"));
    await writeFile(join(checkpoints, ".partial-x", "state"), "half");
    const { earlier, close } = await begin();
    expect(earlier).toMatchObject([{ how: "worker-lost" }]);
    expect(earlier[0]?.lostSeconds).toBeCloseTo(15, 1);
    await close("failed");
  });

  it("gives signs of life while an attempt is under way", async () => {
    const attempt = await begin(20);
    await age(file(), 1_000);
    await vi.waitFor(async () => expect(Date.now() - (await stat(file())).mtimeMs).toBeLessThan(500_000), {
      timeout: 60_000,
    });
    await attempt.close("failed");
  });

  it("begins anew where its file is damaged, and leaves nothing once the run is recorded", async () => {
    await (await begin()).close("failed");
    await writeFile(file(), "{");
    const { earlier, close } = await begin();
    expect(earlier).toEqual([]);
    await close("succeeded");
    await removeAttempts(workFolder, identity);
    expect(await readdir(join(workFolder, "attempts"))).toEqual([]);
  });

  it("refuses one that a newer version wrote", async () => {
    await mkdir(join(workFolder, "attempts"));
    await writeFile(file(), JSON.stringify({ format: "attempts/99" }));
    await expect(begin()).rejects.toMatchObject({ problems: [{ code: "format-newer" }] });
  });
});
