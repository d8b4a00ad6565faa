/**
 * A dataset's entity and a source that a worker looks at: when it is deployed, when it is asked to, and on its schedule. On a
 * real engine, with activities that the test plays.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { scheduleId } from "../../framework/engine/entity-names.ts";
import { createSchedules, describeSchedule } from "../../framework/engine/schedules.ts";
import { failure } from "../support/failure.ts";
import { FakeWorld } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { owner, wishDataset, wishSource } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
  world.keeper = createSchedules(given.client);
  await given.startWorker(world);
});
afterAll(() => given.end());

const actor = { id: "bob", via: "test" } as const;
const patient = { timeout: 30_000, interval: 100 };
const dataset = (name: string) => ({ project: "shop", kind: "dataset", name }) as const;
const keep = (path: string, name: string) => keepHistory(given.client, `datasetEntity/${path}`, `shop/dataset/${name}`);
const ingests = (of: string) => world.ran.filter((step) => step === `ingest ${of}`).length;

async function apply(name: string, ...wish: Parameters<typeof wishSource>) {
  await given.engine.apply(dataset(name), wishSource(...wish));
  return given.settled(dataset(name));
}

async function ask(name: string, again?: { readonly from?: string; readonly to?: string }) {
  const { generation } = await given.engine.ingest(dataset(name), { actor, ...(again && { again }) });
  return given.until(dataset(name), ({ settled, state }) => settled >= generation && state !== "working");
}

describe.concurrent("a source that a worker looks at", () => {
  it("is taken in as it is then, and what was really taken is what is live", async () => {
    world.sources.set("s3://first", "one");
    expect(await apply("remote", "s3://first")).toMatchObject({
      state: "ready",
      live: { root: "root-of-one", identity: "version-of-one", fingerprint: "one", source: "here", number: 1 },
    });
    await keep("remote", "remote");
  });

  it("is not looked at by a deploy that needs the version that is live", async () => {
    world.sources.set("s3://calm", "calm-1");
    await apply("calm", "s3://calm");
    world.sources.set("s3://calm", "calm-2");
    expect(await apply("calm", "s3://calm", { spec: "reworded" })).toMatchObject({
      generation: 2,
      summary: "nothing new: 1,200 rows, 3 quarantined",
      live: { root: "root-of-calm-1" },
    });
    expect(world.looks.get("s3://calm")).toBe(1);
    await keep("remote-unchanged", "calm");
  });

  it("is taken in when somebody asks, with who that was; and no version is made where nothing is new", async () => {
    world.sources.set("s3://asked", "asked-1");
    await apply("asked", "s3://asked");
    expect(await ask("asked")).toMatchObject({
      generation: 2,
      state: "ready",
      summary: "nothing new: 1,200 rows, 3 quarantined",
      looked: expect.stringMatching(/^\d{4}-.*Z$/),
      live: { number: 1 },
    });
    world.sources.set("s3://asked", "asked-2");
    expect(await ask("asked")).toMatchObject({
      generation: 3,
      actor,
      summary: "1,200 rows, 3 quarantined",
      live: { root: "root-of-asked-2", number: 2 },
    });
    expect([ingests("asked-1"), ingests("asked-2")]).toEqual([1, 1]);
    await keep("asked", "asked");
  });

  it("is read again where that is asked, also when nothing looks new", async () => {
    world.sources.set("s3://again", "again-1");
    await apply("again", "s3://again");
    await ask("again", { from: "2024-01-01" });
    expect(ingests("again-1 again from 2024-01-01 to the end")).toBe(1);
    await keep("back-fill", "again");
  });

  it("on this machine is looked at when somebody asks, and a deploy after that finds it taken in", async () => {
    await given.engine.apply(dataset("local"), wishDataset("local-1"));
    await given.settled(dataset("local"));
    world.sources.set("visits.csv", "local-2");
    expect(await ask("local")).toMatchObject({ live: { root: "root-of-local-2", number: 2 } });
    await given.engine.apply(dataset("local"), wishDataset("local-2"));
    expect(await given.settled(dataset("local"))).toMatchObject({
      generation: 3,
      summary: "nothing new: 1,200 rows, 3 quarantined",
      live: { number: 2 },
    });
    expect(ingests("local-2")).toBe(1);
  });

  it("is looked at after the ingest that is under way, which goes on", async () => {
    world.sources.set("s3://busy", "busy-1");
    const held = world.hold("ingest", "busy-1");
    await given.engine.apply(dataset("busy"), wishSource("s3://busy"));
    await held.begun;
    const asked = ask("busy");
    await given.until(dataset("busy"), ({ generation }) => generation === 2);
    // A cancellation is heard of with the next heartbeat.
    expect(await Promise.race([held.cancelled.then(() => "cancelled"), delay(1_500, "goes on")])).toBe("goes on");
    world.sources.set("s3://busy", "busy-2");
    held.release();
    expect(await asked).toMatchObject({ generation: 2, settled: 2, live: { root: "root-of-busy-2", number: 2 } });
    expect(world.logs.get("busy")).toEqual(["root-of-busy-1", "root-of-busy-2"]);
    await keep("asked-while-busy", "busy");
  });

  it("is still looked at when a deploy cuts short what somebody asked for", async () => {
    world.sources.set("s3://cut", "cut-1");
    await apply("cut", "s3://cut");
    world.sources.set("s3://cut", "cut-2");
    const held = world.hold("ingest", "cut-2");
    const asked = ask("cut");
    await held.begun;
    world.mend("ingest", "cut-2");
    await given.engine.apply(dataset("cut"), wishSource("s3://cut", { spec: "reworded" }));
    await held.cancelled;
    expect(await asked).toMatchObject({ live: { root: "root-of-cut-2" } });
  });

  it("that cannot be looked at fails with the reason, and what was live stays", async () => {
    world.sources.set("s3://gone", "gone-1");
    await apply("gone", "s3://gone");
    world.fail("look", "s3://gone", "the bucket is not there");
    expect(await ask("gone")).toMatchObject({
      state: "failed",
      reasons: ["the bucket is not there"],
      live: { root: "root-of-gone-1" },
    });
    world.mend("look", "s3://gone");
    expect(await ask("gone")).toMatchObject({ state: "ready", reasons: [] });
    await keep("look-failure", "gone");
  });

  it("is nobody's where there is no such dataset", async () => {
    const { problems } = await failure(given.engine.ingest(dataset("nobody"), { actor }));
    expect(problems).toMatchObject([
      { code: "entity-unknown", what: 'there is no dataset "nobody" in project "shop"' },
    ]);
  });
});

describe("a schedule", () => {
  const schedules = () => given.client.schedule;
  const describeIt = (name: string) => schedules().getHandle(scheduleId("shop", name)).describe();
  const exists = (name: string) =>
    describeIt(name).then(
      () => true,
      () => false,
    );

  it("is made, changed and ended with the definition, and ends with the dataset", async () => {
    world.sources.set("s3://timed", "timed-1");
    await apply("timed", "s3://timed", { every: "1 hour" });
    const made = await describeIt("timed");
    expect(made.spec.intervals).toMatchObject([{ every: 3_600_000 }]);
    expect(made.policies).toMatchObject({ overlap: "SKIP", catchupWindow: 60_000 });
    await schedules().getHandle(scheduleId("shop", "timed")).pause("the bucket moves");
    await apply("timed", "s3://timed", { every: "2 days" });
    const changed = await describeIt("timed");
    expect(changed.spec.intervals).toMatchObject([{ every: 172_800_000 }]);
    expect(changed.state).toMatchObject({ paused: true, note: "the bucket moves" });
    await apply("timed", "s3://timed");
    expect(await exists("timed")).toBe(false);
    await apply("timed", "s3://timed", { every: "1 hour" });
    expect(await exists("timed")).toBe(true);
    await given.engine.retire(dataset("timed"), { actor, owner });
    await given.client.workflow.getHandle("shop/dataset/timed").result();
    expect(await exists("timed")).toBe(false);
    await keep("scheduled", "timed");
  });

  it("has the source looked at by itself, and says so where nothing is new", async () => {
    world.sources.set("s3://ticking", "ticking-1");
    await apply("ticking", "s3://ticking", { every: "1 hour" });
    const turn = () => schedules().getHandle(scheduleId("shop", "ticking")).trigger();
    await turn();
    const looked = await given.until(dataset("ticking"), (status) => status.looked !== undefined);
    expect(looked).toMatchObject({ generation: 1, state: "ready", live: { number: 1 } });
    expect(looked.summary).toBe("nothing new: 1,200 rows, 3 quarantined");
    await vi.waitFor(
      async () => expect(await readTimeline("shop/dataset/ticking")).toContain("on schedule: nothing new"),
      patient,
    );
    world.sources.set("s3://ticking", "ticking-2");
    await turn();
    await given.until(dataset("ticking"), ({ live }) => live?.kind === "dataset" && live.number === 2);
    expect(await given.settled(dataset("ticking"))).toMatchObject({
      generation: 1,
      live: { root: "root-of-ticking-2" },
    });
    await keep("ticking", "ticking");
    const [run] = await listRuns("shop/schedule/ticking");
    await keepHistory(given.client, "look/happy", run ?? "");
  });

  it("ends by itself when its dataset was ended by somebody's hand", async () => {
    world.sources.set("s3://orphan", "orphan-1");
    await apply("orphan", "s3://orphan", { every: "1 hour" });
    const handle = given.client.workflow.getHandle("shop/dataset/orphan");
    await handle.terminate("by hand");
    await schedules().getHandle(scheduleId("shop", "orphan")).trigger();
    await vi.waitFor(async () => expect(await exists("orphan")).toBe(false), patient);
    const [run] = await listRuns("shop/schedule/orphan");
    await keepHistory(given.client, "look/orphan", run ?? "");
  });

  it("has its turn at a time of its own within its interval", () => {
    const [first, second] = ["a", "b"].map((name) =>
      describeSchedule({ project: "p", dataset: name, every: "1 hour" }),
    );
    const offsets = [first, second].map((one) => one?.spec.intervals[0].offset ?? -1);
    expect(new Set(offsets).size).toBe(2);
    for (const offset of offsets) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThan(3_600_000);
      expect(offset % 1000).toBe(0);
    }
    expect(first?.spec.jitter).toBe(30_000);
    expect(describeSchedule({ project: "p", dataset: "a", every: "1 minute" }).spec.jitter).toBe(3_000);
  });
});

/** The words that stand in the timeline of a workflow. */
async function readTimeline(workflowId: string): Promise<string[]> {
  const { events } = await given.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes, userMetadata }) =>
    timerStartedEventAttributes && userMetadata?.summary?.data
      ? [JSON.parse(Buffer.from(userMetadata.summary.data).toString()) as string]
      : [],
  );
}

/** The ids of the runs of a schedule. */
async function listRuns(prefix: string): Promise<string[]> {
  return vi.waitFor(async () => {
    const found: string[] = [];
    for await (const { workflowId } of given.client.workflow.list({ query: `WorkflowId STARTS_WITH "${prefix}-"` }))
      found.push(workflowId);
    expect(found.length).toBeGreaterThan(0);
    return found.sort();
  }, patient);
}
