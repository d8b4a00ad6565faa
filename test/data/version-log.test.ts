import { describe, expect, it } from "vitest";
import { logLiveVersion } from "../../framework/data/log-live-version.ts";
import {
  chooseVersion,
  parseVersionAddress,
  readLatestRecord,
  readVersionLog,
  recordVersion,
  type UnnumberedRecord,
} from "../../framework/data/version-log.ts";
import { ingestIdentity } from "../../framework/plan/identity.ts";
import { testSpec } from "./ingesting.ts";

const rootOf = (letter: string) => letter.repeat(64);

/** Names in memory, and versions that are known by their fingerprints. */
function createStore(fingerprints: Readonly<Record<string, string>> = {}) {
  const names = new Map<string, unknown>();
  let reads = 0;
  return {
    names,
    reads: () => reads,
    readName: async (name: string) => {
      reads++;
      return names.get(name) as never;
    },
    writeOnce: async (name: string, value: unknown) => {
      const created = !names.has(name);
      if (created) names.set(name, value);
      return { created, value: names.get(name) as never };
    },
    async *listNames(prefix: string) {
      yield* [...names.keys()].filter((name) => name.startsWith(prefix)).sort();
    },
    has: async (root: string) => root in fingerprints,
    getJson: async (root: unknown) => ({ fingerprint: fingerprints[String(root)] }) as never,
  };
}

const record = (letter: string): UnnumberedRecord => ({
  dataset: "flights",
  root: rootOf(letter),
  rows: 10,
  quarantined: 0,
  at: "2024-01-01T00:00:00.000Z",
  cause: ["source"],
  identity: `identity-of-${letter}`,
});

describe("the log", () => {
  it("numbers versions from 1, and an earlier content anew", async () => {
    const store = createStore();
    for (const [letter, number] of [
      ["a", 1],
      ["b", 2],
      ["a", 3],
    ] as const)
      expect(await recordVersion(store, record(letter))).toBe(number);
    const records = await readVersionLog(store, "flights");
    expect(records.map(({ number, root }) => [number, root[0]])).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "a"],
    ]);
    expect(records[0]).toEqual({ format: "version-record/1", number: 1, ...record("a") });
  });

  it("is written once, however often a version is recorded", async () => {
    const store = createStore();
    for (const letter of ["a", "a", "b", "b", "b"]) await recordVersion(store, record(letter));
    expect([...store.names.keys()]).toEqual(["datasets/flights/1", "datasets/flights/2"]);
  });

  it("gives the next number to the second of two that write at once", async () => {
    const store = createStore();
    const numbers = await Promise.all(["a", "b"].map((letter) => recordVersion(store, record(letter))));
    expect(numbers).toEqual([1, 2]);
  });

  it.each([0, 1, 2, 3, 4, 7, 8, 9, 100])("of %i versions tells the latest in few requests", async (count) => {
    const store = createStore();
    for (let number = 1; number <= count; number++)
      store.names.set(`datasets/flights/${number}`, { format: "version-record/1", number, ...record("a") });
    expect((await readLatestRecord(store, "flights"))?.number ?? 0).toBe(count);
    expect(store.reads()).toBeLessThanOrEqual(2 * Math.log2(count + 2) + 2);
  });

  it("is in the order of numbers beyond 9", async () => {
    const store = createStore();
    for (let turn = 0; turn < 11; turn++) await recordVersion(store, record(turn % 2 === 0 ? "a" : "b"));
    expect((await readVersionLog(store, "flights")).map(({ number }) => number)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
  });
});

