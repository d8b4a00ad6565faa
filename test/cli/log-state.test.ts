import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readLogState } from "../../framework/cli/log-state.ts";
import { openLog } from "../../framework/serving/log/open-log.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();

it("a log's state is what the store has of it, and what is missing there", async () => {
  const { store } = given;
  expect(await readLogState(store, "storms")).toEqual({ requests: 0, labels: 0, missing: [] });
  for (const stream of ["requests", "feedback"]) {
    const folder = join(given.folder, `segments-${stream}`);
    const log = {
      address: { endpoint: "storms", stream },
      folder,
      durability: "disk",
      report: () => undefined,
    } as const;
    const left = await openLog(log);
    for (let i = 1; i <= 3; i++) {
      await left.log.append({ id: `id-${i}`, time: "2026-03-01T10:00:00.000Z" });
      await left.log.roll();
    }
    await left.close();
    const gap = stream === "requests" ? 2 : 1;
    await rm(join(folder, `${stream}-000000000000000${gap}.jsonl`));
    const opened = await openLog({ ...log, store });
    await opened.shipper?.ship();
    await opened.close();
  }
  expect(await readLogState(store, "storms")).toEqual({
    requests: 2,
    labels: 2,
    missing: [
      { replica: expect.stringMatching(/^[0-9a-f]{12}$/), stream: "requests", head: { missing: [{ from: 2, to: 2 }] } },
      { replica: expect.stringMatching(/^[0-9a-f]{12}$/), stream: "feedback", head: { missing: [{ from: 1, to: 1 }] } },
    ],
  });
}, 60_000);

it("a store that does not answer keeps nobody waiting, nor does one that fails", async () => {
  async function* never(): AsyncGenerator<string> {
    await new Promise(() => undefined);
  }
  expect(await readLogState({ ...given.store, listNames: never }, "storms", 20)).toBeUndefined();
  const failing = {
    ...given.store,
    readRef: () => Promise.reject(new Error("down")),
    listNames: given.store.listNames,
  };
  await failing.writeOnce("inference-log-replicas/storms/requests/0123456789ab", {});
  expect(await readLogState(failing, "storms")).toBeUndefined();
});
