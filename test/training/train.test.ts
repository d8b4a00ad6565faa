import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { readKeptReports } from "../../framework/training/kept-reports.ts";
import { createProcessRunner } from "../../framework/training/process-runner.ts";
import { type JobReport, runSchema } from "../../framework/training/run.ts";
import type { RunnableJob } from "../../framework/training/runner.ts";
import { type RunStore, type TrainingRequest, type TrainOptions, train } from "../../framework/training/train.ts";
import { linearModel } from "../models/onnx-bytes.ts";
import { createWheelhouse, type Wheelhouse } from "./wheelhouse.ts";

let root: string;
let wheelhouse: Wheelhouse;
let folder: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-test-"));
  wheelhouse = await createWheelhouse(root);
  for (const [name, value] of Object.entries(wheelhouse.variables)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
  await mkdir(join(folder, "objects"));
});

async function put(bytes: Uint8Array | string): Promise<Reference> {
  const sha256 = digestBytes(bytes);
  await writeFile(join(folder, "objects", sha256), bytes);
  return { sha256, size: Buffer.byteLength(bytes) };
}

const store: RunStore = {
  fetchFile: async ({ sha256 }) => join(folder, "objects", sha256),
  putFile: async (path) => put(await readFile(path)),
  putJson: (value) => put(toCanonicalJson(value)),
};

/** A trainer that saves the weights beside it, after what `body` does. */
const trainer = (body: string) => `
from pathlib import Path
import steward
job = steward.job()
${body}
job.model.write_bytes(Path("weights/model.bin").read_bytes())
`;

async function describeTraining(program: string, changes: Partial<TrainingRequest> = {}): Promise<TrainOptions> {
  const split = { object: await put("rows"), rows: 1, from: "2001-01-01T00:00:00Z", to: "2001-01-02T00:00:00Z" };
  const trainingSet: TrainingSet = {
    format: "training-set/2",
    identity: "set",
    task: "binary",
    features: [
      { name: "hour", type: "number" },
      { name: "origin", type: "category" },
    ],
    categories: { origin: ["JFK", "SFO"] },
    prior: 0.2,
    splits: { train: split, validation: split, test: split },
    slices: [],
  };
  const files = await Promise.all(
    Object.entries({
      "requirements.lock": wheelhouse.lock,
      "train.py": program,
      "weights/model.bin": linearModel([1, 2]),
    }).map(async ([path, content]) => ({ path, object: await put(content) })),
  );
  const job: TrainingRequest = {
    name: "late-training",
    identity: "a".repeat(64),
    trainingSet,
    trainingSetDigest: "b".repeat(64),
    trainer: { format: "trainer/1", kind: "python", entry: "train.py", lock: "requirements.lock", files },
    trainerReference: await put("closure"),
    params: { leaves: 31, rate: 0.1 },
    seed: 7,
    resources: { cpu: 1, memory: "1 GiB" },
    ...changes,
  };
  const tools = { uv: wheelhouse.uv, python: wheelhouse.python, cacheFolder: join(root, "cache") };
  return { job, store, workFolder: join(folder, "work"), tools };
}

const listJobs = () => readdir(join(folder, "work", "jobs"));