describe("a version that becomes live", () => {
  const spec = testSpec([]);
  const other = testSpec([{ name: "more", type: "integer" }]);
  const version = (letter: string, fingerprint: string, of = spec) => ({
    root: rootOf(letter),
    rows: 10,
    quarantined: 1,
    identity: ingestIdentity(of, fingerprint),
  });
  const at = "2024-05-01T00:00:00.000Z";
  const store = () => createStore({ [rootOf("a")]: "monday", [rootOf("b")]: "tuesday", [rootOf("c")]: "monday" });

  it("is the first, with who asked for it", async () => {
    const names = store();
    const actor = { id: "ann", via: "pulumi" };
    const options = { dataset: "things", spec, live: version("a", "monday"), at, actor };
    expect(await logLiveVersion(names, options)).toBe(1);
    expect(await logLiveVersion(names, options)).toBe(1);
    expect(await readVersionLog(names, "things")).toEqual([
      expect.objectContaining({ number: 1, actor, cause: ["first"], rows: 10, quarantined: 1, at }),
    ]);
  });

  it.each([
    ["another source", version("b", "tuesday"), spec, ["source"]],
    ["another contract", version("c", "monday", other), other, ["contract"]],
    ["another source under another contract", version("b", "tuesday", other), other, ["source", "contract"]],
  ] as const)("says that it came of %s", async (_title, live, under, cause) => {
    const names = store();
    const first = version("a", "monday");
    await logLiveVersion(names, { dataset: "things", spec, live: first, at });
    const before = { ...first, number: 1 };
    expect(await logLiveVersion(names, { dataset: "things", spec: under, live, before, at })).toBe(2);
    expect((await readVersionLog(names, "things")).at(-1)).toMatchObject({ cause });
  });

  it("comes after the one that was live before there was a log, however often it is tried", async () => {
    const names = store();
    const options = { dataset: "things", spec, live: version("b", "tuesday"), before: version("a", "monday"), at };
    expect(await logLiveVersion(names, options)).toBe(2);
    expect(await logLiveVersion(names, options)).toBe(2);
    expect((await readVersionLog(names, "things")).map(({ root, cause }) => [root[0], cause])).toEqual([
      ["a", ["taken-over"]],
      ["b", ["source"]],
    ]);
  });

  it("is taken over itself when it was live before there was a log", async () => {
    const names = store();
    const live = version("a", "monday");
    expect(await logLiveVersion(names, { dataset: "things", spec, live, before: live, at })).toBe(1);
    expect(await readVersionLog(names, "things")).toMatchObject([{ cause: ["taken-over"] }]);
  });

  it("of a dataset that was made anew goes on counting", async () => {
    const names = store();
    await logLiveVersion(names, { dataset: "things", spec, live: version("a", "monday"), at });
    expect(await logLiveVersion(names, { dataset: "things", spec, live: version("b", "tuesday"), at })).toBe(2);
    expect(await logLiveVersion(names, { dataset: "things", spec, live: version("b", "tuesday"), at })).toBe(2);
  });

  it("says no cause when the one before is in the store no more", async () => {
    const names = createStore({ [rootOf("b")]: "tuesday" });
    await recordVersion(names, { ...record("a"), dataset: "things" });
    await logLiveVersion(names, { dataset: "things", spec, live: version("b", "tuesday"), at });
    expect((await readVersionLog(names, "things")).at(-1)).toMatchObject({ number: 2, cause: [] });
  });
});

describe("a version is named", () => {
  const records = ["a1", "b2", "a1", "12"].map((begin, index) => ({
    format: "version-record/1" as const,
    number: index + 1,
    ...record("a"),
    root: begin.repeat(32),
  }));
  const live = { root: "12".repeat(32), number: 4 };

  it.each<[string, string | undefined, number | undefined]>([
    ["by nothing: the live one", undefined, 4],
    ["as the live one", "live", 4],
    ["by its number", "2", 2],
    ["by the beginning of its root", "b2b2", 2],
    ["by its root, the latest where it was live twice", "a1a1a1a1", 3],
    ["by its whole root", "12".repeat(32), 4],
    ["by the beginning of a root that is all figures", "1212", 4],
    ["by a number that is none", "9", undefined],
    ["by too few characters", "b2b", undefined],
    ["by no root's beginning", "ffff", undefined],
    ["by what is no version", "latest", undefined],
    ["by nothing where a number begins with nought", "02", undefined],
  ])("%s", (_title, version, number) => {
    expect(chooseVersion(records, live, version)?.number).toBe(number);
  });

  it("not by the beginning of two roots", () => {
    const near = [{ ...records[0], root: `a1a1${"0".repeat(60)}` }, records[2]] as typeof records;
    expect(chooseVersion(near, undefined, "a1a1")).toBeUndefined();
  });

  it("though it has no number, when it is live", () => {
    const { root } = live;
    expect(chooseVersion([], { root }, "1212")).toEqual({ root });
    expect(chooseVersion([], { root }, undefined)).toEqual({ root });
    expect(chooseVersion([], undefined, undefined)).toBeUndefined();
  });

  it.each([
    ["flights", { dataset: "flights" }],
    ["flights@3", { dataset: "flights", version: "3" }],
    ["flights@", { dataset: "flights", version: "" }],
    ["@3", { dataset: "", version: "3" }],
    ["flights@3@4", { dataset: "flights", version: "3@4" }],
  ])("%s", (text, address) => {
    expect(parseVersionAddress(text)).toEqual(address);
  });
});
