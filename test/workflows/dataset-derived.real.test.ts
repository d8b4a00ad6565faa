/**
 * Datasets that are derived from others, on a real engine: they follow versions by themselves, through one another.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../support/failure.ts";
import { FakeWorld } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { owner, wishDataset, wishDerived } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
  await given.startWorker(world);
});
afterAll(() => given.end());

const actor = { id: "ann", via: "test" } as const;
const dataset = (name: string) => ({ project: "shop", kind: "dataset", name }) as const;
const keep = (path: string, name: string) => keepHistory(given.client, `datasetEntity/${path}`, `shop/dataset/${name}`);
const ingests = (of: string) => world.ran.filter((step) => step === `ingest ${of}`).length;

/** Deploys a dataset whose source has this content. */
async function deploy(name: string, content: string) {
  await given.engine.apply(dataset(name), wishDataset(content));
  return given.settled(dataset(name));
}

/** Deploys a dataset that is derived from others, which had these roots when the wish was made. */
async function derive(name: string, upstream: Readonly<Record<string, string>>) {
  await given.engine.apply(dataset(name), wishDerived(upstream));
  return given.settled(dataset(name));
}

const untilLive = (name: string, root: string) =>
  given.until(dataset(name), ({ state, live }) => state === "ready" && live?.kind === "dataset" && live.root === root);

describe.concurrent("a derived dataset", () => {
  it("is made of the versions that are live, follows them, and what is derived from it follows too", async () => {
    await deploy("flights", "fl-1");
    expect(await derive("clean", { flights: "root-of-fl-1" })).toMatchObject({
      state: "ready",
      live: { root: "root-of-root-of-fl-1", upstream: { flights: "root-of-fl-1" }, number: 1 },
    });
    await derive("daily", { clean: "root-of-root-of-fl-1" });
    await deploy("flights", "fl-2");
    await untilLive("clean", "root-of-root-of-fl-2");
    const { live } = await untilLive("daily", "root-of-root-of-root-of-fl-2");
    expect(live).toMatchObject({ number: 2, upstream: { clean: "root-of-root-of-fl-2" } });
    expect(await given.engine.status(dataset("clean"))).toMatchObject({ generation: 1, settled: 1 });
    await keep("derived", "clean");
    await keep("upstream", "flights");
  });

  it("is made once when the deploy that changed its upstream goes on with it", async () => {
    await deploy("orders", "or-1");
    await derive("paid", { orders: "root-of-or-1" });
    await deploy("orders", "or-2");
    expect(await derive("paid", { orders: "root-of-or-2" })).toMatchObject({
      generation: 2,
      live: { root: "root-of-root-of-or-2", number: 2 },
    });
    expect(ingests("root-of-or-2")).toBe(1);
    await keep("derived-deployed", "paid");
  });

  it("is made of the newest versions, whatever the wish says of older ones", async () => {
    await deploy("stock", "st-1");
    await deploy("stock", "st-2");
    expect(await derive("low", { stock: "root-of-st-1" })).toMatchObject({
      live: { root: "root-of-root-of-st-2", upstream: { stock: "root-of-st-2" } },
    });
  });

  it("is made of several, and made again when one of them changes", async () => {
    await deploy("left", "le-1");
    await deploy("right", "ri-1");
    await derive("both", { left: "root-of-le-1", right: "root-of-ri-1" });
    await deploy("right", "ri-2");
    await untilLive("both", "root-of-root-of-le-1+root-of-ri-2");
  });

  it("that fails keeps what was live, is not tried for ever, and is made of the next version", async () => {
    await deploy("raw", "ra-1");
    await derive("refined", { raw: "root-of-ra-1" });
    world.fail("ingest", "root-of-ra-2", 'column "spent": 4 rows are below 0');
    await deploy("raw", "ra-2");
    const failed = await given.until(dataset("refined"), ({ state }) => state === "failed");
    expect(failed).toMatchObject({
      reasons: ['column "spent": 4 rows are below 0'],
      live: { root: "root-of-root-of-ra-1" },
    });
    await deploy("raw", "ra-3");
    expect(await untilLive("refined", "root-of-root-of-ra-3")).toMatchObject({ reasons: [], live: { number: 2 } });
    await keep("derived-failure", "refined");
  });

  it("fails while there is no such dataset, or that has no version, and begins when it has one", async () => {
    expect(await derive("early", { late: "" })).toMatchObject({
      state: "failed",
      reasons: ['there is no dataset "late" for dataset "early" to be derived from'],
    });
    world.fail("ingest", "la-1", "not today");
    await deploy("late", "la-1");
    expect(await derive("early", { late: "" })).toMatchObject({
      state: "failed",
      reasons: ['dataset "late" has no version yet'],
    });
    world.mend("ingest", "la-1");
    await deploy("late", "la-1");
    await untilLive("early", "root-of-root-of-la-1");
    await keep("derived-early", "early");
  });

  it("keeps its upstream from being retired, until it leaves it or is retired itself", async () => {
    await deploy("old", "ol-1");
    await deploy("new", "ne-1");
    await derive("moving", { old: "root-of-ol-1" });
    const retire = (name: string) => given.engine.retire(dataset(name), { actor, owner });
    expect((await failure(retire("old"))).problems).toMatchObject([
      {
        code: "entity-refused",
        what: 'dataset "moving" is derived from dataset "old"',
        fix: 'remove "moving" first',
      },
    ]);
    await derive("moving", { new: "root-of-ne-1" });
    await retire("old");
    await given.client.workflow.getHandle("shop/dataset/old").result();
    await retire("moving");
    await given.client.workflow.getHandle("shop/dataset/moving").result();
    await retire("new");
    await given.client.workflow.getHandle("shop/dataset/new").result();
    await keep("derived-moves-and-retires", "moving");
    await keep("upstream-retired", "new");
  });

  it("that was ended by somebody's hand keeps no upstream from being retired", async () => {
    await deploy("parent", "pa-1");
    await derive("child", { parent: "root-of-pa-1" });
    await given.client.workflow.getHandle("shop/dataset/child").terminate("by hand");
    await given.engine.retire(dataset("parent"), { actor, owner });
    await given.client.workflow.getHandle("shop/dataset/parent").result();
  });

  it("is made again where somebody asks to read again", async () => {
    await deploy("base", "ba-1");
    await derive("over", { base: "root-of-ba-1" });
    const { generation } = await given.engine.ingest(dataset("over"), { actor, again: { from: "2024-01-01" } });
    await given.until(dataset("over"), ({ settled }) => settled >= generation);
    expect(ingests("root-of-ba-1 again from 2024-01-01 to the end")).toBe(1);
    const { generation: next } = await given.engine.ingest(dataset("over"), { actor });
    expect(await given.until(dataset("over"), ({ settled }) => settled >= next)).toMatchObject({
      state: "ready",
      summary: "nothing new: 1,200 rows, 3 quarantined",
    });
  });
});
