import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { open } from "lmdb";
import { afterAll, describe, expect, it } from "vitest";
import { findAddressLimit } from "../../../framework/features/online/lmdb-environment.ts";
import { openLmdbStore } from "../../../framework/features/online/lmdb-store.ts";
import { failure } from "../../support/failure.ts";
import { replace, sizes, testOnlineStore } from "./conformance.ts";
import { entities, layout, root, row } from "./given-rows.ts";

const folder = await mkdtemp(join(tmpdir(), "steward-online-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

testOnlineStore("openLmdbStore", async () => openLmdbStore({ folder: join(folder, "shared") }));

const table = { name: "table", layout };

/** A process that writes until it is ended; `turns` says how many turns it has put in force. */
interface Writer {
  readonly process: ChildProcess;
  turns(): number;
}

function startWriter(place: string, mode: "replace" | "upsert"): Writer {
  const program = fileURLToPath(new URL("./writer.ts", import.meta.url));
  const writer = spawn(process.execPath, [program, place, mode], { stdio: ["ignore", "pipe", "inherit"] });
  let turns = 0;
  writer.stdout?.on("data", (lines: Buffer) => {
    turns += lines.toString().split("\n").length - 1;
  });
  return { process: writer, turns: () => turns };
}

/** Ends it in the middle of whatever it does. */
async function kill({ process: writer }: Writer): Promise<void> {
  const ended = once(writer, "exit");
  writer.kill("SIGKILL");
  await ended;
}

/** The sizes that all entities have, each once. */
async function distinctSizes(place: string): Promise<{ sizes: unknown[]; rows?: number; asOf?: number }> {
  await using store = openLmdbStore({ folder: place, readOnly: true });
  const keys = Array.from({ length: entities }, (_, i) => [i]);
  const status = await store.status("table");
  const found = [...new Set(await sizes(store, table, keys))];
  return { sizes: found, ...(status && { rows: status.rows, asOf: Number(status.asOf) }) };
}

async function reads(place: string): Promise<boolean> {
  await using store = openLmdbStore({ folder: place, readOnly: true });
  return Array.isArray(await store.list());
}

describe("the address space of a process", () => {
  it("is what the system says, or any amount", () => {
    const says = (soft: string) => `Limit  Soft Limit  Units\nMax address space         ${soft}   unlimited   bytes\n`;
    expect(findAddressLimit(says("unlimited"))).toBeUndefined();
    expect(findAddressLimit(says("4294967296"))).toBe(4_294_967_296);
    expect(findAddressLimit("")).toBeUndefined();
  });
});

describe("an LMDB store", () => {
  it("has one replacement or the other in force, whole, whenever its writer is killed", async () => {
    const place = join(folder, "killed");
    for (const pause of [0, 60, 150]) {
      const writer = startWriter(place, "replace");
      await expect.poll(writer.turns, { timeout: 20_000 }).toBeGreaterThan(0);
      await sleep(pause);
      await kill(writer);
      const found = await distinctSizes(place);
      expect(found).toEqual({ sizes: [found.asOf], rows: entities, asOf: expect.any(Number) });
      expect(found.asOf).toBeGreaterThanOrEqual(writer.turns());
    }
    const store = openLmdbStore({ folder: place });
    await replace(store, table, [row(["a"], 1, 1n)]);
    await store[Symbol.asyncDispose]();
    // The state, the row and the last generation: what the killed ones left is gone.
    const raw = open<Buffer, Uint8Array>({ path: place, noSubdir: false, encoding: "binary", keyEncoding: "binary" });
    expect(raw.getKeysCount({ start: Buffer.of(0) })).toBe(3);
    await raw.close();
  });

  it("loses nothing of an upsert that was committed when its writer is killed, and counts right", async () => {
    const place = join(folder, "upserted");
    const writer = startWriter(place, "upsert");
    await expect.poll(writer.turns, { timeout: 20_000 }).toBeGreaterThan(2);
    await kill(writer);
    const { sizes: found, rows, asOf = 0 } = await distinctSizes(place);
    expect(asOf).toBeGreaterThanOrEqual(writer.turns());
    expect(rows).toBe(entities);
    for (const size of found) expect([asOf, asOf + 1]).toContain(size);
  });

  it("is read by other processes while it is written and grows, each time from one generation", async () => {
    const place = join(folder, "read");
    await using store = openLmdbStore({ folder: place, readOnly: true });
    expect([await sizes(store, table, [[1]]), await store.list()]).toEqual([["absent"], []]);
    const writer = startWriter(place, "replace");
    try {
      const seen = new Set<unknown>();
      const torn: unknown[] = [];
      const keys = Array.from({ length: 200 }, (_, i) => [i * 25]);
      const readOnce = async () => {
        const found = [...new Set(await sizes(store, table, keys))];
        if (found.length !== 1) torn.push(found);
        return seen.add(found[0]).size;
      };
      await expect.poll(readOnce, { timeout: 40_000, interval: 1 }).toBeGreaterThan(4);
      expect(torn).toEqual([]);
    } finally {
      await kill(writer);
    }
  });

  it("can be opened by whoever sees its data file, which is there as a whole or not at all", async () => {
    for (let round = 0; round < 5; round++) {
      const place = join(folder, `begun-${round}`);
      const writer = startWriter(place, "replace");
      const { promise: seen, resolve } = Promise.withResolvers<Buffer>();
      const look = setInterval(() => {
        if (existsSync(join(place, "data.mdb"))) resolve(readFileSync(join(place, "data.mdb")));
      });
      // Less than two pages is what the driver does not survive.
      expect((await seen).length).toBeGreaterThanOrEqual(8192);
      clearInterval(look);
      expect(await reads(place)).toBe(true);
      await kill(writer);
    }
  });

  it("refuses a data file that is none", async () => {
    const place = join(folder, "damaged");
    mkdirSync(place);
    writeFileSync(join(place, "data.mdb"), Buffer.alloc(8192));
    await using damaged = openLmdbStore({ folder: place });
    const { problems } = await failure(damaged.list());
    expect(problems).toEqual([expect.objectContaining({ code: "online-store-failed", at: place })]);
  });

  it("is opened once in a process, by all who use it there", async () => {
    const place = join(folder, "once");
    const writer = openLmdbStore({ folder: place });
    await replace(writer, table, [row(["a"], 1, 1n)]);
    await using reader = openLmdbStore({ folder: place, readOnly: true });
    expect(await reader.list()).toEqual(["table"]);
    await writer[Symbol.asyncDispose]();
    // The last one closes it.
    expect(await reader.list()).toEqual(["table"]);
    await reader[Symbol.asyncDispose]();
    await using first = openLmdbStore({ folder: place, readOnly: true });
    expect(await first.list()).toEqual(["table"]);
    await using late = openLmdbStore({ folder: place });
    await expect(late.begin(table, { mode: "replace", asOf: 1n, root })).rejects.toThrow(TypeError);
  });

  it("is written by nobody who opened it to read", async () => {
    await using store = openLmdbStore({ folder: join(folder, "shared"), readOnly: true });
    await expect(store.begin(table, { mode: "replace", asOf: 1n, root })).rejects.toThrow(TypeError);
    await expect(store.remove("table", [["a"]])).rejects.toThrow(TypeError);
  });
});
