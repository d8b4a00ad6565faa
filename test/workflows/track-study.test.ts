import { describe, expect, it } from "vitest";
import { readRun, searchRuns } from "../../framework/tracking/client/read-runs.ts";
import { openTrackedRun } from "../../framework/tracking/client/tracked-run.ts";
import { createTrackingClient } from "../../framework/tracking/client/tracking-client.ts";
import type { Trial } from "../../framework/training/tuning/study.ts";
import { trackJob } from "../../workflows/train/track-job.ts";
import {
  describeStudyEnd,
  describeTrialEnd,
  describeTrialRun,
  leaveStudyRun,
  openStudyRun,
  settleStudyRun,
  settleTrialRun,
  type TrackedStudy,
} from "../../workflows/tune/track-study.ts";
import { useTracking } from "../tracking/tracking-stack.ts";

const token = "a-token-of-the-worker";
const given = useTracking({ tokens: [{ actor: "worker", token }] });
const place = () => ({ address: given.url, token });

const training: TrackedStudy["training"] = {
  name: "search",
  seed: 7,
  params: { rate: 0.1, trees: 120 },
  tuning: {
    sampler: "tpe",
    pruner: { kind: "none" },
    objectives: [{ metric: "auc", direction: "maximize" }],
    space: [{ param: "rate", distribution: { kind: "float", low: 0.01, high: 1, scale: "log" } }],
    trials: 3,
    parallel: 2,
    budget: {},
    failures: 0.5,
    warmStart: false,
  },
};
const trial = (study: string, number: number, more: Partial<Trial> = {}): Trial => ({
  format: "trial/1",
  study,
  number,
  params: { rate: (number + 1) / 10 },
  state: "completed",
  values: [0.7 + number / 100],
  intermediates: [
    { step: 10, value: 0.6 },
    { step: 20, value: 0.65 },
  ],
  seconds: 1.5,
  ...more,
});

/** All runs of the experiment that belong to a study, by their names, the study's own first. */
async function readStudy(identity: string) {
  const client = createTrackingClient(place());
  const experiments = await given.ask(
    "POST",
    "/api/2.0/mlflow/experiments/search",
    { max_results: 10 },
    {
      authorization: `Bearer ${token}`,
    },
  );
  const ids = experiments.body.experiments.map((one: { experiment_id: string }) => one.experiment_id);
  const of = (tag: string) =>
    searchRuns(client, { experiments: ids, filter: `tags.\`${tag}\` = '${identity}'`, limit: 100 });
  const trials = await of("trial.study");
  return { studies: await of("job.identity"), trials: trials.sort((a, b) => a.name.localeCompare(b.name)) };
}

