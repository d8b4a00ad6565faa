import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { type OpenLog, openLog } from "../../../framework/serving/log/open-log.ts";
import { readNewest } from "../../../framework/serving/log/read-records.ts";
import type { RecordFilter } from "../../../framework/serving/log/record-filter.ts";
import { useStore } from "../../support/test-store.ts";

const given = useStore();
const address = { endpoint: "storms", stream: "requests" };
let opened: OpenLog | undefined;
afterEach(() => opened?.close());

it.each(["disk", "store"] as const)(
  "the records after those that are known are read without what lies before them: %s",
  async (durability) => {
    const folder = join(given.folder, `segments-${durability}`);
    const { store } = given;
    opened = await openLog({ address, folder, durability, store, report: () => undefined });
    const { log, shipper } = opened;
    for (let i = 1; i <= 9; i++) {
      const time = new Date(Date.UTC(2026, 2, 1, 10, i)).toISOString();
      await log.append({ id: `id-${i}`, time, outputs: { value: [i] } });
      // Two parts, and what is none yet.
      if (i % 3 === 0 && i < 9) await shipper?.ship();
    }
    const read = (filter: RecordFilter) => readNewest({ store, address, folder, filter, limit: 100 });
    const all = await read({});
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 9 }, (_, i) => `id-${i + 1}`));
    const replica = String(all[0]?.replica);
    const fetched = vi.spyOn(store, "fetchFile");
    const after = async (last: number) => (await read({ after: new Map([[replica, last]]) })).map(({ id }) => id);
    expect(await after(7)).toEqual(["id-8", "id-9"]);
    expect(fetched).not.toHaveBeenCalled();
    expect(await after(4)).toEqual(["id-5", "id-6", "id-7", "id-8", "id-9"]);
    expect(fetched).toHaveBeenCalledOnce();
    fetched.mockRestore();
    expect((await read({ after: new Map([["another", 100]]) })).length).toBe(9);
  },
  30_000,
);

it("parts that were seen are not read again, whether or not the filter let anything of them through", async () => {
  const folder = join(given.folder, "segments-seen");
  const { store } = given;
  const seen = { endpoint: "seen", stream: "requests" };
  opened = await openLog({ address: seen, folder, durability: "disk", store, report: () => undefined });
  const { log, shipper } = opened;
  const ship = async (id: string, variant: string) => {
    await log.append({ id, time: "2026-03-01T10:00:00Z", variant, outputs: { value: [1] } });
    await shipper?.ship();
  };
  const seenParts = new Set<string>();
  const fetched = vi.spyOn(store, "fetchFile");
  const look = async () => {
    fetched.mockClear();
    const filter = { variant: "canary" };
    const rows = await readNewest({ store, address: seen, folder, filter, limit: 100, seenParts });
    return [rows.map(({ id }) => id), fetched.mock.calls.length];
  };
  await ship("a", "champion");
  await ship("b", "champion");
  expect(await look()).toEqual([[], 2]);
  expect(await look()).toEqual([[], 0]);
  await ship("c", "canary");
  expect(await look()).toEqual([["c"], 1]);
  expect(await look()).toEqual([[], 0]);
  fetched.mockRestore();
}, 30_000);
