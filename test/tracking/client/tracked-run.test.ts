import { describe, expect, it } from "vitest";
import { openTrackedRun } from "../../../framework/tracking/client/tracked-run.ts";
import { leaveJobRun, trackJob } from "../../../workflows/train/track-job.ts";
import { useTracking } from "../tracking-stack.ts";

const token = "a-token-of-the-worker";
const given = useTracking({ tokens: [{ actor: "worker", token }] });
const place = () => ({ address: given.url, token });
const headers = { authorization: `Bearer ${token}` };
const read = async (id: string) =>
  (await given.ask("GET", `/api/2.0/mlflow/runs/get?run_id=${id}`, undefined, headers)).body.run;

describe("a run that is tracked for a job", () => {
  const options = {
    experiment: "late's training",
    identity: "1f2e",
    name: "late@1f2e",
    params: { leaves: 31, slow: false },
  };

  it("has the job's parameters, every metric that it reported, and how it ended", async () => {
    const run = await openTrackedRun(place(), { ...options, tags: { "job.seed": "7" } });
    for (let step = 0; step < 1200; step++) run.log(step, { auc: step / 1200 });
    await run.end("FINISHED");
    const { info, data } = await read(run.id);
    expect(info).toMatchObject({ status: "FINISHED", run_name: "late@1f2e" });
    expect(data.params).toEqual(
      expect.arrayContaining([
        { key: "leaves", value: "31" },
        { key: "slow", value: "false" },
      ]),
    );
    expect(data.metrics).toMatchObject([{ key: "auc", step: 1199 }]);
    expect(data.tags).toEqual(
      expect.arrayContaining([
        { key: "job.identity", value: "1f2e" },
        { key: "job.seed", value: "7" },
      ]),
    );
    const path = `/api/2.0/mlflow/metrics/get-history?run_id=${run.id}&metric_key=auc&max_results=2000`;
    expect((await given.ask("GET", path, undefined, headers)).body.metrics).toHaveLength(1200);
  });

  it("is the same one until it has ended, and another one after", async () => {
    const again = { ...options, identity: "2a" };
    const first = await openTrackedRun(place(), again);
    const second = await openTrackedRun(place(), again);
    expect(second.id).toBe(first.id);
    await second.end("KILLED");
    expect((await openTrackedRun(place(), again)).id).not.toBe(first.id);
  });

  it("ends, and has all but what was refused, where a batch is refused", async () => {
    const run = await openTrackedRun(place(), { ...options, identity: "5e" });
    run.log(0, { "no\tname": 1 });
    for (let step = 0; step < 600; step++) run.log(step, { auc: 1 });
    await expect(run.end("FINISHED")).rejects.toThrow("the tracking server refused runs/log-batch");
    const { info, data } = await read(run.id);
    expect(info.status).toBe("FINISHED");
    expect(data.metrics).toMatchObject([{ key: "auc", step: 599 }]);
  });

  it("takes any number of parameters", async () => {
    const params = Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`p${i}`, i]));
    const run = await openTrackedRun(place(), { ...options, identity: "6f", params });
    expect((await read(run.id)).data.params).toHaveLength(230);
  });

  it("is one, whichever of two jobs makes the experiment", async () => {
    const runs = await Promise.all(
      ["a", "b"].map((identity) => openTrackedRun(place(), { ...options, experiment: "new", identity })),
    );
    const experiments = await Promise.all(runs.map(async ({ id }) => (await read(id)).info.experiment_id));
    expect(new Set(experiments).size).toBe(1);
  });

  it("is part of the run of its study", async () => {
    const study = await openTrackedRun(place(), { ...options, identity: "study" });
    const trial = await openTrackedRun(place(), { ...options, identity: "trial", parent: study.id });
    expect((await read(trial.id)).data.tags).toContainEqual({ key: "mlflow.parentRunId", value: study.id });
  });

  it("is told why it was refused", async () => {
    const refused = openTrackedRun({ ...place(), token: "another-token-of-nobody" }, options);
    await expect(refused).rejects.toThrow(/^the tracking server refused experiments\/search: /);
  });

  it("tells the job where to log", async () => {
    const job = await trackJob(place(), { experiment: "jobs", identity: "3c", params: {}, seed: 1 });
    expect(job.environment).toEqual({
      MLFLOW_TRACKING_URI: given.url,
      MLFLOW_TRACKING_TOKEN: token,
      MLFLOW_RUN_ID: expect.any(String),
    });
    job.log({ step: 1, metrics: { auc: 0.5 } });
    await job.end("FAILED");
    const { info, data } = await read(job.environment["MLFLOW_RUN_ID"] ?? "");
    expect([info.status, data.metrics[0].value]).toEqual(["FAILED", 0.5]);
  });

  it("is ended where the job does not go on, and left as it ended where it had", async () => {
    const job = { experiment: "jobs", identity: "5e", params: {}, seed: 1 };
    const ended = await trackJob(place(), job);
    await ended.end("FAILED");
    await leaveJobRun(place(), job);
    const open = await trackJob(place(), job);
    await leaveJobRun(place(), job);
    const runs = [ended, open].map(({ environment }) => read(environment["MLFLOW_RUN_ID"] ?? ""));
    expect((await Promise.all(runs)).map(({ info }) => info.status)).toEqual(["FAILED", "KILLED"]);
  });

  it("is none where nothing is tracked", async () => {
    const job = await trackJob(undefined, { experiment: "jobs", identity: "4d", params: {}, seed: 1 });
    expect(job.environment).toEqual({});
    await job.end("FINISHED");
  });
});