describe("a study that is tracked", () => {
  it("is a run, its trials are parts of it, and it ends with the best one's parameters and metrics", async () => {
    const study = { identity: "a1", training };
    const parent = await openStudyRun(place(), study);
    const job = await trackJob(place(), {
      experiment: "search",
      identity: "the job's",
      params: { rate: 0.1, trees: 120 },
      seed: 7,
      part: describeTrialRun(study, { number: 0 }, parent),
    });
    job.log({ step: 10, metrics: { auc: 0.6 } });
    job.log({ step: 20, metrics: { auc: 0.65 } });
    await job.end("FINISHED");
    // What ends a trial is its record.
    expect((await readStudy("a1")).trials).toMatchObject([{ name: "search trial 1", status: "RUNNING" }]);
    const trials = [
      trial("a1", 0),
      trial("a1", 1, { state: "pruned", values: [], reason: "given up at step 20" }),
      trial("a1", 2, { state: "failed", values: [], reason: "no memory", intermediates: [] }),
    ];
    for (const one of trials) await settleTrialRun(place(), study, { trial: one, parent });
    await settleStudyRun(place(), study, { trials, because: "trials", outcome: "chosen" });
    const found = await readStudy("a1");
    expect(found.studies).toMatchObject([{ id: parent, name: "search@a1", status: "FINISHED" }]);
    const [run] = found.studies;
    expect(Object.fromEntries(run?.params ?? [])).toEqual({ rate: "0.1", trees: "120" });
    expect(run?.metrics.get("auc")).toEqual({ value: 0.7, step: 0 });
    expect(Object.fromEntries(run?.tags ?? [])).toMatchObject({
      "study.metric": "auc",
      "study.direction": "maximize",
      "study.best": "trial 1",
      "study.pruned": "1",
      "study.failed": "1",
      "study.ended": "trials",
      "study.space": JSON.stringify(training.tuning.space),
    });
    expect(found.trials.map(({ name, status, parent: of }) => [name, status, of])).toEqual([
      ["search trial 1", "FINISHED", parent],
      ["search trial 2", "KILLED", parent],
      ["search trial 3", "FAILED", parent],
    ]);
    expect(found.trials.map(({ tags }) => [tags.get("trial.state"), tags.get("trial.reason")])).toEqual([
      ["completed", undefined],
      ["pruned", "given up at step 20"],
      ["failed", "no memory"],
    ]);
    // The judged value is the latest one, whatever the trainer reported of the same step.
    expect(found.trials[0]?.metrics.get("auc")).toEqual({ value: 0.7, step: 20 });
    expect(found.trials[1]?.metrics.get("auc")).toEqual({ value: 0.65, step: 20 });
    expect(found.trials[0]?.params.get("trees")).toBe("120");
  });

  it("has each trial once and nothing left open, wherever whoever ran it was killed", async () => {
    const study = { identity: "b2", training };
    const open = async () => {
      const parent = await openStudyRun(place(), study);
      await openTrackedRun(place(), {
        experiment: "search",
        params: {},
        ...describeTrialRun(study, { number: 0 }, parent),
        again: true,
      });
      return parent;
    };
    const parent = await open();
    expect(await open()).toBe(parent);
    const told = { trial: trial("b2", 0), parent };
    await settleTrialRun(place(), study, told);
    // As by a worker that was killed before its activity ended, and by a trainer's own client that ends the run before us.
    await settleTrialRun(place(), study, { ...told, parent: undefined });
    await open();
    await settleTrialRun(place(), study, told);
    const end = { trials: [told.trial], because: "trials", outcome: "chosen" } as const;
    await settleStudyRun(place(), study, end);
    await settleStudyRun(place(), study, end);
    const { studies, trials } = await readStudy("b2");
    expect([studies, trials].map((runs) => runs.map(({ status }) => status))).toEqual([["FINISHED"], ["FINISHED"]]);
    expect(trials[0]?.parent).toBe(parent);
  });

  it("ends with the parameters as its script has logged them, which may write numbers otherwise", async () => {
    const study = { identity: "b3", training };
    const parent = await openStudyRun(place(), study);
    const { id } = await openTrackedRun(place(), {
      experiment: "search",
      params: {},
      ...describeTrialRun(study, { number: 0 }, parent),
      again: true,
    });
    const params = [{ key: "trees", value: "120.0" }];
    await createTrackingClient(place()).post("runs/log-batch", { run_id: id, params });
    await settleTrialRun(place(), study, { trial: trial("b3", 0), parent });
    const { trials } = await readStudy("b3");
    expect(trials[0]?.status).toBe("FINISHED");
    expect(Object.fromEntries(trials[0]?.params ?? [])).toEqual({ trees: "120.0", rate: "0.1" });
  });

  it("leaves no trial open at its end, also one whose end the server did not take", async () => {
    const study = { identity: "b4", training };
    const parent = await openStudyRun(place(), study);
    for (const number of [0, 1])
      await trackJob(place(), {
        experiment: "search",
        identity: "the job's",
        params: {},
        seed: 7,
        part: describeTrialRun(study, { number }, parent),
      });
    await settleTrialRun(place(), study, { trial: trial("b4", 0), parent });
    await settleStudyRun(place(), study, {
      trials: [trial("b4", 0), trial("b4", 1)],
      because: "trials",
      outcome: "chosen",
    });
    const { studies, trials } = await readStudy("b4");
    expect([...studies, ...trials].map(({ status }) => status)).toEqual(["FINISHED", "FINISHED", "KILLED"]);
  });

  it("has its open runs ended where it does not go on, and goes on in the same ones where it does", async () => {
    const study = { identity: "c3", training };
    const parent = await openStudyRun(place(), study);
    const part = { experiment: "search", params: {}, ...describeTrialRun(study, { number: 0 }, parent), again: true };
    const { id } = await openTrackedRun(place(), part);
    await leaveStudyRun(place(), study);
    const left = await readStudy("c3");
    expect([...left.studies, ...left.trials].map(({ status }) => status)).toEqual(["KILLED", "KILLED"]);
    expect(await openStudyRun(place(), study)).toBe(parent);
    expect((await openTrackedRun(place(), part)).id).toBe(id);
    const status = (await readRun(createTrackingClient(place()), id))?.status;
    expect(status).toBe("RUNNING");
  });

  it("fails in no other way where the server does not answer", async () => {
    const study = { identity: "d4", training };
    const away = { address: "http://127.0.0.1:9", token };
    const said = process.stderr.write;
    const lines: string[] = [];
    process.stderr.write = (line) => lines.push(String(line)) > 0;
    try {
      expect(await openStudyRun(away, study)).toBeUndefined();
      await settleTrialRun(away, study, { trial: trial("d4", 0), parent: undefined });
      await leaveStudyRun(away, study);
    } finally {
      process.stderr.write = said;
    }
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("a run is not tracked");
  });
});

it("a study that failed has no best parameters", () => {
  const end = { trials: [trial("e5", 0)], because: "failures", outcome: "failed" } as const;
  expect(describeStudyEnd({ identity: "e5", training }, end)).toMatchObject({
    status: "FAILED",
    params: { trees: 120 },
    metrics: {},
  });
});

it("a trial that was trained before, as another one's, has the history of its record", () => {
  const end = describeTrialEnd({ identity: "f6", training }, { trial: trial("f6", 4), parent: "p" });
  expect(end).toMatchObject({
    identity: "f6/4",
    parent: "p",
    params: { rate: 0.5, trees: 120 },
    history: { auc: [{ step: 10 }, { step: 20 }] },
  });
});
