import { describe, expect, it } from "vitest";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { runIdentity, trialIdentity } from "../../framework/plan/identity.ts";
import { countAtOnce, describeExtent } from "../../framework/plan/tuning-extent.ts";
import { spending } from "../support/project.ts";
import { tuningOf } from "../training/tuning/trials.ts";

const tuning = tuningOf({ sampler: "tpe", trials: 30, parallel: 4 });
const tuned = (cpu: number, change: Partial<typeof tuning> = {}): TrainingJobSpec => ({
  ...spending,
  tuning: { ...tuning, ...change },
  resources: { cpu, memory: "1 GiB" },
});

describe("how much a tuning runs", () => {
  it.each([
    [1, 4, 4],
    [1, 2, 2],
    [2, 4, 2],
    [3, 4, 1],
    [8, 4, 1],
    [0.5, 2, 4],
  ])("with %d cores each on a machine of %d is %d at a time", (cpu, cores, atOnce) => {
    expect(countAtOnce({ cpu, memory: "1 GiB" }, { cores })).toBe(atOnce);
  });

  it.each<[said: string | undefined, job: TrainingJobSpec, cores: number | undefined]>([
    [undefined, spending, 2],
    ["30 trials, 4 at a time", tuned(1), 4],
    ["30 trials, 4 at a time", tuned(1), undefined],
    ["1 trial, 1 at a time", tuned(1, { trials: 1, parallel: 1 }), 2],
    ["30 trials, 2 at a time (4 were asked for; the machine has 2 cores, the others wait their turn)", tuned(1), 2],
    [
      "30 trials, 1 at a time (4 were asked for; the machine has 1 core and each uses 2, the others wait their turn)",
      tuned(2),
      1,
    ],
  ])("is said as %s", (said, job, cores) => {
    expect(describeExtent(job, { cores })).toBe(said);
  });

  it.each<[said: string, gpu: NonNullable<TrainingJobSpec["resources"]["gpu"]>, cores: number, gpus: number]>([
    ["4 at a time", { count: 1 }, 8, 4],
    ["1 at a time (4 were asked for; the machine has 1 GPU, the others wait their turn)", { count: 1 }, 8, 1],
    [
      "2 at a time (4 were asked for; the machine has 5 GPUs and each uses 2, the others wait their turn)",
      { count: 2 },
      8,
      5,
    ],
    ["2 at a time (4 were asked for; the machine has 2 cores, the others wait their turn)", { count: 1 }, 2, 3],
    [
      '1 at a time (4 were asked for; the machine has 1 GPU of type "h100", the others wait their turn)',
      { count: 1, type: "h100" },
      8,
      1,
    ],
    [
      '3 at a time (4 were asked for; the machine has 3 GPUs of type "h100", the others wait their turn)',
      { count: 1, type: "h100" },
      8,
      3,
    ],
  ])("with GPUs is said as %s", (said, gpu, cores, gpus) => {
    const { resources, ...job } = tuned(1);
    expect(describeExtent({ ...job, resources: { ...resources, gpu } }, { cores, gpus })).toBe(`30 trials, ${said}`);
    expect(Math.min(4, countAtOnce({ ...resources, gpu }, { cores, gpus }))).toBe(Number(said[0]));
  });

  it("takes no account of GPUs that a job does not ask for", () => {
    expect(describeExtent(tuned(1), { cores: 4, gpus: 1 })).toBe("30 trials, 4 at a time");
  });
});

describe("the identity of a run", () => {
  const parts = { trainingSet: "a".repeat(64), trainer: "b".repeat(64) };

  it("is that of earlier versions where the job is not tuned", () => {
    expect(runIdentity(spending, parts)).toBe("956ce6bea7fa1b623ccb1eb05a31f9c31173578954319f632dcb542cb7703666");
  });

  it("is another for everything that a tuning says, and none of what the job may use", () => {
    const changes: Partial<typeof tuning>[] = [
      {},
      { sampler: "random" },
      { trials: 31 },
      { parallel: 5 },
      { failures: 0.4 },
      { warmStart: true },
      { budget: { time: "1 hour" } },
      { pruner: { kind: "asha", minSteps: 1, factor: 4 } },
      { objectives: [{ metric: "log-loss", direction: "minimize" }] },
      { space: [{ param: "leaves", distribution: { kind: "choice", values: [8] } }] },
    ];
    const identities = changes.map((change) => runIdentity(tuned(1, change), parts));
    expect(new Set([runIdentity(spending, parts), ...identities]).size).toBe(changes.length + 1);
    expect(runIdentity(tuned(2), parts)).toBe(runIdentity(tuned(1), parts));
  });

  it("of a trial is that of the same job with its parameters, trained once", () => {
    const once = runIdentity({ ...spending, params: { leaves: 12 } }, parts);
    expect(trialIdentity(tuned(1), { leaves: 12 }, parts)).toBe(once);
  });
});
