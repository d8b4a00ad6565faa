import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import labour from "../../examples/unemployment/project.ts";
import { formatOf } from "../../framework/definitions/format.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { createCoreLease } from "../../framework/training/core-lease.ts";
import { ensureEnvironment } from "../../framework/training/environment.ts";
import { createGpuLease } from "../../framework/training/gpu-lease.ts";
import { describeTrainer } from "../../framework/training/trainer-closure.ts";
import { findTrainingTools } from "../../framework/training/training-tools.ts";
import { findOrTrain, type JobRun } from "../../workflows/train/job-run.ts";
import { useTracking } from "../tracking/tracking-stack.ts";

const execute = promisify(execFile);
const example = join(import.meta.dirname, "../../examples/unemployment");
const given = useTracking();

function findJob(): TrainingJobSpec {
  const { definitions } = resolveProject(labour, "local");
  const found = definitions.find((spec) => spec.kind === "training-job");
  if (!found) throw new Error("the example trains");
  return found;
}

const job = findJob();
let folder: string;
let python: string;
let trainingSet: TrainingSet;

/** Writes splits as Steward has them, and the same rows as the script's author has them. */
const rowsProgram = `
import numpy as np, pandas as pd
random = np.random.default_rng(3)
names = ["month", "latestRate", "seasonalStep", "halfYearReturn"]
for split, count in (("train", 900), ("validation", 200)):
    rows = pd.DataFrame(random.normal(size=(count, 4)).astype("float32"), columns=names)
    rows.loc[::13, "latestRate"] = np.nan
    label = 4 + rows["month"] * 2 - rows["seasonalStep"] + random.normal(size=count) / 10
    rows.assign(rate=label).to_parquet(f"{split}.parquet")
    rows.astype("float64").assign(__label=label, __time=0, __slice_series="any").to_parquet(f"split-{split}.parquet")
`;

/** The distance between the answers of the model that the script has logged and those of a run's ONNX file. */
const comparison = `
import glob, sys
import mlflow, numpy as np, onnxruntime, pandas as pd
(logged,) = glob.glob("mlruns/*/models/*/artifacts")
rows = pd.read_parquet("validation.parquet").drop(columns="rate")
theirs = mlflow.sklearn.load_model(logged).predict(rows)
(ours,) = onnxruntime.InferenceSession(sys.argv[1]).run(None, {"features": rows.to_numpy(np.float32)})
assert theirs.std() > 1
print(np.abs(theirs - ours.reshape(-1)).max())
`;

