/**
 * Entities that continue as new, on an engine that suggests it early; and the export of what they leave behind.
 * @module
 */
import { createHash } from "node:crypto";
import { historyFromJSON } from "@temporalio/common/lib/proto-utils.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusMemo } from "../../framework/engine/entity-names.ts";
import { exportClosedHistories, historyName } from "../../framework/engine/history-export.ts";
import { searchAttributes } from "../../framework/engine/search-attributes.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { FakeWorld, packageOf } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { decision, wishDataset, wishEndpoint, wishModel } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine({ dynamic: { "limit.historyCount.suggestContinueAsNew": 40 } });
  await given.startWorker(world);
});
afterAll(() => given.end());

const spender = { project: "shop", kind: "model", name: "spender" } as const;
const desk = { project: "shop", kind: "endpoint", name: "desk" } as const;

describe("an entity that continues as new", () => {
  it("keeps its status, its releases, its endpoints and the candidate that waits", async () => {
    world.policies.set("spender-strict", { from: ["bob"], count: 1 });
    const apply = async (spec: string, training: string) => {
      await given.engine.apply(spender, wishModel({ spec, training }));
      return given.settled(spender);
    };
    await apply("spender", "one");
    await given.engine.apply(desk, wishEndpoint("spender"));
    await given.settled(desk);
    await apply("spender", "two");
    const before = await apply("spender-strict", "three");
    const runs = await listRuns("shop/model/spender");
    expect(runs.length).toBeGreaterThan(1);
    expect(await given.engine.status(spender)).toEqual(before);
    expect(before).toMatchObject({ state: "awaiting-approval", live: { version: 2 }, generation: 3 });
    const described = await given.client.workflow.getHandle("shop/model/spender").describe();
    expect(described.memo?.[statusMemo]).toEqual(before);
    expect(described.typedSearchAttributes.getAll()).toEqual(
      expect.arrayContaining([
        { key: searchAttributes.project, value: "shop" },
        { key: searchAttributes.definition, value: "model/spender" },
        { key: searchAttributes.state, value: "awaiting-approval" },
      ]),
    );

    await given.engine.approve(spender, decision("bob", before.candidate?.digest ?? ""));
    await given.until(desk, ({ live }) => live?.kind === "endpoint" && live.version === 3);
    await given.engine.rollback(spender, { actor: { id: "ops", via: "test" }, reason: "", to: 1 });
    await given.until(desk, ({ live }) => live?.kind === "endpoint" && live.package === packageOf("run-of-one"));
    for (const [i, runId] of runs.slice(0, 2).entries())
      await keepHistory(given.client, `modelEntity/continued-${i + 1}`, "shop/model/spender", runId);
  });

  it("leaves histories that are exported as canonical JSON, in the order in which they closed, each once", async () => {
    const visits = { project: "shop", kind: "dataset", name: "visits" } as const;
    for (let day = 1; day <= 4; day++) {
      await given.engine.apply(visits, wishDataset(`day-${day}`));
      await given.settled(visits);
    }
    const bucket = new Map<string, Buffer>();
    const store = {
      exportHistory: async (key: string, bytes: Uint8Array) => {
        const first = bucket.get(key);
        if (first && !first.equals(bytes)) throw new Error(`${key} has other bytes now`);
        bucket.set(key, Buffer.from(bytes));
      },
    };
    const exportAll = () => exportClosedHistories(given.client, store, { project: "shop" });
    await expect
      .poll(async () => (await exportAll()).filter(({ workflowId }) => workflowId === "shop/dataset/visits").length)
      .toBeGreaterThan(0);
    const first = await exportAll();
    const digests = new Map([...bucket].map(([key, bytes]) => [key, digest(bytes)]));
    const again = await exportAll();
    expect(again.slice(0, first.length)).toEqual(first);
    for (const [key, sha256] of digests) expect(digest(bucket.get(key) ?? Buffer.alloc(0))).toBe(sha256);
    for (const bytes of bucket.values()) {
      const document = JSON.parse(bytes.toString());
      expect(toCanonicalJson(document)).toBe(bytes.toString());
      expect(document.format).toBe("history/1");
      expect(historyFromJSON(document).events?.length).toBeGreaterThan(0);
    }
    const known = new Set(again.map(historyName));
    expect(
      await exportClosedHistories(given.client, store, {
        project: "shop",
        isKnown: (run) => known.has(historyName(run)),
      }),
    ).toEqual([]);
    expect(
      await exportClosedHistories(given.client, store, { project: "shop", since: new Date(Date.now() + 60_000) }),
    ).toEqual([]);
    expect(await exportClosedHistories(given.client, store, { project: "other" })).toEqual([]);
  });
});

async function listRuns(workflowId: string): Promise<string[]> {
  const found: { readonly runId: string; readonly at: Date }[] = [];
  for await (const { runId, startTime } of given.client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    found.push({ runId, at: startTime });
  return found.sort((a, b) => a.at.getTime() - b.at.getTime()).map(({ runId }) => runId);
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
