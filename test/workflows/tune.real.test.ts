/**
 * The study of a model that is tuned, on a real engine: its trials, some at a time, lost workers, and what ends it early.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { type FakeStudy, FakeWorld, packageOf } from "./fake-world.ts";
import { startTestEngine, type TestEngine } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";
import { wishModel } from "./wishes.ts";

const world = new FakeWorld();
let given: TestEngine;
let worker: { stop: () => Promise<void> };
beforeAll(async () => {
  given = await startTestEngine({ dynamic: { "limit.historyCount.suggestContinueAsNew": 120 } });
  worker = await given.startWorker(world);
});
afterAll(() => given.end());

const model = (name: string) => ({ project: "shop", kind: "model", name }) as const;
const runOf = (name: string, job = "one") => `run-of-${name}-${job}`;
const studyId = (name: string) => `shop/tune/job-of-${name}@${runOf(name).slice(0, 12)}`;

function study(name: string, more: Omit<FakeStudy, "ended">): FakeStudy {
  const made = { ended: [], ...more };
  world.studies.set(`${name}-one`, made);
  return made;
}

async function begin(name: string, training = "one"): Promise<void> {
  await given.engine.apply(model(name), wishModel({ spec: name, training: `${name}-${training}` }));
}

async function apply(name: string): Promise<EntityStatus> {
  await begin(name);
  return given.settled(model(name));
}

const trialsOf = (name: string): string[] =>
  world.ran.filter((step) => step.startsWith("tune trial") && step.endsWith(runOf(name)));

/** The activities of a study, in the order in which they were begun. */
async function listActivities(name: string): Promise<string[]> {
  const { events } = await given.client.workflow.getHandle(studyId(name)).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: begun }) => begun?.activityType?.name ?? []);
}