async function runPython(...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    MLFLOW_TRACKING_URI: `file://${folder}/mlruns`,
    MLFLOW_ALLOW_FILE_STORE: "true",
    MLFLOW_DISABLE_TELEMETRY: "true",
    GIT_PYTHON_REFRESH: "quiet",
    OMP_NUM_THREADS: "1",
  };
  const { stdout } = await execute(python, args, { cwd: folder, env });
  return stdout.trim();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-script-"));
  const lock = join(example, "requirements.lock");
  ({ python } = await ensureEnvironment({ lock, ...(await findTrainingTools()) }));
  await runPython("-c", rowsProgram);
  const describeSplit = async (name: string, rows: number) => {
    const object = await given.store.putFile(join(folder, `split-${name}.parquet`));
    return { object, rows, from: "2001-01-01T00:00:00Z", to: "2001-01-02T00:00:00Z" };
  };
  const validation = await describeSplit("validation", 200);
  const names = ["month", "latestRate", "seasonalStep", "halfYearReturn"];
  trainingSet = {
    format: formatOf("training-set"),
    identity: "set",
    task: "regression",
    features: names.map((name) => ({ name, type: "number" })),
    categories: {},
    prior: 4,
    splits: { train: await describeSplit("train", 900), validation, test: validation },
    slices: ["series"],
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Trains by a script of a folder as the worker does, tracked by the server of the tests. */
async function trainBy(source: string, identity: string, lines: string[] = []): Promise<JobRun> {
  const { store } = given;
  const closure = describeTrainer(source, job.trainer);
  for (const { path } of closure.files) await store.putFile(join(source, path));
  const reference = await store.putJson(closure);
  return findOrTrain(
    { store, cores: createCoreLease(1), gpus: createGpuLease(), tracking: { address: given.url, token: "any" } },
    {
      training: job,
      params: job.params,
      desired: { kind: "model", spec: reference, training: reference, trainer: reference, features: {}, datasets: {} },
      identity: identity.repeat(64),
      opened: { trainingSet, digest: "b".repeat(64) },
      workFolder: join(folder, "work"),
      signal: new AbortController().signal,
      show: (line) => void lines.push(line),
      onReport: () => {},
    },
  );
}

describe("the script of the example", () => {
  let trained: JobRun;

  it("knows nothing of Steward", async () => {
    expect(await readFile(join(example, "train.py"), "utf8")).not.toMatch(/steward/i);
    expect(await readFile(join(example, "requirements.in"), "utf8")).not.toMatch(/steward/i);
  });

  it("logs to the run of its training, once, and its metrics are the training's", async () => {
    trained = await trainBy(example, "a");
    const { body: all } = await given.ask("POST", "/api/2.0/mlflow/experiments/search", { max_results: 10 });
    const experiments: { name: string; experiment_id: string }[] = all.experiments;
    expect(experiments.map(({ name }) => name).sort()).toEqual(["Default", "rate-training"]);
    const { body } = await given.ask("POST", "/api/2.0/mlflow/runs/search", {
      experiment_ids: experiments.map((one) => one.experiment_id),
    });
    expect(body.runs).toHaveLength(1);
    const [{ info, data, outputs }] = body.runs;
    expect(info.status).toBe("FINISHED");
    const params = Object.fromEntries(data.params.map((one: { key: string; value: string }) => [one.key, one.value]));
    // Every attempt of a run logs the same, on whatever machine.
    expect(params).toEqual({ train: "rows/train.parquet", validation: "rows/validation.parquet", alpha: "1.0" });
    expect(outputs.model_outputs).toHaveLength(1);
    const { body: history } = await given.ask(
      "GET",
      `/api/2.0/mlflow/metrics/get-history?run_id=${info.run_id}&metric_key=rmse`,
    );
    // What the script has logged is not logged again for the job.
    const rmse = trained.run.metrics["rmse"];
    expect(history.metrics.map(({ value }: { value: number }) => value)).toEqual([rmse]);
    expect(Object.keys(trained.run.metrics)).toEqual(["rmse", "mae"]);
  });

  it("runs without Steward as well, and its model answers as the one that is served", async () => {
    await cp(join(example, "train.py"), join(folder, "train.py"));
    await runPython("train.py", "--train", "train.parquet", "--validation", "validation.parquet", "--alpha", "1");
    const distance = await runPython("-c", comparison, await given.store.fetchFile(trained.run.onnx));
    expect(Number(distance)).toBeLessThan(1e-5);
  });
});

describe("a script that leaves no model", () => {
  it.each([
    ["logs none", "c", "mlflow.log_metric('rmse', 1)", "the script logged no model that can be served"],
    ["fails", "d", "raise ValueError('no such luck')", "no such luck"],
  ])("fails with why, and so does its run, because it %s", async (_, identity, line, why) => {
    const source = join(folder, `without-model-${identity}`);
    await mkdir(source);
    await cp(join(example, "requirements.lock"), join(source, "requirements.lock"));
    await writeFile(join(source, "train.py"), `import mlflow\n${line}\n`);
    await expect(trainBy(source, identity)).rejects.toMatchObject({
      problems: [{ code: "training-failed", what: expect.stringContaining(why) }],
    });
    const { body } = await given.ask("POST", "/api/2.0/mlflow/experiments/search", {
      filter: "name = 'rate-training'",
      max_results: 1,
    });
    const { body: found } = await given.ask("POST", "/api/2.0/mlflow/runs/search", {
      experiment_ids: [body.experiments[0].experiment_id],
      filter: `attributes.status = 'FAILED' AND tags.\`job.identity\` = '${identity.repeat(64)}'`,
    });
    // What the job was given is there, whatever the script logs.
    expect(found.runs).toMatchObject([{ data: { params: [{ key: "alpha", value: "1" }] } }]);
  });
});
