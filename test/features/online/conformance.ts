/**
 * What every online store must do, whatever it keeps its rows in.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeyValue } from "../../../framework/features/online/entity-key.ts";
import { createLayout } from "../../../framework/features/online/layout.ts";
import type { OnlineRow, OnlineStore, OnlineTable } from "../../../framework/features/online/online-store.ts";
import { failure } from "../../support/failure.ts";
import { layout, root, row } from "./given-rows.ts";

/** Writes a table whole. */
export async function replace(store: OnlineStore, table: OnlineTable, rows: readonly OnlineRow[], asOf = 100n) {
  const writer = await store.begin(table, { mode: "replace", asOf, root });
  await writer.putRows(rows);
  return writer.commit();
}

/** The first number of each entity; what else was found where there is none. */
export async function sizes(store: OnlineStore, table: OnlineTable, keys: readonly (readonly KeyValue[])[]) {
  const targets = keys.map(() => ({ numbers: new Float32Array(3), at: 0 }));
  const { rows } = await store.getMany(table, keys, targets);
  return rows.map(({ state }, i) => (state === "found" ? targets[i]?.numbers[0] : state));
}

/** Tests a store; each test has tables of its own. `open` may be called more than once, for further clients of the same store. */
export function testOnlineStore(name: string, open: () => Promise<OnlineStore>): void {
  describe(name, () => {
    let store: OnlineStore;
    let turn = 0;
    const newTable = (): OnlineTable => ({ name: `table-${++turn}.x`, layout });

    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store[Symbol.asyncDispose]());

    it("reads numbers into the place it is given, and categories where they are asked for", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1.5, 1n), row(["b"], null, 2n)]);
      const numbers = new Float32Array(9).fill(7);
      const categories: (string | null)[] = [];
      const none: (string | null)[] = [];
      const found = await store.getMany(
        table,
        [["b"], ["c"], ["a"]],
        [
          { numbers, at: 0, categories: none },
          { numbers, at: 3 },
          { numbers, at: 6, categories },
        ],
      );
      expect(found).toEqual({
        asOf: 100n,
        rows: [
          { state: "found", eventTime: 2n, asOf: 100n },
          { state: "absent" },
          { state: "found", eventTime: 1n, asOf: 100n },
        ],
      });
      expect([...numbers]).toEqual([Number.NaN, 7, Number.NaN, 7, 7, 7, 1.5, 7, 1]);
      expect([none, categories]).toEqual([[null], ["kind 1.5"]]);
    });

    it("has no row of a table that is not there, and no state", async () => {
      const table = newTable();
      expect(await store.getMany(table, [["a"]])).toEqual({ rows: [{ state: "absent" }] });
      expect(await store.status(table.name)).toBeUndefined();
      expect(await store.list()).not.toContain(table.name);
    });

    it("says of a table what it holds, until when and from what", async () => {
      const table = newTable();
      const before = BigInt(Date.now()) * 1000n;
      const committed = await replace(store, table, [row(["a"], 1, -5n), row(["b"], 2, 9n)], 42n);
      const status = await store.status(table.name);
      expect(status).toEqual(committed);
      expect(status).toMatchObject({
        table: table.name,
        layout: layout.digest,
        rows: 2,
        eventTime: 9n,
        asOf: 42n,
        root,
      });
      expect(status?.materialisedAt).toBeGreaterThanOrEqual(before);
      expect(await store.list()).toContain(table.name);
    });

    it("has an empty table, which knows no event time", async () => {
      const table = newTable();
      const status = await replace(store, table, []);
      expect([status.rows, status.eventTime]).toEqual([0, undefined]);
      expect(await store.getMany(table, [["a"]])).toEqual({ asOf: 100n, rows: [{ state: "absent" }] });
    });

    it("shows a replacement when it is committed, whole, and drops what was before", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, 1n), row(["b"], 1, 1n)]);
      const writer = await store.begin(table, { mode: "replace", asOf: 200n, root });
      await writer.putRows([row(["b"], 2, 1n)]);
      await writer.putRows([row(["c"], 2, 1n)]);
      expect(await sizes(store, table, [["a"], ["b"], ["c"]])).toEqual([1, 1, "absent"]);
      await writer.commit();
      expect(await sizes(store, table, [["a"], ["b"], ["c"]])).toEqual(["absent", 2, 2]);
      expect(await store.status(table.name)).toMatchObject({ rows: 2, asOf: 200n });
    });

    it("shows a switch to another client of the store, which read before", async () => {
      const table = newTable();
      await using other = await open();
      await replace(store, table, [row(["a"], 1, 1n)]);
      expect(await sizes(other, table, [["a"]])).toEqual([1]);
      await replace(store, table, [row(["a"], 2, 1n)]);
      await replace(store, table, [row(["a"], 3, 1n)]);
      await expect.poll(() => sizes(other, table, [["a"]])).toEqual([3]);
    });

    it("reads all of a batch from one generation while tables are switched", async () => {
      const table = newTable();
      const keys = Array.from({ length: 50 }, (_, i) => [i]);
      await replace(
        store,
        table,
        keys.map((key) => row(key, 0, 1n)),
      );
      let done = false;
      const torn: unknown[] = [];
      const read = (async () => {
        while (!done) {
          const found = new Set(await sizes(store, table, keys));
          if (found.size !== 1 || found.has("absent")) torn.push([...found]);
          await new Promise(setImmediate);
        }
      })();
      for (let size = 1; size <= 10; size++)
        await replace(
          store,
          table,
          keys.map((key) => row(key, size, 1n)),
        );
      done = true;
      await read;
      expect(torn).toEqual([]);
      expect(await sizes(store, table, [[3]])).toEqual([10]);
    });

    it("keeps, in an upsert, the row with the later event time, and the rows that it does not name", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, 5n), row(["b"], 1, 5n), row(["c"], 1, 5n)]);
      const writer = await store.begin(table, { mode: "upsert", asOf: 300n, root: "b".repeat(64) });
      await writer.putRows([row(["a"], 2, 6n), row(["b"], 2, 4n), row(["c"], 2, 5n), row(["d"], 2, -3n)]);
      const status = await writer.commit();
      expect(await sizes(store, table, [["a"], ["b"], ["c"], ["d"]])).toEqual([2, 1, 1, 2]);
      expect(status).toMatchObject({ rows: 4, eventTime: 6n, asOf: 300n, root: "b".repeat(64) });
      expect(await store.status(table.name)).toEqual(status);
    });

    it.each([
      ["the year 1", -62_135_596_800_000_000n],
      ["before 1970", -1n],
      ["around 2^32 microseconds", 2n ** 32n],
      ["the year 9999", 253_402_300_799_999_999n],
    ])("orders event times exactly: %s", async (_name, time) => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, time), row(["b"], 1, time), row(["c"], 1, time)]);
      const writer = await store.begin(table, { mode: "upsert", asOf: 1n, root });
      await writer.putRows([row(["a"], 2, time + 1n), row(["b"], 2, time - 1n), row(["c"], 2, time)]);
      await writer.commit();
      expect(await sizes(store, table, [["a"], ["b"], ["c"]])).toEqual([2, 1, 1]);
    });

    it("keeps the latest of rows that name one entity, and counts it once", async () => {
      const table = newTable();
      const status = await replace(store, table, [row(["a"], 1, 1n), row(["a"], 3, 3n), row(["a"], 2, 2n)]);
      expect([status.rows, await sizes(store, table, [["a"]])]).toEqual([1, [3]]);
    });

    it("refuses an upsert into what is not there or has another layout", async () => {
      const table = newTable();
      const upsert = { mode: "upsert", asOf: 1n, root } as const;
      expect((await failure(store.begin(table, upsert))).problems[0]?.code).toBe("online-table-unfit");
      await replace(store, table, []);
      const other = { ...table, layout: createLayout([{ name: "size", type: "number" }]) };
      expect((await failure(store.begin(other, upsert))).problems[0]?.code).toBe("online-table-unfit");
    });

    it("tells a row of another layout, and reads nothing of it", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, 1n)]);
      const numbers = new Float32Array(3).fill(7);
      const renamed = createLayout([{ name: "weight", type: "number" }, ...layout.features.slice(1)]);
      const { rows } = await store.getMany({ ...table, layout: renamed }, [["a"]], [{ numbers, at: 0 }]);
      expect([rows, [...numbers]]).toEqual([[{ state: "stale-layout" }], [7, 7, 7]]);
    });

    it("lets the writer that began later win, and tells the other one", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, 1n)]);
      const first = await store.begin(table, { mode: "replace", asOf: 1n, root });
      await first.putRows([row(["a"], 2, 1n)]);
      const second = await store.begin(table, { mode: "replace", asOf: 2n, root });
      expect((await failure(first.putRows([row(["b"], 2, 1n)]))).problems[0]?.code).toBe("online-table-superseded");
      expect((await failure(first.commit())).problems[0]?.code).toBe("online-table-superseded");
      await first.abandon();
      await second.putRows([row(["a"], 3, 1n)]);
      await second.commit();
      expect(await sizes(store, table, [["a"], ["b"]])).toEqual([3, "absent"]);
    });

    it("tells an upsert that its table was replaced", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, 1n)]);
      const writer = await store.begin(table, { mode: "upsert", asOf: 1n, root });
      await replace(store, table, [row(["a"], 2, 1n)]);
      expect((await failure(writer.putRows([row(["a"], 3, 9n)]))).problems[0]?.code).toBe("online-table-superseded");
      expect((await failure(writer.commit())).problems[0]?.code).toBe("online-table-superseded");
      expect(await sizes(store, table, [["a"]])).toEqual([2]);
    });

    it("leaves what was in force when a replacement is taken back", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, 1n)]);
      const writer = await store.begin(table, { mode: "replace", asOf: 1n, root });
      await writer.putRows([row(["a"], 2, 9n)]);
      await writer.abandon();
      expect(await sizes(store, table, [["a"]])).toEqual([1]);
      expect((await failure(writer.commit())).problems[0]?.code).toBe("online-table-superseded");
    });

    it("removes entities, and a table", async () => {
      const table = newTable();
      await replace(store, table, [row(["a"], 1, 1n), row(["b"], 1, 1n)]);
      expect(await store.remove(table.name, [["a"], ["z"]])).toBe(1);
      expect(await sizes(store, table, [["a"], ["b"]])).toEqual(["absent", 1]);
      expect((await store.status(table.name))?.rows).toBe(1);
      await store.drop(table.name);
      expect(await sizes(store, table, [["b"]])).toEqual(["absent"]);
      expect([await store.status(table.name), (await store.list()).includes(table.name)]).toEqual([undefined, false]);
      expect(await store.remove(table.name, [["b"]])).toBe(0);
    });

    it("gives a table that was dropped no generation again", async () => {
      const table = newTable();
      const { generation } = await replace(store, table, []);
      await store.drop(table.name);
      expect((await replace(store, table, [])).generation).toBeGreaterThan(generation);
    });

    it("tells entities apart whose values run together, and tables", async () => {
      const [one, two] = [newTable(), newTable()];
      const keys: KeyValue[][] = [
        ["a", "b"],
        ["ab", ""],
        ["", "ab"],
        ["a\0b", ""],
        [1],
        ["1"],
        [true],
        [1n],
        ["{x}"],
        ["é"],
        ["e\u0301"],
        [],
      ];
      await replace(
        store,
        one,
        keys.map((key, i) => row(key, i, 1n)),
      );
      await replace(store, two, [row(["a", "b"], 99, 1n)]);
      expect(await sizes(store, one, keys)).toEqual(keys.map((_, i) => i));
      expect(await sizes(store, two, keys)).toEqual([99, ...keys.slice(1).map(() => "absent")]);
    });

    it("takes keys and texts of 64 kB, and finds no entity by a value that names none", async () => {
      const table = newTable();
      const long = "ü".repeat(32_768);
      await replace(store, table, [{ key: [long], values: [1, long, null], eventTime: 1n }, row([`${long}.`], 2, 1n)]);
      const categories: (string | null)[] = [];
      const target = { numbers: new Float32Array(3), at: 0, categories };
      const none = { numbers: new Float32Array(3), at: 0 };
      const { rows } = await store.getMany(
        table,
        [[null], [long], [Number.NaN], ["\ud800"], [undefined]],
        [none, target, none, none, none],
      );
      expect(rows.map(({ state }) => state)).toEqual(["absent", "found", "absent", "absent", "absent"]);
      expect(categories).toEqual([long]);
      expect(await sizes(store, table, [[`${long}.`]])).toEqual([2]);
    });

    it("refuses rows that it could not give back, and then takes others", async () => {
      const table = newTable();
      const writer = await store.begin(table, { mode: "replace", asOf: 1n, root });
      for (const bad of [row(["a"], Number.POSITIVE_INFINITY, 1n), row(["\ud800"], 1, 1n), row([Number.NaN], 1, 1n)]) {
        expect((await failure(writer.putRows([row(["z"], 1, 1n), bad]))).problems[0]?.code).toBe("online-row-invalid");
      }
      await writer.putRows([row(["b"], 1, 1n)]);
      await writer.commit();
      expect(await sizes(store, table, [["z"], ["b"]])).toEqual(["absent", 1]);
    });

    it("takes thousands of rows at once, and removes them as they are replaced", async () => {
      const table = newTable();
      const many = Array.from({ length: 12_345 }, (_, i) => row([`entity ${i}`], i, 1n));
      expect((await replace(store, table, many)).rows).toBe(12_345);
      expect(await sizes(store, table, [["entity 0"], ["entity 12344"]])).toEqual([0, 12_344]);
      expect((await replace(store, table, [row(["x"], 1, 1n)])).rows).toBe(1);
      expect(await sizes(store, table, [["entity 0"], ["x"]])).toEqual(["absent", 1]);
    });
  });
}
