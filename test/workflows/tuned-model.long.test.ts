/**
 * A model that is tuned, with everything real: Optuna suggests, trainers run, the validation rows judge, the best trial is
 * released; and what is lost on the way, the worker and the sampler, takes no trial with it.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { modelPackageSchema } from "../../framework/models/model-package.ts";
import { trialIdentity } from "../../framework/plan/identity.ts";
import { runSchema } from "../../framework/training/run.ts";
import type { Trial } from "../../framework/training/tuning/study.ts";
import { chooseBest, listTrials } from "../../framework/training/tuning/study-record.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { type AppliedModel, type AppliedShop, openAppliedShop, shopJob, shopModel } from "../support/applied-shop.ts";
import { findSamplers, listProcesses } from "../support/processes.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "./given-engine.ts";

const tuning: NonNullable<TrainingJobSpec["tuning"]> = {
  sampler: "tpe",
  pruner: { kind: "median", startup: 3, warmup: 0 },
  objectives: [{ metric: "log-loss", direction: "minimize" }],
  space: [
    { param: "mode", distribution: { kind: "choice", values: ["sound", "broken"] } },
    {
      param: "weight",
      distribution: { kind: "float", low: 0.01, high: 2, scale: "log" },
      when: { param: "mode", is: "sound" },
    },
  ],
  trials: 10,
  parallel: 2,
  budget: {},
  failures: 0.9,
  warmStart: false,
};
const job: TrainingJobSpec = { ...shopJob, tuning };

describe("a model whose training job is tuned", { timeout: 600_000 }, () => {
  let stack: TestStack;
  let shop: AppliedShop;

  beforeAll(async () => {
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder));
    shop = await openAppliedShop(stack);
  });
  afterAll(() => stack.end());

  it("has the best of its trials in production, by the validation rows, and says what it will do before", async () => {
    expect(await shop.foretell(job)).toContain(
      "unknown until ingest of visits: tune spending: 10 trials, 2 at a time — the rows it is trained on may change",
    );
    const { run: study, generation } = await shop.apply(job);
    const status = await shop.settled("spender", generation);
    expect(status, status.reasons.join("\n")).toMatchObject({
      state: "ready",
      live: { kind: "model", version: 1, run: study },
      testReads: { candidate: 1, candidates: 1 },
    });
    expect(status.durations.tune).toBeGreaterThan(0);

    const trials = await listTrials(stack.store, study);
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 10 }, (_, number) => number));
    expect(trials.filter(({ state }) => state === "completed").length).toBeGreaterThan(2);
    for (const { state, params, reason, values } of trials) {
      expect(params["weight"] === undefined).toBe(params["mode"] === "broken");
      expect(state === "failed").toBe(params["mode"] === "broken");
      if (state === "failed") expect(reason).toMatch(/ended with exit code 1 .*told to fail/s);
      if (state === "completed") expect(values).toHaveLength(1);
    }
    const best = chooseBest(tuning.objectives, trials)?.best;
    const live = status.live?.kind === "model" ? status.live.package : "";
    const made = await stack.store.getJson(live, modelPackageSchema);
    const run = best?.run && (await stack.store.getJson(best.run, runSchema));
    expect(made).toMatchObject({ onnx: run?.onnx, run: run?.identity });
    expect(run?.params).toMatchObject({ ...best?.params, seconds: 0 });
    expect(await shop.foretell(job)).toEqual([]);
  });

  it("loses no trial and runs none again that has ended, when worker and sampler are killed in the middle", async () => {
    const before = (await shop.begun()).length;
    const slow: TrainingJobSpec = {
      ...job,
      params: { ...job.params, seconds: 1.5 },
      tuning: { ...tuning, trials: 8, pruner: { kind: "none" } },
    };
    const applied = await shop.apply(slow);
    const { run: study, generation } = applied;
    await untilTrials(study, 2);
    const worker = await findWorker();
    for (const { pid } of findSamplers(await listProcesses(), worker)) process.kill(pid, "SIGKILL");
    await untilTrials(study, 4);
    const ended = await listTrials(stack.store, study);
    process.kill(worker, "SIGKILL");
    const status = await shop.settled("spender", generation);
    expect(status, status.reasons.join("\n")).toMatchObject({ state: "ready", live: { run: study } });

    const trials = await listTrials(stack.store, study);
    expect(trials).toHaveLength(8);
    expect(trials).toEqual(expect.arrayContaining(ended));
    expect(trials.filter(({ state, params }) => (state === "failed") !== (params["mode"] === "broken"))).toEqual([]);
    // Two were under way when the worker was killed, and began again.
    const runs = (await shop.begun()).slice(before);
    expect(runs.length).toBeGreaterThanOrEqual(8);
    expect(runs.length).toBeLessThanOrEqual(10);
    // Without a weight, broken ones are one run of many trials.
    for (const trial of ended.filter(({ state }) => state === "completed"))
      expect(runs.filter((run) => run === runOf(slow, applied, trial))).toHaveLength(1);
  });

  it("gives another model of the same job the run of a study that ended with its time, and adds no trial to it", async () => {
    const short: TrainingJobSpec = {
      ...job,
      seed: 9,
      params: { ...job.params, seconds: 0.2 },
      tuning: { ...tuning, trials: 500, budget: { time: "5 seconds" }, pruner: { kind: "none" } },
    };
    const { run: study, generation } = await shop.apply(short);
    const status = await shop.settled("spender", generation);
    expect(status, status.reasons.join("\n")).toMatchObject({ state: "ready", live: { run: study } });
    const trials = await listTrials(stack.store, study);
    expect(trials.length).toBeLessThan(500);
    const begun = await shop.begun();
    const again = await shop.apply(short, { ...shopModel, name: "buyer" });
    expect(again.run).toBe(study);
    expect(await shop.settled("buyer", again.generation)).toMatchObject({ state: "ready", live: { run: study } });
    expect(await listTrials(stack.store, study)).toEqual(trials);
    expect(await shop.begun()).toEqual(begun);
    const { events } = await stack.engine.client.workflow
      .getHandle(`shop/tune/spending@${study.slice(0, 12)}`)
      .fetchHistory();
    expect(events?.length).toBeLessThanOrEqual(12);
  });

  it("tries what used up its memory again when it has more, and nothing else", async () => {
    const large: TrainingJobSpec = {
      ...job,
      seed: 3,
      resources: { cpu: 1, memory: "100 MiB" },
      tuning: {
        ...tuning,
        sampler: "grid",
        pruner: { kind: "none" },
        space: [{ param: "mode", distribution: { kind: "choice", values: ["sound", "large"] } }],
        trials: 2,
        parallel: 1,
        failures: 0.1,
      },
    };
    const first = await shop.apply(large);
    const failed = await shop.settled("spender", first.generation);
    expect(failed.state).toBe("failed");
    expect(failed.reasons.join("\n")).toMatch(/used more memory than it may/);
    const before = await listTrials(stack.store, first.run);
    expect(before.find(({ state }) => state === "failed")).toMatchObject({ memoryBytes: 100 * 2 ** 20 });
    const begun = (await shop.begun()).length;
    const second = await shop.apply({ ...large, resources: { cpu: 1, memory: "1 GiB" } });
    expect(second.run).toBe(first.run);
    const status = await shop.settled("spender", second.generation);
    expect(status, status.reasons.join("\n")).toMatchObject({ state: "ready", live: { run: first.run } });
    const trials = await listTrials(stack.store, first.run);
    expect(trials.map(({ state }) => state)).toEqual(["completed", "completed"]);
    expect(trials.map(({ params }) => params)).toEqual(expect.arrayContaining(before.map(({ params }) => params)));
    expect(trials).toEqual(expect.arrayContaining(before.filter(({ state }) => state === "completed")));
    expect((await shop.begun()).slice(begun)).toHaveLength(trials.length - before.length + 1);
  });

  async function findWorker(): Promise<number> {
    const worker = (await stack.supervisor.list()).find(({ name }) => name === "worker");
    if (worker?.pid === undefined) throw new Error("there is no worker");
    return worker.pid;
  }

  async function untilTrials(study: string, count: number): Promise<void> {
    for (let left = 1200; (await listTrials(stack.store, study)).length < count; left--) {
      if (left === 0) throw new Error(`the study never had ${count} trials`);
      await delay(100);
    }
  }
});

function runOf(training: TrainingJobSpec, { trainingSet, trainer }: AppliedModel, { params }: Trial): string {
  return trialIdentity(training, params, { trainingSet, trainer });
}
