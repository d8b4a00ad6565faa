/**
 * Training by MLflow scripts as the worker does it, in the environment of the example that is one, for the tests of one file.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
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
import { type GivenTracking, useTracking } from "../tracking/tracking-stack.ts";

const execute = promisify(execFile);
/** The folder of the example. */
export const example = join(import.meta.dirname, "../../examples/unemployment");

function findJob(): TrainingJobSpec {
  const { definitions } = resolveProject(labour, "local");
  const found = definitions.find((spec) => spec.kind === "training-job");
  if (!found) throw new Error("the example trains");
  return found;
}

const job = findJob();

/** What a test finds prepared; the fields are there once a test runs. */
export interface GivenScript {
  readonly tracking: GivenTracking;
  /** Has the rows as the script's author has them: `train.parquet` and `validation.parquet`. */
  folder: string;
  /** Runs the environment's Python in the folder, and returns what it prints. */
  runPython(...args: readonly string[]): Promise<string>;
  /** Trains by a script of a folder, tracked by the server of the tests. @param identity a letter */
  trainBy(source: string, identity: string): Promise<JobRun>;
}

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

/** Builds the environment and writes the rows before the tests of a file. */
export function useScript(): GivenScript {
  const given = { tracking: useTracking() } as GivenScript;
  let python: string;
  let trainingSet: TrainingSet;

  given.runPython = async (...args) => {
    const { folder } = given;
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      MLFLOW_TRACKING_URI: `file://${folder}/mlruns`,
      MLFLOW_ALLOW_FILE_STORE: "true",
      MLFLOW_DISABLE_TELEMETRY: "true",
      ORT_DISABLE_TELEMETRY: "1",
      GIT_PYTHON_REFRESH: "quiet",
      OMP_NUM_THREADS: "1",
    };
    const { stdout } = await execute(python, args, { cwd: folder, env });
    return stdout.trim();
  };

  beforeAll(async () => {
    given.folder = await mkdtemp(join(tmpdir(), "steward-script-"));
    const lock = join(example, "requirements.lock");
    ({ python } = await ensureEnvironment({ lock, ...(await findTrainingTools()) }));
    await given.runPython("-c", rowsProgram);
    const describeSplit = async (name: string, rows: number) => {
      const object = await given.tracking.store.putFile(join(given.folder, `split-${name}.parquet`));
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
  afterAll(() => rm(given.folder, { recursive: true, force: true }));

  given.trainBy = async (source, identity) => {
    const { store, url: address } = given.tracking;
    const closure = describeTrainer(source, job.trainer);
    for (const { path } of closure.files) await store.putFile(join(source, path));
    const reference = await store.putJson(closure);
    return findOrTrain(
      { store, cores: createCoreLease(1), gpus: createGpuLease(), tracking: { address, token: "any" } },
      {
        training: job,
        params: job.params,
        desired: {
          kind: "model",
          spec: reference,
          training: reference,
          trainer: reference,
          features: {},
          datasets: {},
        },
        identity: identity.repeat(64),
        opened: { trainingSet, digest: "b".repeat(64) },
        workFolder: join(given.folder, "work"),
        signal: new AbortController().signal,
        show: () => {},
        onReport: () => {},
      },
    );
  };
  return given;
}