describe("a model whose training job is tuned", () => {
  it("has each trial run once, and the study's best as its candidate", async () => {
    const { ended } = study("tuned", { trials: 4, atOnce: 1 });
    expect(await apply("tuned")).toMatchObject({ state: "ready", live: { package: packageOf(runOf("tuned")) } });
    expect(ended).toEqual([0, 1, 2, 3]);
    expect(trialsOf("tuned")).toHaveLength(4);
    expect(world.ran).not.toContain(`train ${runOf("tuned")}`);
    // The end of each tells what is next.
    expect(await listActivities("tuned")).toEqual(["nextTrial", ...ended.map(() => "runTrial"), "finishStudy"]);
    await keepHistory(given.client, "tune/happy", studyId("tuned"));
    await keepHistory(given.client, "modelEntity/tuned", "shop/model/tuned");
  });

  it("has as many trials under way as the machine takes, and a further one when one has ended", async () => {
    const { ended } = study("wide", { trials: 3, atOnce: 2 });
    const [first, second, third] = [0, 1, 2].map((number) => world.hold("tune", `trial ${number} of ${runOf("wide")}`));
    await begin("wide");
    await Promise.all([first?.begun, second?.begun]);
    const early = await Promise.race([third?.begun.then(() => "begun"), delay(500).then(() => "waits")]);
    expect(early).toBe("waits");
    second?.release();
    await third?.begun;
    expect(ended).toEqual([1]);
    first?.release();
    third?.release();
    expect(await given.settled(model("wide"))).toMatchObject({ state: "ready" });
    expect(ended).toHaveLength(3);
    await keepHistory(given.client, "tune/parallel", studyId("wide"));
  });

  it("shows how far its study is while it runs", async () => {
    study("shown", { trials: 1, atOnce: 1 });
    const held = world.hold("tune", `trial 0 of ${runOf("shown")}`);
    await begin("shown");
    await held.begun;
    const status = await given.until(model("shown"), ({ work }) => work?.step === "tune");
    expect(status.summary).toBe("tuning job-of-shown");
    await expect.poll(() => given.engine.progress(status)).toBe("half way");
    held.release();
    await given.settled(model("shown"));
  });

  it("goes on where it was when its worker is lost, and runs no trial that has ended again", async () => {
    const { ended } = study("lost", { trials: 4, atOnce: 2 });
    world.hold("tune", `trial 2 of ${runOf("lost")}`);
    await begin("lost");
    await expect.poll(() => ended.length, { timeout: 20_000 }).toBe(3);
    await worker.stop();
    world.mend("tune", `trial 2 of ${runOf("lost")}`);
    worker = await given.startWorker(world);
    expect(await given.settled(model("lost"))).toMatchObject({ state: "ready" });
    expect(trialsOf("lost").toSorted()).toEqual(
      [0, 1, 2, 3].map((number) => `tune trial ${number} of ${runOf("lost")}`),
    );
    await keepHistory(given.client, "tune/worker-lost", studyId("lost"));
  }, 120_000);

  it("tries a trial again that broke off, and fails where one cannot be carried out, once the others have stopped", async () => {
    study("broken", { trials: 2, atOnce: 2 });
    let attempts = 0;
    const other = world.hold("tune", `trial 1 of ${runOf("broken")}`);
    world.during("tune", `trial 0 of ${runOf("broken")}`, async () => {
      attempts++;
      await other.begun;
      if (attempts === 1) throw new Error("the machine was lost");
      world.fail("tune", `trial 0 of ${runOf("broken")}`, "no room on the disk");
      throw new Error("lost again");
    });
    await begin("broken");
    await other.cancelled;
    expect(await given.settled(model("broken"))).toMatchObject({ state: "failed", reasons: ["no room on the disk"] });
    expect(attempts).toBe(2);
    await keepHistory(given.client, "tune/failure", studyId("broken"));
  });

  it("fails with the study's reasons when that came to nothing", async () => {
    study("hopeless", { trials: 1, atOnce: 1, outcome: "failed" });
    const reasons = [`the study of ${runOf("hopeless")} failed`];
    expect(await apply("hopeless")).toMatchObject({ state: "failed", reasons });
  });

  it("has its trials stopped when a newer wish makes them pointless", async () => {
    study("hurried", { trials: 2, atOnce: 2 });
    const held = [0, 1].map((number) => world.hold("tune", `trial ${number} of ${runOf("hurried")}`));
    await begin("hurried");
    await Promise.all(held.map(({ begun }) => begun));
    await begin("hurried", "two");
    await Promise.all(held.map(({ cancelled }) => cancelled));
    expect(await given.settled(model("hurried"))).toMatchObject({
      state: "ready",
      live: { package: packageOf(runOf("hurried", "two")) },
    });
    expect(world.left.filter((run) => run.startsWith("run-of-hurried"))).toEqual([runOf("hurried")]);
    await keepHistory(given.client, "tune/cancelled", studyId("hurried"));
  });

  it("ends what is left of a study that somebody has terminated", async () => {
    study("cutoff", { trials: 1, atOnce: 1 });
    const held = world.hold("tune", `trial 0 of ${runOf("cutoff")}`);
    await begin("cutoff");
    await held.begun;
    await given.client.workflow.getHandle(studyId("cutoff")).terminate("to see");
    expect(await given.settled(model("cutoff"))).toMatchObject({ state: "failed" });
    expect(world.left.filter((run) => run.startsWith("run-of-cutoff"))).toEqual([runOf("cutoff")]);
  });

  it("continues a long study as new, with no trial lost or run twice", async () => {
    const { ended } = study("long", { trials: 60, atOnce: 3 });
    expect(await apply("long")).toMatchObject({ state: "ready" });
    expect(ended.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, number) => number));
    expect(trialsOf("long")).toHaveLength(60);
    const { workflowExecutionInfo } = await given.client.workflow
      .getHandle(studyId("long"))
      .describe()
      .then(({ raw }) => raw);
    expect(workflowExecutionInfo?.firstRunId).not.toBe(workflowExecutionInfo?.execution?.runId);
  }, 120_000);
});
