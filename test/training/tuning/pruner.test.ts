import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PrunerSpec, TuningSpec } from "../../../framework/definitions/tuning-spec.ts";
import { findTrainingTools, type TrainingTools } from "../../../framework/training/training-tools.ts";
import { startSampler } from "../../../framework/training/tuning/sampler.ts";
import type { Intermediate, Sampler, StudyRecord } from "../../../framework/training/tuning/study.ts";
import { killSamplers, listSamplerProcesses } from "./sampler-processes.ts";
import { studyOf, trialOf } from "./trials.ts";

let tools: TrainingTools;
const started: Sampler[] = [];
const start = async (pruner: PrunerSpec, changes: Partial<TuningSpec> = {}): Promise<Sampler> => {
  const sampler = await startSampler(studyOf({ pruner, ...changes }), { tools });
  started.push(sampler);
  return sampler;
};
beforeAll(async () => {
  tools = await findTrainingTools();
});
afterEach(() => Promise.all(started.splice(0).map((sampler) => sampler.close())));
afterAll(async () => expect(await listSamplerProcesses()).toEqual([]));

/** Reports of one value at each of the steps from 1. */
const reports = (...values: readonly number[]): Intermediate[] => values.map((value, at) => ({ step: at + 1, value }));
/** Trials that ended with these reports. */
const ended = (...all: readonly (readonly number[])[]): StudyRecord => ({
  trials: all.map((values, number) =>
    trialOf({ number, values: [values.at(-1) ?? 0], intermediates: reports(...values) }),
  ),
  open: [],
});

describe("median", () => {
  const median = { kind: "median", startup: 3, warmup: 2 } as const;
  const record = ended([9, 5, 1], [9, 5, 2], [9, 5, 3]);
  it.each([
    ["one that is worse than the median at its step", record, [9, 5, 2.5], true],
    ["none that is better", record, [9, 5, 1.5], false],
    ["none before the first steps are over", record, [99], false],
    ["none before enough trials ended", ended([9, 5, 1], [9, 5, 2]), [9, 5, 99], false],
    ["none that was better at an earlier step", record, [9, 1, 99], false],
  ])("gives up %s", async (_, given, values, expected) => {
    const sampler = await start(median);
    expect(await sampler.shouldPrune(given, { number: 7, intermediates: reports(...values) })).toBe(expected);
  });

  it("takes the greater for the better where it is maximized", async () => {
    const sampler = await start(median, { objectives: [{ metric: "auc", direction: "maximize" }] });
    expect(await sampler.shouldPrune(record, { number: 7, intermediates: reports(0, 0, 2.5) })).toBe(false);
    expect(await sampler.shouldPrune(record, { number: 7, intermediates: reports(0, 0, 1.5) })).toBe(true);
  });

  it("judges by the first of several objectives", async () => {
    const objectives: TuningSpec["objectives"] = [
      { metric: "loss", direction: "minimize" },
      { metric: "auc", direction: "maximize" },
    ];
    const both = { ...record, trials: record.trials.map((trial) => ({ ...trial, values: [...trial.values, 0.5] })) };
    const sampler = await start(median, { objectives });
    expect(await sampler.shouldPrune(both, { number: 7, intermediates: reports(9, 5, 2.5) })).toBe(true);
    expect(await sampler.shouldPrune(both, { number: 7, intermediates: reports(9, 5, 1.5) })).toBe(false);
  });
});

describe("asha", () => {
  const asha = { kind: "asha", minSteps: 2, factor: 3 } as const;
  // Rungs at the steps 2, 6 and 18.
  const record = ended([1, 1], [2, 2], [3, 3], [4, 4], [5, 5]);
  it.each([
    ["none between rungs", record, [9], false],
    ["one that is not of the best third at its rung", record, [9, 3.5], true],
    ["none of the best third", record, [9, 1.5], false],
    ["none after the rung that it passed, until the next", record, [9, 0.5, 99, 99, 99], false],
    ["the worse one of two at the next rung", ended([1, 1, 1, 1, 1, 1], [1, 2], [1, 3]), [0, 0, 0, 0, 0, 9], true],
  ])("gives up %s", async (_, given, values, expected) => {
    const sampler = await start(asha);
    expect(await sampler.shouldPrune(given, { number: 9, intermediates: reports(...values) })).toBe(expected);
  });

  it("counts what trials under way have reported", async () => {
    const sampler = await start(asha);
    const running = { number: 9, intermediates: reports(2, 2) };
    const none: StudyRecord = { trials: [], open: [] };
    expect(await sampler.shouldPrune(none, running)).toBe(false);
    const better = { number: 8, params: {}, intermediates: reports(1, 1) };
    expect(await sampler.shouldPrune({ trials: [], open: [better] }, running)).toBe(true);
  });

  it("says the same however often it is asked, and after a kill", async () => {
    const sampler = await start(asha);
    const ask = (...values: number[]) => sampler.shouldPrune(record, { number: 9, intermediates: reports(...values) });
    const walk = async () => [
      await ask(9, 3.5),
      await ask(9, 3.5),
      await ask(9, 1.5),
      await ask(9, 1.5, 1),
      await ask(9, 3.5),
    ];
    const first = await walk();
    expect(first).toEqual([true, true, false, false, true]);
    expect(await killSamplers()).toBe(1);
    expect(await walk()).toEqual(first);
  });
});

it("has hyperband halve later in some brackets than in others", async () => {
  const sampler = await start({ kind: "hyperband", minSteps: 1, maxSteps: 9, factor: 3 });
  // All of them better than what comes.
  const record = ended(...Array.from({ length: 60 }, (_, at) => Array.from({ length: 9 }, () => at / 100)));
  const firstGivenUp = async (number: number): Promise<number> => {
    for (let steps = 1; steps <= 9; steps++) {
      const values = Array.from({ length: steps }, () => 9);
      if (await sampler.shouldPrune(record, { number, intermediates: reports(...values) })) return steps;
    }
    return 0;
  };
  const steps: number[] = [];
  for (let number = 60; number < 100; number++) steps.push(await firstGivenUp(number));
  expect(new Set(steps)).toEqual(new Set([1, 3, 9]));
});

it("gives up nothing without a pruner, nor before the first report, and starts no process for it", async () => {
  const record = ended([1], [1], [1], [1], [1], [1]);
  const none = await start({ kind: "none" });
  expect(await none.shouldPrune(record, { number: 7, intermediates: reports(99) })).toBe(false);
  const median = await start({ kind: "median", startup: 0, warmup: 0 });
  expect(await median.shouldPrune(record, { number: 7, intermediates: [] })).toBe(false);
  expect(await listSamplerProcesses()).toEqual([]);
});
