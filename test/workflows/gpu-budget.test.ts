/**
 * What is decided next in a study whose trials use GPUs, on a real store.
 */
import { expect, it } from "vitest";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { referTo } from "../../framework/plan/desired.ts";
import { createCoreLease } from "../../framework/training/core-lease.ts";
import { createGpuLease } from "../../framework/training/gpu-lease.ts";
import { recordTrial } from "../../framework/training/tuning/study-record.ts";
import type { ActivityTools } from "../../workflows/activity-tools.ts";
import { createTuneActivities } from "../../workflows/tune/activities.ts";
import { fakeDevices } from "../support/fake-gpus.ts";
import { spender, spending } from "../support/project.ts";
import { useStore } from "../support/test-store.ts";
import { trialOf, tuningOf } from "../training/tuning/trials.ts";
import { performAlone } from "./long-work.ts";

const given = useStore();
const study = "5".repeat(64);

/** Asks what is next in a study with a budget of one GPU-hour, after a trial of so many seconds on two of three GPUs. */
async function askNext(seconds: number, gpu: TrainingJobSpec["resources"]["gpu"] = { count: 2, type: "h100" }) {
  const { store } = given;
  const tuning = tuningOf({ trials: 30, parallel: 4, budget: { gpuHours: 1 } });
  const training: TrainingJobSpec = { ...spending, tuning, resources: { ...spending.resources, ...(gpu && { gpu }) } };
  await store.putJson(spender);
  await store.putJson(training);
  const { format: _, ...trial } = trialOf({ study, seconds });
  await recordTrial(store, trial);
  const devices = fakeDevices("NVIDIA H100", "NVIDIA H100", "NVIDIA H100", "NVIDIA T4");
  const tools = {
    store,
    cores: createCoreLease(64),
    gpus: createGpuLease({ folder: given.folder, list: async () => devices }),
    performLong: performAlone(),
  } as Partial<ActivityTools> as ActivityTools;
  const desired = {
    kind: "model",
    spec: referTo(spender),
    training: referTo(training),
    trainer: referTo(training),
    features: {},
    datasets: {},
  } as const;
  const open = Array.from({ length: 4 }, (_, i) => ({ number: i + 1, params: {} }));
  const ask = (under: typeof open) =>
    createTuneActivities(tools).nextTrial({ identity: "set", run: study, desired, startedAt: Date.now(), open: under });
  return { idle: () => ask([]), busy: () => ask(open) };
}

it("a budget of GPU-hours ends the study: the hours of each GPU of its trials count", async () => {
  const { idle } = await askNext(1_800);
  expect((await idle()).next).toEqual({ do: "end", because: "gpu-hours", outcome: "chosen" });
});

it("a budget of GPU-hours that is used up lets the trials under way end", async () => {
  const { busy } = await askNext(1_800);
  expect((await busy()).next).toEqual({ do: "wait", because: "gpu-hours" });
});

it("a budget of GPU-hours that is not used up does not end it", async () => {
  const { busy } = await askNext(1_799);
  expect((await busy()).next).toEqual({ do: "wait", because: "parallel" });
});

it("as many trials run at a time as the machine has GPUs of their type for", async () => {
  const { busy } = await askNext(1);
  expect((await busy()).atOnce).toBe(1);
  const single = await askNext(1, { count: 1 });
  expect((await single.busy()).atOnce).toBe(4);
});
