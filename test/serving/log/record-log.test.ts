import {
  appendFile,
  constants,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openRecordLog } from "../../../framework/serving/log/record-log.ts";
import { readRecords } from "../segments.ts";
import { eventually } from "../storm-model.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "steward-log-")), "segments");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const first = "requests-0000000000000001.jsonl";

async function write(ids: readonly string[], options: { durability?: "disk" | "memory"; segmentBytes?: number } = {}) {
  const log = await openRecordLog({ folder, stream: "requests", durability: "disk", ...options });
  await Promise.all(ids.map((id) => log.append({ id })));
  await log.close();
}

async function readIds(): Promise<(readonly [number, string])[]> {
  return (await readRecords(folder)).map(({ sequence, id }) => [sequence, id] as const);
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `id-${i}`);
}

describe("request log", () => {
  it.each(["disk", "memory"] as const)(
    "keeps records in order and numbers them, over restarts (%s)",
    async (durability) => {
      await write(["a", "b", "c"], { durability });
      await write([]);
      await write(["d"], { durability });
      expect(await readIds()).toEqual([
        [1, "a"],
        [2, "b"],
        [3, "c"],
        [4, "d"],
      ]);
      expect(await readdir(folder)).toEqual([first]);
    },
  );

  it("has a record on the disk by the time its append returns", async () => {
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    for (const id of ["a", "b", "c"]) {
      await log.append({ id });
      expect((await readIds()).at(-1)?.[1]).toBe(id);
    }
    await log.close();
  });

  it("begins a new segment when one is full; names sort as records do", async () => {
    for (const id of ids(25)) await write([id], { segmentBytes: 60 });
    expect(await readdir(folder)).toHaveLength(9);
    expect((await readIds()).map(([, id]) => id)).toEqual(ids(25));
  });

  it("gets any text into one line", async () => {
    const id = 'a\n"b"\u2028\u0000\ud800';
    await write([id]);
    expect((await readRecords(folder))[0]?.id).toBe(id);
  });

  it.each([
    ["half a record", '{"sequence":3,"id":"c'],
    ["a record without its line's end", '{"sequence":3,"id":"c"}'],
    ["zeros, as after a power cut", "\0\0\0\0\n\0\0"],
    ["a line that is no record", "{}\n"],
    [
      "a record behind zeros, which the disk kept before those in front of it",
      '\0\0\0"}\n{"sequence":4,"id":"c"}\n\0\0',
    ],
  ])("cuts off %s and goes on with the next number", async (_title, tail) => {
    await write(["a", "b"]);
    await appendFile(join(folder, first), tail);
    await write(["d"]);
    expect(await readIds()).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "d"],
    ]);
  });

  it("recovers from a cut at any byte, losing only what lies behind it", async () => {
    await write(["a", "b", "å", "d"]);
    const whole = await readRecords(folder);
    const lines = whole.map((record) => Buffer.byteLength(JSON.stringify(record)) + 1);
    const total = lines.reduce((sum, length) => sum + length, 0);
    const text = whole.map((record) => `${JSON.stringify(record)}\n`).join("");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: total }), async (cut) => {
        await writeFile(join(folder, first), text);
        await truncate(join(folder, first), cut);
        let kept = 0;
        for (let end = lines[0] ?? 0; kept < lines.length && end <= cut; end += lines[kept] ?? 0) kept++;
        await write(["next"]);
        const ids = await readIds();
        expect(ids.slice(0, -1)).toEqual(
          [
            [1, "a"],
            [2, "b"],
            [3, "å"],
            [4, "d"],
          ].slice(0, kept),
        );
        expect(ids.at(-1)).toEqual([kept + 1, "next"]);
      }),
      { numRuns: 30 },
    );
  });

  it("goes on with a segment's own number when nothing in it is whole", async () => {
    await write(["a", "b"], { segmentBytes: 1 });
    const names = await readdir(folder);
    await truncate(join(folder, names.at(-1) ?? ""), 5);
    const before = (await readIds()).length;
    await write(["c"]);
    expect((await readIds()).at(-1)).toEqual([before + 1, "c"]);
  });

  it("does not touch files that are not its own", async () => {
    await write(["a"]);
    await writeFile(join(folder, "requests-note.txt"), "z");
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    await log.append({ id: "b" });
    await log.close();
    await rm(join(folder, "requests-note.txt"));
    expect(await readIds()).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
  });
});

it("writes what comes at once in several pieces where it is much, so that no segment is far longer than it is to be", async () => {
  const log = await openRecordLog({ folder, stream: "requests", durability: "disk", segmentBytes: 2 ** 20 });
  const text = "a".repeat(9 * 2 ** 20);
  await Promise.all(["a", "b", "c"].map((id) => log.append({ id, text })));
  await log.close();
  expect(await readdir(folder)).toHaveLength(3);
  expect((await readIds()).map(([, id]) => id)).toEqual(["a", "b", "c"]);
});

