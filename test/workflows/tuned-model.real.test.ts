/**
 * A model that is tuned, with everything real: Optuna suggests, trainers run, the validation rows judge, the best trial is
 * released; and what is lost on the way, the worker and the sampler, takes no trial with it.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectFacts } from "../../framework/cli/collect-facts.ts";
import { formatConsequence } from "../../framework/cli/plan-text.ts";
import type { ModelSpec, ProjectSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { ApplyMessage, EntityKind, EntityStatus } from "../../framework/engine/messages.ts";
import { modelPackageSchema } from "../../framework/models/model-package.ts";
import { desireModel, referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { runIdentity, trainingSetIdentity } from "../../framework/plan/identity.ts";
import { plan } from "../../framework/plan/plan.ts";
import { runSchema } from "../../framework/training/run.ts";
import { describeTrainer } from "../../framework/training/trainer-closure.ts";
import { chooseBest, listTrials } from "../../framework/training/tuning/study-record.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { habits, spender, spending, visits } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "./given-engine.ts";

const actor = { id: "ann", via: "test" } as const;
const tinyTrainer = join(import.meta.dirname, "../support/tiny-trainer");

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
const job: TrainingJobSpec = {
  ...spending,
  label: { op: "gt", left: { op: "column", name: "spent" }, right: { op: "literal", value: 20 } },
  split: { test: "20 days", validation: "5 days", gap: "1 day" },
  params: { weight: 0.1, mode: "sound", seconds: 0 },
  tuning,
};
const judged: ModelSpec = { ...spender, metrics: ["auc", "log-loss"] };

describe("a model whose training job is tuned", { timeout: 600_000 }, () => {
  let stack: TestStack;
  let folder: string;

  beforeAll(async () => {
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder));
    folder = join(stack.scratch, "project");
    await mkdir(folder);
    await writeFile(join(folder, "requirements.lock"), await readFile(join(tinyTrainer, "requirements.lock")));
    await writeFile(join(folder, "train.py"), await writeTrainer(join(stack.scratch, "begun")));
    await writeFile(join(folder, "visits.csv"), writeVisits());
  });
  afterAll(() => stack.end());

  const projectOf = (training: TrainingJobSpec, model = judged): ProjectSpec => ({
    name: "shop",
    environment: "test",
    definitions: [visits, habits, training, model],
  });
  const collect = (training: TrainingJobSpec) =>
    collectFacts({ project: projectOf(training), loaded: { folder }, inputs: {} }, stack);

  const address = (kind: EntityKind, name: string) => ({ project: "shop", kind, name }) as const;
  async function tell(kind: EntityKind, name: string, desired: ApplyMessage["desired"]): Promise<number> {
    const message = { actor, owner: stack.connection.owner, adopt: false, digest: digestOf(desired), desired };
    return (await stack.engine.apply(address(kind, name), message)).generation;
  }
  async function settled(kind: EntityKind, name: string, generation: number): Promise<EntityStatus> {
    for (;;) {
      const status = await stack.engine.status(address(kind, name));
      if (status && status.settled >= generation && status.state !== "working") return status;
      await delay(100);
    }
  }

  /** Applies the datasets and the model, as the provider does; the study's identity, and the generation of the model. */
  async function begin(training: TrainingJobSpec, model = judged) {
    const { store } = stack;
    const { definitions } = projectOf(training, model);
    for (const spec of definitions) await store.putJson(spec);
    const facts = await collect(training);
    const source = facts.sources["visits"];
    if (!source) throw new Error("there is no source");
    const told = await tell("dataset", "visits", { kind: "dataset", spec: referTo(visits), ...source });
    const { live } = await settled("dataset", "visits", told);
    const roots = { visits: live?.kind === "dataset" ? live.root : "" };
    const closure = describeTrainer(folder, training.trainer);
    for (const { path } of closure.files) await store.putFile(join(folder, path));
    const trainer = await store.putJson(closure);
    const specs = new Map(definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec]));
    const parts = { training, features: { habits }, roots };
    const generation = await tell("model", model.name, desireModel(model, { ...parts, specs, trainer }));
    return {
      generation,
      study: runIdentity(training, { trainingSet: trainingSetIdentity(parts), trainer: trainer.sha256 }),
    };
  }
  const foretell = async (training: TrainingJobSpec) =>
    plan(projectOf(training), await collect(training)).definitions.flatMap(({ consequences }) =>
      consequences.map(formatConsequence),
    );
  const begun = async () => (await readFile(join(stack.scratch, "begun"), "utf8")).trim().split("\n");

  it("has the best of its trials in production, by the validation rows, and says what it will do before", async () => {
    expect(await foretell(job)).toContain(
      "unknown until ingest of visits: tune spending: 10 trials, 2 at a time — the rows it is trained on may change",
    );
    const { study, generation } = await begin(job);
    const status = await settled("model", "spender", generation);
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
    expect(await foretell(job)).toEqual([]);
  });

  it("loses no trial and runs none again that has ended, when worker and sampler are killed in the middle", async () => {
    await rm(join(stack.scratch, "begun"));
    const slow: TrainingJobSpec = {
      ...job,
      params: { ...job.params, seconds: 1.5 },
      tuning: { ...tuning, trials: 8, pruner: { kind: "none" } },
    };
    const { study, generation } = await begin(slow);
    await untilTrials(study, 2);
    for (const pid of findProcesses("tuning/python")) process.kill(pid, "SIGKILL");
    await untilTrials(study, 4);
    const before = await listTrials(stack.store, study);
    const worker = (await stack.supervisor.list()).find(({ name }) => name === "worker");
    process.kill(worker?.pid ?? 0, "SIGKILL");
    const status = await settled("model", "spender", generation);
    expect(status, status.reasons.join("\n")).toMatchObject({ state: "ready", live: { run: study } });

    const trials = await listTrials(stack.store, study);
    expect(trials).toHaveLength(8);
    expect(trials).toEqual(expect.arrayContaining(before));
    expect(trials.filter(({ state, params }) => (state === "failed") !== (params["mode"] === "broken"))).toEqual([]);
    // Two were under way when the worker was killed, and began again.
    const runs = await begun();
    expect(runs.length).toBeGreaterThanOrEqual(8);
    expect(runs.length).toBeLessThanOrEqual(10);
    const ended = before.map(({ params }) => `${params["mode"]} ${params["weight"] ?? 0.1}`);
    for (const line of ended.filter((one) => one.startsWith("sound")))
      expect(runs.filter((one) => one === line)).toHaveLength(1);
  });

  it("gives another model of the same job the run of a study that ended with its time, and adds no trial to it", async () => {
    const short: TrainingJobSpec = {
      ...job,
      seed: 9,
      params: { ...job.params, seconds: 0.2 },
      tuning: { ...tuning, trials: 500, budget: { time: "5 seconds" }, pruner: { kind: "none" } },
    };
    const { study, generation } = await begin(short);
    const status = await settled("model", "spender", generation);
    expect(status, status.reasons.join("\n")).toMatchObject({ state: "ready", live: { run: study } });
    const trials = await listTrials(stack.store, study);
    expect(trials.length).toBeLessThan(500);
    const again = await begin(short, { ...judged, name: "buyer" });
    expect(again.study).toBe(study);
    expect(await settled("model", "buyer", again.generation)).toMatchObject({ state: "ready", live: { run: study } });
    expect(await listTrials(stack.store, study)).toEqual(trials);
  });

  async function untilTrials(study: string, count: number): Promise<void> {
    for (let left = 1200; (await listTrials(stack.store, study)).length < count; left--) {
      if (left === 0) throw new Error(`the study never had ${count} trials`);
      await delay(100);
    }
  }
});

