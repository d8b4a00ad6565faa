import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { ConversionFailed } from "../../../framework/serving/log/converter.ts";
import { findRecords } from "../../../framework/serving/log/find-record.ts";
import { listReplicas } from "../../../framework/serving/log/list-parts.ts";
import { type LogOptions, type OpenLog, openLog } from "../../../framework/serving/log/open-log.ts";
import { readNewest } from "../../../framework/serving/log/read-records.ts";
import { toRecord } from "../../../framework/serving/log/record-columns.ts";
import { openStore, type Store } from "../../../framework/store/store.ts";
import { useStore } from "../../support/test-store.ts";
import { eventually } from "../storm-model.ts";
import { Relay } from "./relay.ts";

const given = useStore();
const address = { endpoint: "storms", stream: "requests" };
let folder: string;
let store: Store;
let lines: string[];

beforeEach(() => {
  folder = join(given.folder, `segments-${given.prefix}`);
  store = given.store;
  lines = [];
});

async function open(change: Partial<LogOptions> = {}): Promise<OpenLog> {
  const opened = await openLog({
    address,
    folder,
    durability: "disk",
    // Only what a test ships itself.
    shipMilliseconds: 3_600_000,
    store,
    report: (line) => lines.push(line),
    ...change,
  });
  onTestFinished(() => opened.close().catch(() => undefined));
  return opened;
}

function describeRecord(i: number) {
  const time = new Date(Date.UTC(2026, 2, 1, 10) + i * 1000).toISOString();
  return {
    id: `id-${i}`,
    time,
    endpoint: "storms",
    model: "storm",
    version: i % 2 === 0 ? "1" : "2",
    inputs: { wind: [i / 3], region: ["north"] },
    outputs: { probability: [0.25] },
    latencyMicroseconds: 100 + i,
  };
}

async function append({ log }: OpenLog, from: number, to: number): Promise<void> {
  await Promise.all(Array.from({ length: to - from }, (_, i) => log.append(describeRecord(from + i))));
}

async function readIds(change: Partial<Parameters<typeof readNewest>[0]> = {}): Promise<unknown[]> {
  const rows = await readNewest({ store, address, folder, filter: {}, limit: 1000, ...change });
  return rows.map(({ id }) => id);
}

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);
const head = async () => (await listReplicas(store, address)).map((one) => one.head);
const segments = async () => (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));

