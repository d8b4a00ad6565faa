import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { TrainingSet } from "../../framework/features/training-set.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";
import type { Store } from "../../framework/store/store.ts";
import type { TrainerClosure } from "../../framework/training/run.ts";
import type { JobEnd, RunnableJob, Runner } from "../../framework/training/runner.ts";
import type { ActivityTools } from "../../workflows/activity-tools.ts";
import { findOrTrain, type JobRunOptions } from "../../workflows/train/job-run.ts";
import { failure } from "../support/failure.ts";
import { spending } from "../support/project.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(text: string): Promise<Reference> {
  const sha256 = digestBytes(text);
  await writeFile(join(folder, sha256), text);
  return { sha256, size: text.length };
}

/** A training of a module without packages, which takes nothing from the user's cache. */
async function describeRun(gpu: TrainingJobSpec["resources"]["gpu"]) {
  const lock = '{"lockfileVersion":3,"packages":{}}';
  const files = [
    { path: "package-lock.json", object: await put(lock) },
    { path: "train.ts", object: await put("") },
  ];
  const closure: TrainerClosure = {
    format: "trainer/1",
    kind: "typescript",
    entry: "train.ts",
    lock: "package-lock.json",
    files,
  };
  const split = { object: await put("rows"), rows: 1, from: "2001-01-01T00:00:00Z", to: "2001-01-02T00:00:00Z" };
  const trainingSet: TrainingSet = {
    format: "training-set/2",
    identity: "set",
    task: "regression",
    features: [{ name: "hour", type: "number" }],
    categories: {},
    prior: 0,
    splits: { train: split, validation: split, test: split },
    slices: [],
  };
  const store: Pick<Store, "readName" | "getJson" | "fetchFile"> = {
    readName: async () => undefined,
    getJson: async (_, schema) => schema.parse(closure),
    fetchFile: async ({ sha256 }) => join(folder, sha256),
  };
  const options: JobRunOptions = {
    training: { ...spending, resources: { ...spending.resources, ...(gpu && { gpu }) } },
    params: {},
    desired: { trainer: await put("closure") } as DesiredModel,
    identity: "a".repeat(64),
    opened: { trainingSet, digest: "b".repeat(64) },
    workFolder: join(folder, "work"),
    signal: new AbortController().signal,
    show: () => undefined,
    onReport: () => undefined,
  };
  return { store: store as Store, options };
}

const refuse = async (): Promise<never> => {
  throw new Error("nothing of this machine is to be taken");
};

describe("a run on a cluster", () => {
  it("takes nothing of the worker's machine, and asks the cluster for its GPUs", async () => {
    const submitted: RunnableJob[] = [];
    const cluster: Runner = {
      isCluster: true,
      submit: async (job) => {
        submitted.push(job);
        const silence = new StewardError({ code: "runner-unreachable", at: "steward:runner", what: "no answer" });
        const ended = Promise.reject<JobEnd>(silence);
        return { ended, cancel: () => ended, logs: () => [] };
      },
    };
    const { store, options } = await describeRun({ count: 2, type: "h100" });
    const tools: Pick<ActivityTools, "store" | "cores" | "gpus" | "cluster"> = {
      store,
      cores: { cores: 1, take: refuse },
      gpus: { count: refuse, take: refuse },
      cluster,
    };
    const { problems } = await failure(findOrTrain(tools, options));
    expect(problems).toMatchObject([{ code: "runner-unreachable" }]);
    expect(submitted).toMatchObject([{ resources: { gpuWish: { count: 2, type: "h100" } } }]);
    const { cluster: _, ...machine } = tools;
    await expect(findOrTrain(machine, options)).rejects.toThrow("nothing of this machine");
  });
});