/** The processes whose command has a word in it. */
function findProcesses(word: string): number[] {
  const lines = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  const found = lines.filter((line) => line.includes(word) && !line.includes("/bin/sh"));
  return found.map((line) => Number.parseInt(line, 10));
}

/** The tiny trainer with other parameters: it notes that it began, reports how far it is, and may fail. */
async function writeTrainer(begun: string): Promise<string> {
  const text = await readFile(join(tinyTrainer, "train.py"), "utf8");
  const [library = ""] = text.split("job = steward.job()");
  return `${library}
job = steward.job()
mode, weight = job.params["mode"], job.params["weight"]
with open(${JSON.stringify(begun)}, "a") as file:
    file.write(f"{mode} {weight}\\n")
time.sleep(job.params["seconds"])
if mode == "broken":
    sys.exit("told to fail")
for step in range(1, 4):
    job.report(step, of=3, **{"log-loss": abs(weight - 0.3)})
    time.sleep(0.2)
job.model.write_bytes(linear_model([weight] * len(job.features), -12 * weight))
`;
}

/** Ten visits a day, which spend more the later they come. */
function writeVisits(): string {
  const start = Date.parse("2024-01-01T00:00:00Z");
  const rows = Array.from({ length: 600 }, (_, i) => {
    const time = new Date(start + Math.floor(i / 10) * 86_400_000 + ((i * 7) % 24) * 3_600_000);
    return `${time.toISOString()},shop-${i % 3},${time.getUTCHours() + ((i * 5) % 16)}`;
  });
  return ["at,shop,spent", ...rows, ""].join("\n");
}