describe("shipping", () => {
  it("makes a part of what was written, from which every record is read as it was logged", async () => {
    const opened = await open();
    const odd = { ...describeRecord(3), unit: "u-1", caller: "web", shadow: { agreed: null, by: [1, { of: "x" }] } };
    await append(opened, 0, 3);
    await opened.log.append(odd);
    await opened.shipper?.ship();
    const rows = await readNewest({ store, address, filter: {}, limit: 10 });
    const read = rows.map(toRecord).map(({ replica: _replica, sequence: _sequence, ...record }) => record);
    expect(read).toEqual([describeRecord(0), describeRecord(1), describeRecord(2), odd]);
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4]);
    expect(opened.shipper?.shipped).toMatchObject({ segments: 1, shippedRecords: 4, missing: 0 });
    expect(await opened.shipper?.measure()).toEqual({ records: 0, bytes: 0, oldestSeconds: 0 });
  });

  it("leaves nothing of it on the disk, and numbers go on after a restart", async () => {
    const opened = await open();
    await append(opened, 0, 3);
    await opened.shipper?.ship();
    expect(await segments()).toEqual(["requests-0000000000000004.jsonl"]);
    await opened.close();
    const again = await open();
    await append(again, 3, 5);
    expect(await readIds()).toEqual(ids(0, 5));
    await again.shipper?.ship();
    expect(await head()).toMatchObject([{ parts: 2, records: 5, last: 5, missing: [] }]);
    expect(await readIds()).toEqual(ids(0, 5));
  });

  it("ships what an earlier process left", async () => {
    const left = await open({ store: undefined });
    await append(left, 0, 4);
    await left.close();
    const opened = await open();
    await opened.shipper?.ship();
    expect(await readIds({ folder: undefined })).toEqual(ids(0, 4));
  });

  it("of nothing does nothing", async () => {
    const opened = await open();
    await opened.shipper?.ship();
    await opened.shipper?.ship();
    expect(await head()).toEqual([]);
  });

  it("of the same segment again, after a kill before it was removed, changes nothing", async () => {
    const left = await open({ store: undefined });
    await append(left, 0, 4);
    await left.close();
    const bytes = await readFile(join(folder, "requests-0000000000000001.jsonl"));
    const opened = await open();
    await opened.shipper?.ship();
    await appendFile(join(folder, "requests-0000000000000001.jsonl"), bytes);
    await opened.shipper?.ship();
    expect(await head()).toMatchObject([{ parts: 1, records: 4 }]);
    expect(await readIds()).toEqual(ids(0, 4));
    expect(await segments()).toEqual(["requests-0000000000000005.jsonl"]);
  });

  it("takes a part into the head that was named and cut off there, although later ones are in it", async () => {
    let refused = 1;
    const opened = await open({
      store: {
        ...store,
        moveRef: async (name, next) => {
          if (refused-- > 0) throw new ConversionFailed("indexes could not be merged");
          await store.moveRef(name, next);
        },
      },
    });
    await append(opened, 0, 2);
    await opened.log.roll();
    await append(opened, 2, 4);
    await opened.shipper?.ship().catch(() => undefined);
    expect(await head()).toMatchObject([{ parts: 1, last: 4, missing: [{ from: 1, to: 2 }] }]);
    await opened.shipper?.ship();
    expect(await head()).toMatchObject([{ parts: 2, records: 4, missing: [] }]);
    expect(await findRecords(store, address, "id-1")).toHaveLength(1);
  });

  it("of a record twice, in two parts, shows it once", async () => {
    const opened = await open();
    await append(opened, 0, 4);
    await opened.shipper?.ship();
    const lines = (await readNewest({ store, address, filter: {}, limit: 10 })).map(toRecord);
    const text = lines.map(({ replica: _replica, sequence, ...record }) => JSON.stringify({ sequence, ...record }));
    await appendFile(join(folder, "requests-0000000000000001.jsonl"), `${text.slice(1).join("\n")}\n`);
    await opened.shipper?.ship();
    expect((await head())[0]?.parts).toBe(2);
    expect(await readIds()).toEqual(ids(0, 4));
    expect(await findRecords(store, address, "id-2")).toHaveLength(1);
  });

  it("waits for a store that is down, says so once, and goes on when it is back", async () => {
    await using relay = new Relay(given.connection.endpoint);
    const endpoint = await relay.listen();
    const away = openStore({ ...given.connection, endpoint }, { prefix: given.prefix, cacheFolder: join(folder, "c") });
    const opened = await open({ store: away, shipMilliseconds: 50 });
    relay.cut();
    await append(opened, 0, 3);
    await eventually(() => lines.length).toBeGreaterThan(0);
    await append(opened, 3, 6);
    expect((await opened.shipper?.measure())?.records).toBe(6);
    relay.mend();
    await eventually(() => head().then(([one]) => one?.last)).toBe(6);
    await eventually(() => lines.length).toBe(2);
    expect(lines[0]).toContain("waits, for it cannot be brought into the store");
    expect(lines[1]).toContain("is brought into the store again");
    expect(await readIds({ folder: undefined })).toEqual(ids(0, 6));
  });
});