describe("train", () => {
  it("runs the trainer in its environment and records the run", async () => {
    const reports: JobReport[] = [];
    const options = await describeTraining(
      trainer(`
import os, steward_pebble
assert Path("job.json").exists() and os.environ["PYTHONHASHSEED"] == "7" and steward_pebble.weight == 7
print("params", job.params["leaves"], job.seed, job.task, job.cpu)
print("features", [tuple(feature) for feature in job.features], job.categories)
print("rows", job.inputs["train"].read_text(), list(job.checkpoint_dir.iterdir()))
job.report(1, of=2, auc=0.6, loss=float("nan"))
job.report(2, of=2, auc=0.7)`),
    );
    const { run, reference } = await train({ ...options, onReport: (report) => reports.push(report) });

    expect(run).toMatchObject({
      identity: options.job.identity,
      trainingSet: "b".repeat(64),
      trainer: options.job.trainerReference,
      params: { leaves: 31, rate: 0.1 },
      seed: 7,
      metrics: { auc: 0.7 },
    });
    expect(reports).toEqual([
      { step: 1, of: 2, metrics: { auc: 0.6 } },
      { step: 2, of: 2, metrics: { auc: 0.7 } },
    ]);
    expect(run.onnx.sha256).toBe(digestBytes(linearModel([1, 2])));
    expect(runSchema.parse(JSON.parse(await readFile(await store.fetchFile(reference), "utf8")))).toEqual(run);
    const log = await readFile(await store.fetchFile(run.log), "utf8");
    expect(log).toContain("params 31 7 binary 1");
    expect(log).toContain("features [('hour', 'number'), ('origin', 'category')] {'origin': ['JFK', 'SFO']}");
    expect(log).toContain("rows rows []");
    expect(await listJobs()).toEqual([]);
    expect(await readdir(join(folder, "work", "checkpoints"))).toEqual([]);
  });

  it("shows the trainer the GPUs that are lent to it, and records them", async () => {
    const options = await describeTraining(
      trainer('import os; assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-a,GPU-b"'),
    );
    const gpus = ["a", "b"].map((name, index) => ({ uuid: `GPU-${name}`, name: `NVIDIA ${name}`, index }));
    const { run } = await train({ ...options, gpus });
    expect(run.gpus).toEqual([
      { name: "NVIDIA a", uuid: "GPU-a" },
      { name: "NVIDIA b", uuid: "GPU-b" },
    ]);
    expect(runSchema.parse(run)).toEqual(run);
  });

  it.each([
    ["keeps what the framework answered when the model was saved", "[[0.25], [0.5]]", true],
    ["keeps nothing of answers that are none", '[["a"], [0.5]]', false],
  ])("%s", async (_, answers, isKept) => {
    const written = `{"framework": "lightgbm 4.6.0", "split": "validation", "rows": [0, 3], "answers": ${answers}}`;
    const options = await describeTraining(trainer(`job.model.with_suffix(".answers.json").write_text('${written}')`));
    const { run } = await train(options);
    if (!isKept) return expect(run).not.toHaveProperty("answers");
    const kept: unknown = JSON.parse(await readFile(await store.fetchFile(run.answers ?? (await put(""))), "utf8"));
    expect(kept).toEqual({ format: "framework-answers/1", ...JSON.parse(written) });
  });

  it("lets an attempt find what the one before has left", async () => {
    const options = await describeTraining(
      trainer(`
checkpoint = job.checkpoint_dir / "round"
if not checkpoint.exists():
    checkpoint.write_text("120")
    raise SystemExit(1)
print("from round", checkpoint.read_text())`),
    );
    await expect(train(options)).rejects.toThrow("exit code 1");
    const { run } = await train(options);
    expect(await readFile(await store.fetchFile(run.log), "utf8")).toContain("from round 120");
  });

  describe("that is interrupted", () => {
    /** Counts to ten, keeping each number, and does `meanwhile` at five of its first attempt. */
    const counting = (meanwhile: string) =>
      trainer(`
import os, signal, time
state = job.resume() or {"done": 0}
print("from", state["done"])
for done in range(state["done"] + 1, 11):
    job.report(done, of=10)
    if done == 5 and state["done"] == 0:
        ${meanwhile}
    job.checkpoint({"done": done})`);

    it("goes on from its last checkpoint when somebody else ended it, and records both attempts", async () => {
      const options = await describeTraining(counting("os.kill(os.getpid(), signal.SIGTERM)"));
      await expect(train(options)).rejects.toMatchObject({
        problems: [{ code: "training-preempted", at: "late-training.trainer" }],
      });
      const kept = await readdir(join(folder, "work", "checkpoints"), { recursive: true, withFileTypes: true });
      const files = kept.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
      const keptAt = Math.max(...(await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs))));
      const steps: string[] = [];
      const { run } = await train({ ...options, onProgress: (step) => steps.push(step) });
      expect(run.attempts).toMatchObject([
        { how: "preempted" },
        { how: "succeeded", lostSeconds: 0, resumedFrom: { checkpoint: 5, step: 5 } },
      ]);
      const [first] = run.attempts ?? [];
      const lost = Math.round(first?.lostSeconds ?? 0);
      expect(steps).toContain(`attempt 2: the last one was preempted, ${lost} s of work are done again`);
      expect(first?.lostSeconds).toBeCloseTo((Date.parse(first?.ended ?? "") - keptAt) / 1000, 2);
      expect(await readFile(await store.fetchFile(run.log), "utf8")).toContain("from 5");
      expect(await readdir(join(folder, "work", "checkpoints"))).toEqual([]);
      expect(await readdir(join(folder, "work", "attempts"))).toEqual([]);
    });

    it("has what it reported before it was ended, though nobody read it", async () => {
      const options = await describeTraining(
        trainer(`
import os, signal
done = job.resume() or {"step": 0}
for step in range(done["step"] + 1, 3):
    job.report(step, loss=1 / step)
    job.checkpoint({"step": step})
    if step == 2 and done["step"] == 0:
        os.kill(os.getpid(), signal.SIGKILL)`),
      );
      const runner = createProcessRunner();
      const deaf = { ...runner, submit: (job: RunnableJob) => runner.submit(job, () => undefined) };
      await expect(train({ ...options, runner: deaf })).rejects.toThrow("signal SIGKILL");
      const reports: JobReport[] = [];
      const { run } = await train({ ...options, onReport: (report) => reports.push(report) });
      expect(reports).toEqual([{ step: 2, metrics: {}, resumed: 2 }]);
      expect(run.metrics).toEqual({ loss: 0.5 });
      const kept = await readKeptReports(join(folder, "work"), options.job.identity);
      expect(kept).toEqual([
        [
          { step: 1, metrics: { loss: 1 } },
          { step: 2, metrics: { loss: 0.5 } },
        ],
      ]);
    });

    it("has what its worker read, where it keeps nothing itself, each attempt apart", async () => {
      const print = (step: number) => `print('steward:{"step": ${step}, "metrics": {"loss": 0.5}}', flush=True)`;
      const options = await describeTraining(trainer(`${print(1)}\nraise SystemExit(1)`));
      await expect(train(options)).rejects.toThrow("exit code 1");
      await expect(train(options)).rejects.toThrow("exit code 1");
      const report = { step: 1, metrics: { loss: 0.5 } };
      expect(await readKeptReports(join(folder, "work"), options.job.identity)).toEqual([[report], [report]]);
    });

    it("keeps what is done when it is told to stop, within the grace", async () => {
      const options = await describeTraining(counting('print("steward:{\\"step\\": 5}", flush=True); time.sleep(300)'));
      const controller = new AbortController();
      const stopped = train({
        ...options,
        signal: controller.signal,
        // Python's sleep goes on after the signal: it is in the middle of a step that is then done again.
        runner: createProcessRunner({ graceSeconds: 1 }),
        onReport: ({ step, checkpoint }) => {
          if (step === 5 && checkpoint === undefined) controller.abort(new Error("the worker ends"));
        },
      });
      await expect(stopped).rejects.toThrow("the worker ends");
      const { run } = await train(options);
      expect(run.attempts).toMatchObject([{ how: "stopped" }, { how: "succeeded", resumedFrom: { checkpoint: 4 } }]);
      expect(run.attempts?.[0]?.lostSeconds).toBeGreaterThan(0.9);
    });

    it("does not go on for ever when each attempt is ended before it keeps anything", async () => {
      const options = await describeTraining("import os, signal; os.kill(os.getpid(), signal.SIGTERM)");
      for (let attempt = 1; attempt < 5; attempt += 1)
        await expect(train(options)).rejects.toMatchObject({ problems: [{ code: "training-preempted" }] });
      await expect(train(options)).rejects.toMatchObject({ problems: [{ code: "training-failed" }] });
    });

    it("records the seconds that were lost with a worker", async () => {
      const options = await describeTraining(counting("pass"));
      const log = join(folder, "work", "attempts", `${options.job.identity}.json`);
      await mkdir(join(folder, "work", "attempts"), { recursive: true });
      await writeFile(
        log,
        JSON.stringify({
          format: "attempts/1",
          ended: [],
          open: { began: new Date(Date.now() - 90_000).toISOString() },
        }),
      );
      const { run } = await train(options);
      expect(run.attempts).toMatchObject([{ how: "worker-lost" }, { how: "succeeded" }]);
      expect(run.attempts?.[0]?.lostSeconds).toBeGreaterThan(89);
    });
  });

  it("shows the last lines of a trainer that fails, and where its log is", async () => {
    const options = await describeTraining(
      trainer('print("reading https://me:hunter2@warehouse.example")\nraise ValueError("no rows of JFK")'),
    );
    const failed = train(options);
    await expect(failed).rejects.toMatchObject({
      problems: [{ code: "training-failed", at: "late-training.trainer" }],
    });
    await expect(failed).rejects.toThrow(
      /"train.py" ended with exit code 1 after \d+ s.*\n.*https:\/\/…@warehouse[\s\S]*ValueError: no rows of JFK/,
    );
    await expect(failed).rejects.not.toThrow("hunter2");
    const log = join(folder, "work", "logs", `${options.job.identity}.log`);
    await expect(failed).rejects.toThrow(log);
    expect(await readFile(log, "utf8")).toContain("no rows of JFK");
    expect(await listJobs()).toEqual([]);
  });

  it.each([
    ["a trainer that saves nothing", "pass", { code: "training-without-model", got: "no file" }],
    [
      "a trainer that saves a pickle",
      "import pickle, steward; steward.job().model.write_bytes(pickle.dumps([1]))",
      { code: "model-refused" },
    ],
  ])("refuses %s", async (_, program, problem) => {
    await expect(train(await describeTraining(program))).rejects.toMatchObject({ problems: [problem] });
  });

  it("says what to change when memory is short", async () => {
    const options = await describeTraining('import time; held = b"x" * (200 * 2**20); time.sleep(300)', {
      resources: { cpu: 1, memory: "100 MiB" },
    });
    await expect(train(options)).rejects.toMatchObject({
      problems: [{ code: "training-out-of-memory", at: "late-training.resources.memory", expected: "at most 100 MiB" }],
    });
  });

  it("ends the trainer with its signal", async () => {
    const controller = new AbortController();
    const options = await describeTraining("import steward, time; steward.job().report(1); time.sleep(300)");
    const training = train({
      ...options,
      signal: controller.signal,
      onReport: () => controller.abort(new Error("enough")),
    });
    await expect(training).rejects.toThrow("enough");
    expect(await listJobs()).toEqual([]);
  });

  describe("by an MLflow script", () => {
    async function describeScript(program: string, more: TrainingRequest["trainer"]["files"] = []) {
      const options = await describeTraining(program);
      const { trainer: closure } = options.job;
      const files = [...closure.files, ...more];
      return { ...options, job: { ...options.job, trainer: { ...closure, files, script: {} } } };
    }

    it("says what is missing in its lock, before its rows are read", async () => {
      await expect(train(await describeScript("pass"))).rejects.toThrow(
        /No module named 'mlflow': the lock of an MLflow script has mlflow or mlflow-skinny, and pyarrow/,
      );
    });

    it("keeps the name of the folder of its rows", async () => {
      const options = await describeScript("pass", [{ path: "rows/read.py", object: await put("") }]);
      await expect(train(options)).rejects.toMatchObject({
        problems: [{ code: "trainer-invalid", got: '"rows/read.py"' }],
      });
    });
  });

  it("refuses a trainer whose files lie outside its folder, all at once", async () => {
    const options = await describeTraining("pass");
    const { trainer: closure } = options.job;
    const [file] = closure.files;
    const object = file?.object ?? (await put(""));
    const files = ["/etc/passwd", "../up.py", "a/../b.py", "job.json"].map((path) => ({ path, object }));
    const job = { ...options.job, trainer: { ...closure, files, entry: "train.py" } };
    await expect(train({ ...options, job })).rejects.toMatchObject({
      problems: ['"/etc/passwd"', '"../up.py"', '"a/../b.py"', '"job.json"', '"train.py"', '"requirements.lock"'].map(
        (got) => ({ code: "trainer-invalid", got }),
      ),
    });
  });
});
