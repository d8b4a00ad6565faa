/**
 * Decisions on quarantined rows as a dataset's entity keeps them. On a real engine, with activities that the test plays.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Readmitted } from "../../framework/engine/entity-status.ts";
import { failure } from "../support/failure.ts";
import { FakeWorld } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { wishDataset, wishSource } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
  await given.startWorker(world);
});
afterAll(() => given.end());

const actor = { id: "bob", via: "test" } as const;
const dataset = (name: string) => ({ project: "shop", kind: "dataset", name }) as const;
const keep = (path: string, name: string) => keepHistory(given.client, `datasetEntity/${path}`, `shop/dataset/${name}`);
const decisions = (number: number, rows?: string): Readmitted => ({
  list: { sha256: `list-${number}`, size: 1 },
  ...(rows !== undefined && { rows }),
});

async function deploy(name: string, content: string) {
  await given.engine.apply(dataset(name), wishDataset(content));
  return given.settled(dataset(name));
}

async function decide(name: string, readmitted: Readmitted, before?: string) {
  await given.engine.readmit(dataset(name), { actor, readmitted, ...(before !== undefined && { before }) });
  return given.settled(dataset(name));
}

describe.concurrent("decisions on quarantined rows", () => {
  it("make a version, stay in force through deploys, and can be taken back", async () => {
    await deploy("kept", "ke-1");
    expect(await decide("kept", decisions(1, "rows"))).toMatchObject({
      generation: 2,
      state: "ready",
      actor,
      readmitted: { list: { sha256: "list-1" }, rows: "rows" },
      live: { root: "root-of-ke-1 with rows", fingerprint: "ke-1", number: 2 },
    });
    expect(await deploy("kept", "ke-2")).toMatchObject({ live: { root: "root-of-ke-2 with rows", number: 3 } });
    expect(await decide("kept", decisions(2), "list-1")).toMatchObject({
      readmitted: { list: { sha256: "list-2" } },
      live: { root: "root-of-ke-2", number: 4 },
    });
    await keep("readmitted", "kept");
  });

  it("are on what is live, also where the source was taken in since the deploy", async () => {
    await deploy("moved", "mo-1");
    world.sources.set("visits.csv", "mo-2");
    await given.engine.ingest(dataset("moved"), { actor });
    await given.settled(dataset("moved"));
    expect(await decide("moved", decisions(1, "rows"))).toMatchObject({ live: { root: "root-of-mo-2 with rows" } });
  });

  it("hold for what a worker looks at", async () => {
    world.sources.set("s3://held", "he-1");
    await given.engine.apply(dataset("held"), wishSource("s3://held"));
    await given.settled(dataset("held"));
    await decide("held", decisions(1, "rows"));
    await given.engine.ingest(dataset("held"), { actor });
    expect(await given.settled(dataset("held"))).toMatchObject({
      summary: "nothing new: 1,200 rows, 3 quarantined",
      live: { root: "root-of-he-1 with rows", number: 2 },
    });
    world.sources.set("s3://held", "he-2");
    await given.engine.ingest(dataset("held"), { actor });
    expect(await given.settled(dataset("held"))).toMatchObject({ live: { root: "root-of-he-2 with rows", number: 3 } });
    await keep("readmitted-remote", "held");
  });

  it("that cannot be done change nothing, and the next deploy goes on as before", async () => {
    await deploy("unfit", "un-1");
    world.fail("ingest", "un-1 with rows", "row 4 is no integer");
    const failed = await decide("unfit", decisions(1, "rows"));
    expect(failed).toMatchObject({ state: "failed", reasons: ["row 4 is no integer"], live: { root: "root-of-un-1" } });
    expect(failed.readmitted).toBeUndefined();
    expect(await deploy("unfit", "un-2")).toMatchObject({ state: "ready", live: { root: "root-of-un-2", number: 2 } });
    await keep("readmission-failure", "unfit");
  });

  it("are done after an ingest under way, and again after a deploy that cuts them short", async () => {
    await deploy("busy", "bu-1");
    const held = world.hold("ingest", "bu-1 with rows");
    await given.engine.readmit(dataset("busy"), { actor, readmitted: decisions(1, "rows") });
    await held.begun;
    world.mend("ingest", "bu-1 with rows");
    await given.engine.apply(dataset("busy"), wishDataset("bu-2"));
    await held.cancelled;
    await given.until(dataset("busy"), ({ readmitted }) => readmitted !== undefined);
    expect(await given.settled(dataset("busy"))).toMatchObject({ live: { root: "root-of-bu-2 with rows" } });
  });

  it("are void when others have come in force, and need a version", async () => {
    await deploy("twice", "tw-1");
    await decide("twice", decisions(1, "rows"));
    expect((await failure(decide("twice", decisions(2, "others")))).problems).toMatchObject([
      { code: "entity-refused", what: 'other decisions on rows of dataset "twice" have come in force meanwhile' },
    ]);
    world.fail("ingest", "em-1", "not today");
    await deploy("empty", "em-1");
    expect((await failure(decide("empty", decisions(1, "rows")))).problems).toMatchObject([
      { code: "entity-refused", what: 'dataset "empty" has no version, and so no rows in quarantine' },
    ]);
  });
});
