import { describe, expect, it } from "vitest";
import { keepBatch } from "../../../framework/data/intake/pushed-batch.ts";
import { cutGroups, type NamedBatch, sealGroups } from "../../../framework/data/intake/pushed-group.ts";
import type { Json } from "../../../framework/plan/canonical.ts";
import { useStore } from "../../support/test-store.ts";

const given = useStore();
const limits = { rows: 100, batches: 3 };

function batch(number: number, rows: number, at = number): NamedBatch {
  const object = { sha256: `${number}`, size: 1 };
  const time = new Date(Date.UTC(2024, 0, 1, 0, 0, at)).toISOString();
  return {
    name: `pushed/clicks/${number}`,
    batch: { format: "pushed-batch/1", dataset: "clicks", object, rows, at: time },
  };
}

const numbers = (batches: readonly NamedBatch[], after = 0) =>
  cutGroups("clicks", batches, { limits, after }).map(({ number, batches }) => [
    number,
    ...batches.map(({ object }) => object.sha256),
  ]);

describe("groups of batches", () => {
  it.each([
    ["none of none", [], []],
    ["in the order in which they came, whatever their names", [batch(1, 1, 9), batch(2, 1, 3)], [[1, "2", "1"]]],
    [
      "of so many batches",
      [1, 2, 3, 4].map((n) => batch(n, 1)),
      [
        [1, "1", "2", "3"],
        [2, "4"],
      ],
    ],
    [
      "of so many rows",
      [batch(1, 60), batch(2, 40), batch(3, 1)],
      [
        [1, "1", "2"],
        [2, "3"],
      ],
    ],
    [
      "of one batch that is too many by itself",
      [batch(1, 1), batch(2, 500), batch(3, 1)],
      [
        [1, "1"],
        [2, "2"],
        [3, "3"],
      ],
    ],
  ])("are cut: %s", (_what, batches, expected) => {
    expect(numbers(batches)).toEqual(expected);
  });

  it("go on counting where the last ones ended", () => {
    expect(numbers([batch(1, 1)], 7)).toEqual([[8, "1"]]);
  });

  it("once sealed never change, and no batch is in two, whoever seals at once", async () => {
    const { store } = given;
    const sealed: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 4; n++)
        await keepBatch(store, {
          dataset: "clicks",
          key: `${round}-${n}`,
          lines: [`{"n":${n}}`],
          at: new Date().toISOString(),
        });
      const all = await Promise.all([1, 2, 3].map(() => sealGroups(given.open(), "clicks", limits)));
      const [first, ...others] = all.map((groups) => JSON.stringify(groups));
      expect(others).toEqual([first, first]);
      const groups = await sealGroups(store, "clicks", limits);
      expect(groups.map(({ number }) => number)).toEqual(groups.map((_, index) => index + 1));
      expect(groups.slice(0, sealed.length).map((group) => JSON.stringify(group))).toEqual(sealed);
      sealed.splice(0, sealed.length, ...groups.map((group) => JSON.stringify(group)));
      const names = groups.flatMap(({ batches }) => batches.map(({ name }) => name));
      expect(new Set(names).size).toBe((round + 1) * 4);
      expect(names).toHaveLength((round + 1) * 4);
    }
  });

  it("take over what another has sealed between the look and the sealing", async () => {
    const { store } = given;
    const keep = (key: string) =>
      keepBatch(store, { dataset: "clicks", key, lines: ["{}"], at: new Date().toISOString() });
    await keep("first");
    let isFirst = true;
    const slow = {
      listNames: (prefix: string) => store.listNames(prefix),
      readName: (name: string) => store.readName(name),
      writeOnce: async (name: string, value: unknown) => {
        if (isFirst) {
          isFirst = false;
          await keep("second");
          await sealGroups(store, "clicks", limits);
          await keep("third");
        }
        return store.writeOnce(name, value as Json);
      },
    };
    const groups = await sealGroups(slow, "clicks", limits);
    expect(groups.map(({ batches }) => batches.length)).toEqual([2, 1]);
    expect(groups).toEqual(await sealGroups(store, "clicks", limits));
  });

  it("are those of their dataset alone", async () => {
    const { store } = given;
    for (const dataset of ["clicks", "clicks-2"])
      await keepBatch(store, { dataset, key: "k", lines: ["{}"], at: new Date().toISOString() });
    expect(await sealGroups(store, "clicks")).toHaveLength(1);
    expect((await sealGroups(store, "clicks"))[0]?.batches).toHaveLength(1);
  });
});