describe("gaps", () => {
  it("in a torn segment are counted, and what is whole is kept", async () => {
    const left = await open({ store: undefined });
    await append(left, 0, 2);
    await left.close();
    const lines = [
      '{"sequence":3,"id":"id-2"',
      '{"sequence":4,"id":"id-3","time":"2026-03-01T10:00:09.000Z"}',
      "\0\0\0",
    ];
    await appendFile(join(folder, "requests-0000000000000001.jsonl"), lines.join("\n"));
    const opened = await open();
    await opened.shipper?.ship();
    expect(opened.shipper?.shipped).toMatchObject({ shippedRecords: 3, missing: 1 });
    expect(await head()).toMatchObject([{ last: 4, missing: [{ from: 3, to: 3 }] }]);
    expect(await readIds()).toEqual(["id-0", "id-1", "id-3"]);
  });

  it("between segments are counted when one is lost", async () => {
    const left = await open({ store: undefined });
    for (let i = 0; i < 3; i++) {
      await append(left, i, i + 1);
      await left.log.roll();
    }
    await left.close();
    await rm(join(folder, "requests-0000000000000002.jsonl"));
    const opened = await open();
    await opened.shipper?.ship();
    expect(opened.shipper?.shipped).toMatchObject({ shippedRecords: 2, missing: 1 });
    expect(await head()).toMatchObject([{ last: 3, missing: [{ from: 2, to: 2 }], records: 2 }]);
    // Whoever reads the server's log is told, and once.
    await append(opened, 3, 4);
    await opened.shipper?.ship();
    const [{ replica = "" } = {}] = await listReplicas(store, address);
    expect(lines).toEqual([`the log of requests has a gap: no record has 1 of the numbers of replica ${replica}: 2`]);
  });

  it("are seen of what was taken on trust and lost in a crash", async () => {
    const left = await open({ store: undefined, durability: "memory" });
    await append(left, 0, 2);
    await left.log.roll();
    // It ends without closing: what it had accepted by then, nobody knows.
    const opened = await open({ durability: "memory" });
    await append(opened, 2, 3);
    await opened.shipper?.ship();
    expect((await head())[0]?.missing).toEqual([{ from: 3, to: 1001 }]);
    expect(await readIds()).toEqual(ids(0, 3));
  });
});

describe("a log in the store", () => {
  it("has a record there by the time its append returns, whatever becomes of the folder", async () => {
    const opened = await open({ durability: "store" });
    await append(opened, 0, 5);
    await rm(folder, { recursive: true });
    expect(await readIds({ folder: undefined })).toEqual(ids(0, 5));
    await mkdir(folder);
    await opened.close();
    // Another machine, with a folder of its own, ships what was left.
    const next = await open({ durability: "store", abandonedMilliseconds: 0 });
    await append(next, 5, 7);
    await next.shipper?.ship();
    expect(await readIds({ folder: undefined })).toEqual(ids(0, 7));
    expect((await head()).map(({ records }) => records).sort()).toEqual([2, 5]);
    const left: string[] = [];
    for await (const { name } of store.entries.list("")) left.push(name);
    expect(left).toEqual([]);
  });

  it("refuses what the store does not take, and never gives its number again", async () => {
    await using relay = new Relay(given.connection.endpoint);
    const endpoint = await relay.listen();
    const away = openStore({ ...given.connection, endpoint }, { prefix: given.prefix, cacheFolder: join(folder, "c") });
    const opened = await open({ durability: "store", store: away });
    await append(opened, 0, 1);
    relay.cut();
    await expect(opened.log.append(describeRecord(1))).rejects.toThrow();
    relay.mend();
    await append(opened, 2, 3);
    await opened.shipper?.ship();
    expect(await readIds()).toEqual(["id-0", "id-2"]);
    expect(await head()).toMatchObject([{ last: 3, missing: [{ from: 2, to: 2 }] }]);
  });

  it("leaves to a replica that may live what it has not shipped yet", async () => {
    const [one, other] = [
      await open({ durability: "store" }),
      await open({ durability: "store", folder: `${folder}-2` }),
    ];
    await append(one, 0, 2);
    await append(other, 2, 4);
    await other.shipper?.ship();
    expect((await head()).map(({ records }) => records)).toEqual([2]);
    expect(await readIds()).toEqual(ids(0, 4));
  });
});

