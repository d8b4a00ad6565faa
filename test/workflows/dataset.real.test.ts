/**
 * A dataset's entity on a real engine, with activities that the test plays.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { failure } from "../support/failure.ts";
import { FakeWorld } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { owner, wishDataset } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
  await given.startWorker(world);
});
afterAll(() => given.end());

const keep = (path: string, name: string) => keepHistory(given.client, `datasetEntity/${path}`, `shop/dataset/${name}`);
const dataset = (name: string) => ({ project: "shop", kind: "dataset", name }) as const;

describe.concurrent("a dataset", () => {
  it("ingests a changed source and is ready", async () => {
    const entity = dataset("visits");
    expect(await given.engine.apply(entity, wishDataset("monday"))).toEqual({ generation: 1 });
    expect(await given.settled(entity)).toMatchObject({
      state: "ready",
      owner,
      summary: "1,200 rows, 3 quarantined",
      live: { kind: "dataset", root: "root-of-monday", identity: "version-of-monday", number: 1 },
      durations: { ingest: expect.any(Number) },
    });
    expect(world.ran).toContain("ingest monday");
    await keep("happy", "visits");
    await keepHistory(given.client, "ingest/happy", "shop/ingest/visits@version-of-m");
  });

  it("gives each version that becomes live the next number, and the same version none", async () => {
    const entity = dataset("numbered");
    for (const [index, source] of ["first", "second", "first"].entries()) {
      await given.engine.apply(entity, wishDataset(source));
      expect(await given.settled(entity)).toMatchObject({ live: { root: `root-of-${source}`, number: index + 1 } });
    }
    await given.engine.apply(entity, { ...wishDataset("first"), digest: "with a reworded description" });
    expect(await given.settled(entity)).toMatchObject({ generation: 4, live: { root: "root-of-first", number: 3 } });
    expect(world.logs.get("numbered")).toEqual(["root-of-first", "root-of-second", "root-of-first"]);
    await keep("numbered", "numbered");
  });

  it("does nothing for the same wish", async () => {
    const entity = dataset("same");
    await given.engine.apply(entity, wishDataset("tuesday"));
    await given.settled(entity);
    expect(await given.engine.apply(entity, wishDataset("tuesday", { by: "bob" }))).toEqual({ generation: 1 });
    expect(await given.settled(entity)).toMatchObject({ state: "ready", actor: { id: "ann" } });
    expect(world.ran.filter((step) => step === "ingest tuesday")).toHaveLength(1);
  });

  it("says that nothing is new when a wish needs the version that is live", async () => {
    const entity = dataset("moved");
    await given.engine.apply(entity, wishDataset("sunday"));
    await given.settled(entity);
    await given.engine.apply(entity, { ...wishDataset("sunday"), digest: "the same from another place" });
    expect(await given.settled(entity)).toMatchObject({
      generation: 2,
      state: "ready",
      summary: "nothing new: 1,200 rows, 3 quarantined",
    });
    expect(world.ran.filter((step) => step === "ingest sunday")).toHaveLength(1);
  });

  it("gives up an ingest that a newer wish makes pointless", async () => {
    const entity = dataset("superseded");
    const held = world.hold("ingest", "old");
    await given.engine.apply(entity, wishDataset("old"));
    await held.begun;
    const { work } = await given.until(entity, ({ work }) => work !== undefined);
    expect(work).toEqual({ step: "ingest", workflowId: "shop/ingest/superseded@version-of-o" });
    expect(await given.engine.apply(entity, wishDataset("new"))).toEqual({ generation: 2 });
    await held.cancelled;
    expect(await given.settled(entity)).toMatchObject({ generation: 2, state: "ready", live: { root: "root-of-new" } });
    expect(world.ran).not.toContain("ingest old");
    const child = await given.client.workflow.getHandle(work?.workflowId ?? "").describe();
    expect(child.status.name).toBe("CANCELLED");
    await keep("superseded", "superseded");
    await keepHistory(given.client, "ingest/cancelled", work?.workflowId ?? "");
  });

  it("fails with the reasons, keeps the old version, and tries again when asked again", async () => {
    const entity = dataset("failing");
    await given.engine.apply(entity, wishDataset("good"));
    await given.settled(entity);
    world.fail("ingest", "bad", `column "spent": 4 rows are below 0`, `column "at": 1 row is empty`);
    await given.engine.apply(entity, wishDataset("bad"));
    expect(await given.settled(entity)).toMatchObject({
      state: "failed",
      summary: `column "spent": 4 rows are below 0`,
      reasons: [`column "spent": 4 rows are below 0`, `column "at": 1 row is empty`],
      live: { root: "root-of-good" },
    });
    world.mend("ingest", "bad");
    expect(await given.engine.apply(entity, wishDataset("bad"))).toEqual({ generation: 3 });
    expect(await given.settled(entity)).toMatchObject({ state: "ready", reasons: [], live: { root: "root-of-bad" } });
    await keep("failure", "failing");
  });

  it("refuses another stack, unless it adopts", async () => {
    const entity = dataset("owned");
    await given.engine.apply(entity, wishDataset("wednesday"));
    const refused = await failure(given.engine.apply(entity, wishDataset("thursday", { owner: "shop/other" })));
    expect(refused.problems).toEqual([
      expect.objectContaining({
        code: "entity-owned-by-another-stack",
        at: "dataset/owned",
        what: `dataset "owned" belongs to stack "shop/local", not to "shop/other"`,
        fix: expect.stringContaining("STEWARD_ADOPT=1"),
      }),
    ]);
    await given.engine.apply(entity, wishDataset("wednesday", { owner: "shop/other", adopt: true, by: "eve" }));
    expect(await given.settled(entity)).toMatchObject({ owner: "shop/other", generation: 1 });
    await expect(
      failure(given.engine.retire(entity, { actor: { id: "ann", via: "test" }, owner })),
    ).resolves.toBeDefined();
  });

  it("shows the progress of the ingest from its heartbeats", async () => {
    const entity = dataset("progress");
    const held = world.hold("ingest", "slow");
    await given.engine.apply(entity, wishDataset("slow"));
    await held.begun;
    const status = await given.until(entity, ({ work }) => work !== undefined);
    await vi.waitFor(async () => expect(await given.engine.progress(status)).toBe("half way"), 10_000);
    held.release();
    expect(await given.engine.progress(await given.settled(entity))).toBeUndefined();
  });

  it("is not ended by a cancellation, and ends when it is retired", async () => {
    const entity = dataset("retired");
    await given.engine.apply(entity, wishDataset("friday"));
    const handle = given.client.workflow.getHandle("shop/dataset/retired");
    await handle.cancel();
    expect(await given.settled(entity)).toMatchObject({ state: "ready" });
    await given.engine.retire(entity, { actor: { id: "ann", via: "test" }, owner });
    await handle.result();
    expect((await handle.describe()).status.name).toBe("COMPLETED");
    await keep("retired", "retired");
    expect(await given.engine.apply(entity, wishDataset("friday"))).toEqual({ generation: 1 });
  });
});
