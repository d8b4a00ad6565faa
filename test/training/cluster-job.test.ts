import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import { beginAttempt, findLeftAttempts } from "../../framework/training/attempt-log.ts";
import { createProcessRunner } from "../../framework/training/process-runner.ts";
import type { JobEnd, RunnableJob, Runner } from "../../framework/training/runner.ts";
import { type TrainOptions, train } from "../../framework/training/train.ts";
import { failure } from "../support/failure.ts";
import { describeTraining } from "./described-training.ts";
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
});

const describeCase = (): Promise<TrainOptions> =>
  describeTraining({ folder, body: "job.report(1, auc=0.7)", wheelhouse, cacheFolder: join(root, "cache") });

/** A cluster of this machine: what it is given it notes, and runs, or ends as `end` says. */
function createCluster(end?: () => Promise<JobEnd>): Runner & { readonly submitted: RunnableJob[] } {
  const submitted: RunnableJob[] = [];
  const processes = createProcessRunner();
  return {
    isCluster: true,
    submitted,
    async submit(job, watch) {
      submitted.push(job);
      if (!end) return processes.submit(job, watch);
      await writeFile(job.log, "");
      const ended = end();
      ended.catch(() => undefined);
      return { ended, cancel: () => ended, logs: () => [] };
    },
  };
}

const unreachable = () =>
  Promise.reject<JobEnd>(new StewardError({ code: "runner-unreachable", at: "steward:runner", what: "no answer" }));
const lost = (): Promise<JobEnd> =>
  Promise.resolve({ outcome: "lost", how: "a node is gone", seconds: 1, peakBytes: 0 });

const listJobs = () => readdir(join(folder, "work", "jobs"));
const findLeft = ({ workFolder, job }: TrainOptions) => findLeftAttempts(workFolder, job.identity);

describe("the job of a cluster", () => {
  it("has a name that tells its training and its attempt, and is nobody's when it has ended", async () => {
    const options = await describeCase();
    const cluster = createCluster();
    const resources = { ...options.job.resources, gpu: { count: 1 } };
    const { run } = await train({ ...options, job: { ...options.job, resources }, runner: cluster });
    expect(run.attempts).toMatchObject([{ how: "succeeded" }]);
    const [submitted] = cluster.submitted;
    expect(submitted?.id).toMatch(new RegExp(`^late-training-${options.job.identity.slice(0, 12)}-1-[0-9a-f]{8}$`));
    expect(submitted?.resources.gpuWish).toEqual({ count: 1 });
    expect(await listJobs()).toEqual([]);
    expect(findLeft(options)).toEqual({ count: 0 });
  });

  it("is left where the cluster cannot be watched, and is gone on with by its name in its folder", async () => {
    const options = await describeCase();
    const silent = createCluster(unreachable);
    const { problems } = await failure(train({ ...options, runner: silent }));
    expect(problems).toMatchObject([{ code: "runner-unreachable" }]);
    const [left] = silent.submitted;
    expect(findLeft(options)).toEqual({ count: 1, job: { id: left?.id, folder: left?.folder } });

    const answering = createCluster();
    const said: string[] = [];
    const { run } = await train({ ...options, runner: answering, onProgress: (line) => said.push(line) });
    expect(answering.submitted).toMatchObject([{ id: left?.id, folder: left?.folder }]);
    expect(said).toContain("watches the job on that is in the cluster");
    // It is one attempt, whoever watched it.
    expect(run.attempts).toMatchObject([{ how: "succeeded" }]);
    expect(await listJobs()).toEqual([]);
  });

  it("is stopped by whoever finds it left when the training is cancelled", async () => {
    const options = await describeCase();
    await failure(train({ ...options, runner: createCluster(unreachable) }));
    const cluster = createCluster();
    const signal = AbortSignal.abort(new Error("told to stop"));
    await expect(train({ ...options, runner: cluster, signal })).rejects.toThrow("told to stop");
    expect(cluster.submitted).toHaveLength(1);
    expect(findLeft(options)).toEqual({ count: 1 });
    expect(await listJobs()).toEqual([]);
  });

  it("that was lost counts as preempted, and the next attempt is another job", async () => {
    const options = await describeCase();
    const failing = createCluster(lost);
    const { problems } = await failure(train({ ...options, runner: failing }));
    expect(problems).toMatchObject([{ code: "training-preempted" }]);
    const cluster = createCluster();
    const { run } = await train({ ...options, runner: cluster });
    expect(run.attempts).toMatchObject([{ how: "preempted" }, { how: "succeeded" }]);
    expect(cluster.submitted[0]?.id).toContain("-2-");
    expect(cluster.submitted[0]?.folder).not.toBe(failing.submitted[0]?.folder);
  });

  it("is another one where its folder is gone", async () => {
    const options = await describeCase();
    const silent = createCluster(unreachable);
    await failure(train({ ...options, runner: silent }));
    await rm(silent.submitted[0]?.folder ?? "", { recursive: true });
    const cluster = createCluster();
    const { run } = await train({ ...options, runner: cluster });
    expect(run.attempts).toMatchObject([{ how: "worker-lost" }, { how: "succeeded" }]);
    expect(cluster.submitted[0]?.id).not.toBe(silent.submitted[0]?.id);
  });

  it("is left alone by a runner of this machine, which begins anew", async () => {
    const options = await describeCase();
    await failure(train({ ...options, runner: createCluster(unreachable) }));
    const { run } = await train(options);
    expect(run.attempts).toMatchObject([{ how: "worker-lost" }, { how: "succeeded" }]);
  });
});

describe("the log of an attempt that a cluster carries out", () => {
  it("goes on where it was left, and counts as one attempt", async () => {
    const given = { workFolder: folder, identity: "a".repeat(64), checkpoints: folder };
    const job = { id: "late-1", folder };
    const first = await beginAttempt({ ...given, job });
    first.resume({ checkpoint: 2, step: 40 });
    first.leave();
    expect(await first.close("failed")).toEqual([]);
    const written = await readFile(join(folder, "attempts", `${given.identity}.json`), "utf8");
    const second = await beginAttempt({ ...given, job });
    expect(second.earlier).toEqual([]);
    const [closed, ...others] = await second.close("succeeded");
    expect(others).toEqual([]);
    expect(closed).toMatchObject({ how: "succeeded", resumedFrom: { checkpoint: 2, step: 40 } });
    expect(closed?.began).toBe(JSON.parse(written).open.began);
  });
});