describe("what was kept with another durability", () => {
  it.each([
    ["disk", "store"],
    ["store", "disk"],
  ] as const)("is shipped: %s, then %s", async (before, now) => {
    const left = await open({ durability: before });
    await append(left, 0, 3);
    await left.close();
    const opened = await open({ durability: now });
    await append(opened, 3, 5);
    await opened.shipper?.ship();
    expect(await readIds({ folder: undefined })).toEqual(ids(0, 5));
    const waiting: string[] = [];
    for await (const { name } of store.entries.list("")) waiting.push(name);
    expect(waiting).toEqual([]);
    await opened.close();
    const again = await open({ durability: "disk" });
    await append(again, 5, 6);
    await again.shipper?.ship();
    expect(await readIds({ folder: undefined })).toEqual(ids(0, 6));
    expect((await head()).flatMap(({ missing }) => missing)).toEqual([]);
  });
});

describe("a record", () => {
  it("is found by its id among many parts, by reading some kilobytes of indexes and the one part that has it", async () => {
    const opened = await open();
    for (let part = 0; part < 10; part++) {
      await append(opened, part * 300, part * 300 + 300);
      await opened.shipper?.ship();
    }
    let [bytes, parts] = [0, 0];
    const counting = {
      ...store,
      inventory: {
        peek: async (digest: string, length: number, start?: number) => {
          bytes += length;
          return await store.inventory.peek(digest, length, start);
        },
      },
      fetchFile: (reference: Parameters<Store["fetchFile"]>[0]) => {
        parts++;
        return store.fetchFile(reference);
      },
    };
    expect((await head())[0]?.indexes.map((index) => index.parts)).toEqual([8, 1, 1]);
    const found = await findRecords(counting, address, "id-1234");
    expect(found.map(toRecord)).toMatchObject([{ ...describeRecord(1234), sequence: 1235 }]);
    expect(parts).toBe(1);
    expect(bytes).toBeLessThan(3 * 32 * 1024);
    expect(await findRecords(counting, address, "id-9999")).toEqual([]);
    expect(parts).toBe(1);
  }, 60_000);
});

it("an index that is lost is said to be, and not searched for ever", async () => {
  const opened = await open();
  await append(opened, 0, 3);
  await opened.shipper?.ship();
  const lost = { ...store, inventory: { peek: async () => undefined } };
  await expect(findRecords(lost, address, "id-1")).rejects.toThrow("is not in the store");
});

describe("reading", () => {
  it.each<[string, Parameters<typeof readNewest>[0]["filter"], unknown[]]>([
    ["a version", { version: "2" }, ["id-1", "id-3"]],
    ["what was asked", { where: "wind > 0.5 AND region = 'north'" }, ["id-2", "id-3", "id-4"]],
    ["what was answered", { where: "probability > 0.3" }, []],
    ["what all records have", { where: "latencyMicroseconds < 102 -- so few" }, ["id-0", "id-1"]],
    ["a time", { since: new Date("2026-03-01T10:00:03Z") }, ["id-3", "id-4"]],
    ["several things", { version: "1", where: "wind < 1" }, ["id-0", "id-2"]],
  ])("goes by %s, in parts and in what is none yet", async (_title, filter, expected) => {
    const opened = await open();
    await append(opened, 0, 3);
    await opened.shipper?.ship();
    await append(opened, 3, 5);
    expect(await readIds({ filter })).toEqual(expected);
  });

  it("gives the newest", async () => {
    const opened = await open();
    await append(opened, 0, 3);
    await opened.shipper?.ship();
    await append(opened, 3, 5);
    expect(await readIds({ limit: 3 })).toEqual(ids(2, 5));
  });

  it("says what is wrong with a condition, and which names there are", async () => {
    const opened = await open();
    await append(opened, 0, 1);
    await expect(readIds({ filter: { where: "winds > 1" } })).rejects.toThrow(/winds.*wind, region, probability/s);
  });
});