describe("flushes", () => {
  /** A method of every open file. */
  async function spyOn(method: "write" | "datasync") {
    const file = await open(join(folder, "..", "any"), "w");
    const spy = vi.spyOn(Object.getPrototypeOf(file), method);
    await file.close();
    return spy;
  }
  afterEach(() => vi.restoreAllMocks());

  /** How often records were written; zeros are room for them. */
  function countWrites(write: Awaited<ReturnType<typeof spyOn>>): number {
    return write.mock.calls.filter(([bytes]) => (bytes as Buffer)[0] !== 0).length;
  }

  /** Whether what is written into the open segment is on the disk when its write returns. */
  async function isWrittenThrough(): Promise<boolean> {
    for (const fd of await readdir("/proc/self/fd")) {
      if ((await readlink(join("/proc/self/fd", fd)).catch(() => "")) !== join(folder, first)) continue;
      const [, flags = ""] = /^flags:\s*([0-7]+)$/m.exec(await readFile(`/proc/self/fdinfo/${fd}`, "utf8")) ?? [];
      return (Number.parseInt(flags, 8) & constants.O_DSYNC) !== 0;
    }
    throw new Error("no segment is open");
  }

  it.runIf(process.platform === "linux").each([
    ["disk", true],
    ["memory", false],
  ] as const)("come with each write where they are asked for: %s", async (durability, isThrough) => {
    const log = await openRecordLog({ folder, stream: "requests", durability });
    await log.append({ id: "a" });
    await eventually(() => readIds()).toEqual([[1, "a"]]);
    expect(await isWrittenThrough()).toBe(isThrough);
    await log.close();
  });

  it("one of what an earlier process left, before anything is written behind it", async () => {
    await write(["a"], { durability: "memory" });
    const [writes, flushes] = [await spyOn("write"), await spyOn("datasync")];
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    await log.append({ id: "b" });
    const [flushed = Number.POSITIVE_INFINITY] = flushes.mock.invocationCallOrder;
    expect(flushed).toBeLessThan(writes.mock.invocationCallOrder[0] ?? 0);
    await log.close();
  });

  it("one for each record that comes alone, few for many that come together", async () => {
    const write = await spyOn("write");
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    for (const id of ["a", "b", "c"]) await log.append({ id });
    expect(countWrites(write)).toBe(3);
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.append({ id: `${i}` })));
    expect(countWrites(write)).toBeLessThan(10);
    await log.close();
  });

  it("one for records that keep coming, every second turn of the event loop", async () => {
    const write = await spyOn("write");
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    await log.append({ id: "a" });
    write.mockClear();
    // However slow the machine is: no time passes.
    vi.spyOn(performance, "now").mockReturnValue(0);
    const appended = ids(20).map(async (id, i) => {
      for (let turns = 0; turns < 2 * i; turns++) await turn();
      await log.append({ id });
    });
    await Promise.all(appended);
    expect(countWrites(write)).toBe(1);
    await log.close();
    expect((await readIds()).map(([, id]) => id)).toEqual(["a", ...ids(20)]);
  });

  it("without waiting for the end of records that never cease to come", async () => {
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    let keepsComing = true;
    const others: Promise<void>[] = [];
    const comeOn = async () => {
      for (let i = 0; keepsComing && i < 100_000; i++) {
        others.push(log.append({ id: `other ${i}` }));
        await turn();
      }
    };
    const coming = comeOn();
    await log.append({ id: "a" });
    expect(others.length).toBeLessThan(100_000);
    keepsComing = false;
    await coming;
    await Promise.all(others);
    await log.close();
    expect(await readIds()).toHaveLength(others.length + 1);
  });

  it("none before the end for records that need not outlive a crash", async () => {
    const flush = await spyOn("datasync");
    const log = await openRecordLog({ folder, stream: "requests", durability: "memory" });
    await log.append({ id: "a" });
    await eventually(() => readIds()).toEqual([[1, "a"]]);
    expect(flush).not.toHaveBeenCalled();
    await log.close();
    expect(flush).toHaveBeenCalledOnce();
  });

  it("that fail reject their records, which leave no trace that could be taken for one", async () => {
    const write = await spyOn("write");
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    await log.append({ id: "a" });
    write.mockRejectedValueOnce(new Error("EIO"));
    await expect(log.append({ id: "b" })).rejects.toThrow("EIO");
    await log.append({ id: "c" });
    await log.close();
    expect(await readIds()).toEqual([
      [1, "a"],
      [2, "c"],
    ]);
    expect(await readdir(folder)).toHaveLength(2);
  });
});

describe("request log on a disk that fails", () => {
  /** Puts a file where the folder is: nothing can be opened in it until it is back. */
  async function loseFolder(): Promise<void> {
    await rename(folder, `${folder}-away`);
    await writeFile(folder, "");
  }

  async function restoreFolder(): Promise<void> {
    await rm(folder);
    await rename(`${folder}-away`, folder);
  }

  it("rejects what could not be written, and takes records again once the disk does", async () => {
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    await loseFolder();
    const rejected = await Promise.allSettled([log.append({ id: "a" }), log.append({ id: "b" })]);
    expect(rejected.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await restoreFolder();
    await log.append({ id: "c" });
    await log.close();
    expect(await readIds()).toEqual([[1, "c"]]);
  });

  it("leaves a segment that took no more, and the numbers that may have come to the disk", async () => {
    const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
    await symlink("/dev/full", join(folder, first));
    await expect(log.append({ id: "a" })).rejects.toMatchObject({ code: "ENOSPC" });
    await rm(join(folder, first));
    await log.append({ id: "b" });
    await log.close();
    expect(await readIds()).toEqual([[2, "b"]]);
  });

  it("loses nothing that it accepted into memory, and accepts nothing more until it can write", async () => {
    const log = await openRecordLog({ folder, stream: "requests", durability: "memory" });
    await loseFolder();
    await log.append({ id: "a" });
    const refuses = () =>
      log.append({ id: "early" }).then(
        () => false,
        () => true,
      );
    await eventually(refuses).toBe(true);
    await restoreFolder();
    await log.append({ id: "b" });
    await log.close();
    const ids = (await readIds()).map(([, id]) => id);
    expect(ids[0]).toBe("a");
    expect(ids.at(-1)).toBe("b");
  });

  it("says when accepted records could not be written at the end", async () => {
    const log = await openRecordLog({ folder, stream: "requests", durability: "memory" });
    await loseFolder();
    await log.append({ id: "a" });
    await expect(log.close()).rejects.toThrow("accepted records that could not be written: 1");
  });
});
