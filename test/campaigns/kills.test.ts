/**
 * Studies whose worker, sampler and Temporal server are killed with SIGKILL at drawn moments end with exactly the declared trials: none
 * lost, none doubled, none failed that its trainer did not fail, and each as it is when nothing is killed.
 *
 * `STEWARD_CAMPAIGN=full` kills forty times and more, and writes what it saw to `results/kills.json`; `STEWARD_SEEDS=8,9` does so
 * under those seeds instead, and writes nothing.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Trial } from "../../framework/training/tuning/study.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { openAppliedShop } from "../support/applied-shop.ts";
import { listProcesses } from "../support/processes.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "../workflows/given-engine.ts";
import { type CampaignOptions, type RecordedCampaign, runCampaign } from "./kills/campaign.ts";
import type { Victim } from "./kills/kills.ts";
import { type Declared, findBreaches, type Observed } from "./kills/verdict.ts";

const full = process.env["STEWARD_CAMPAIGN"] === "full";
const otherSeeds = process.env["STEWARD_SEEDS"]?.split(",").map(Number);

const few: readonly Victim[] = ["worker", "engine", "engine", "sampler", "sampler", "sampler"];
const many: readonly Victim[] = [...few, "worker", "worker", "engine", "sampler"];
const campaigns: readonly CampaignOptions[] = full
  ? [
      ...(otherSeeds ?? [1, 2, 3]).map((seed) => ({ seed, trials: 14, parallel: 1, victims: many })),
      ...(otherSeeds ? [] : [{ seed: 4, trials: 16, parallel: 2, victims: [...many, "worker" as const] }]),
    ]
  : [{ seed: 20_240_101, trials: 8, parallel: 1, victims: few }];

describe("a study whose processes are killed", () => {
  let stack: TestStack;
  const recorded: RecordedCampaign[] = [];

  beforeAll(async () => {
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder));
    const shop = await openAppliedShop(stack);
    for (const campaign of campaigns) recorded.push(await runCampaign(stack, shop, campaign));
  }, 3_600_000);

  afterAll(() => stack?.end(), 60_000);

  it("ends with exactly the trials that were declared, each as if nothing had been killed", () => {
    expect(recorded.flatMap(({ seed, breaches }) => breaches.map((breach) => `${seed}: ${breach}`))).toEqual([]);
    expect(recorded.map(({ kills }) => kills.length)).toEqual(campaigns.map(({ victims }) => victims.length));
    expect(recorded.flatMap(({ states }) => states)).toEqual(expect.arrayContaining(["completed", "failed", "pruned"]));
  });

  it("leaves no process behind", async () => {
    await stack.end();
    const left = (await listProcesses()).filter(({ command }) => command.includes(stack.scratch));
    expect(left).toEqual([]);
    if (full && !otherSeeds) await writeResult(recorded);
  }, 60_000);
});

describe("a verdict", () => {
  const trial = (number: number, changes: Partial<Trial> = {}): Trial => ({
    format: "trial/1",
    study: "s",
    number,
    params: { number },
    state: "completed",
    values: [number],
    intermediates: [],
    seconds: 1,
    ...changes,
  });
  const trials = [trial(0), trial(1), trial(2, { state: "failed", values: [], params: { broken: true } })];
  const declared: Declared = {
    trials: 3,
    parallel: 1,
    runOf: ({ number }) => `run-${number}`,
    fails: ({ params }) => params["broken"] === true,
    calm: trials,
  };
  const kill = {
    victim: "worker",
    after: 1,
    running: false,
    delay: 0,
    patient: true,
    recorded: ["run-0"],
    begun: 2,
  } as const;
  const sound: Observed = {
    trials,
    names: ["0", "1", "2"],
    runNames: [1, 1],
    begun: ["run-0", "run-1", "run-1", "run-2"],
    carriedOut: [0, 1, 2],
    workflows: 1,
    state: "COMPLETED",
    kills: [kill],
    left: [],
  };

  it("finds nothing where all is well", () => {
    expect(findBreaches(declared, sound)).toEqual([]);
  });

  it.each<[what: string, seen: Partial<Observed>, said: RegExp]>([
    ["a trial that was lost", { trials: trials.slice(0, 2), names: ["0", "1"] }, /^not recorded: 2$/],
    ["a trial that was recorded twice", { names: ["0", "1", "2", "2/2"] }, /^3 trials have 4 names$/],
    ["a trial too many", { trials: [...trials, trial(3)], names: ["0", "1", "2", "3"] }, /not declared: 3$/],
    ["a trial that was carried out twice", { carriedOut: [0, 1, 1, 2] }, /^carried out again, or not declared: 1$/],
    ["a trial that was not carried out", { carriedOut: [0, 2] }, /^not carried out: 1$/],
    [
      "a trial that the trainer did not fail",
      { trials: [trial(0, { state: "failed", reason: "killed" }), ...trials.slice(1)] },
      /^trial 0 is failed and its trainer is not to blame: killed$/,
    ],
    ["another result", { trials: [trial(0), trial(1, { values: [7] }), ...trials.slice(2)] }, /^trial 1 is .*\[7\]/],
    ["other parameters", { trials: [trial(0, { params: {} }), ...trials.slice(1)] }, /^trial 0 is /],
    ["a run that was trained twice", { runNames: [1, 2] }, /trained to its end 2 times/],
    ["a program that was started again without need", { kills: [] }, /^1 programs were started again, for 0/],
    [
      "a program that was started again after its end was recorded",
      { begun: ["run-0", "run-1", "run-0", "run-2"] },
      /^run run-0 was started again after worker was killed/,
    ],
    ["a program of no trial", { begun: ["run-0", "run-1", "run-9", "run-2"] }, /^run run-9 belongs to no trial$/],
    ["a second workflow", { workflows: 2 }, /^the study had 2 workflows$/],
    ["a study that failed", { state: "FAILED" }, /^the study's workflow is FAILED$/],
    ["a process that was left", { left: ["python"] }, /^a process was left: python$/],
  ])("finds %s", (_, seen, said) => {
    expect(findBreaches(declared, { ...sound, ...seen })).toContainEqual(expect.stringMatching(said));
  });
});

async function writeResult(all: readonly RecordedCampaign[]): Promise<void> {
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  const log = all.map((each) => ({ ...each, seconds: Math.round(each.seconds) }));
  const result = {
    seeds: log.map(({ seed }) => seed),
    kills: log.reduce((sum, { kills }) => sum + kills.length, 0),
    trials: log.reduce((sum, { states }) => sum + states.length, 0),
    breaches: log.reduce((sum, { breaches }) => sum + breaches.length, 0),
    log,
  };
  await writeFile(join(folder, "kills.json"), `${JSON.stringify(result, undefined, 2)}\n`);
}
