import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { TuningSpec } from "../../../framework/definitions/tuning-spec.ts";
import { findTrainingTools, type TrainingTools } from "../../../framework/training/training-tools.ts";
import { type SamplerOptions, startSampler } from "../../../framework/training/tuning/sampler.ts";
import { countGrid, findParamFaults } from "../../../framework/training/tuning/search-space.ts";
import type { Sampler, Study, StudyRecord, Suggestion, Trial } from "../../../framework/training/tuning/study.ts";
import { takePart } from "../../support/drawn.ts";
import { failure } from "../../support/failure.ts";
import { killSamplers, listSamplerProcesses } from "./sampler-processes.ts";
import { complete, GrowingRecord, gridSpace, space, studyOf, trialOf } from "./trials.ts";

let tools: TrainingTools;
const started: Sampler[] = [];
const start = async (study: Study, options: Partial<SamplerOptions> = {}): Promise<Sampler> => {
  const sampler = await startSampler(study, { tools, ...options });
  started.push(sampler);
  return sampler;
};
beforeAll(async () => {
  tools = await findTrainingTools();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((sampler) => sampler.close()));
  expect(await listSamplerProcesses()).toEqual([]);
});

const two: Partial<TuningSpec> = {
  objectives: [
    { metric: "loss", direction: "minimize" },
    { metric: "auc", direction: "maximize" },
  ],
};
const hyperband = { kind: "hyperband", minSteps: 1, maxSteps: 9, factor: 3 } as const;
const kinds: readonly (readonly [string, Partial<TuningSpec>])[] = [
  ["random", { sampler: "random", parallel: 3 }],
  ["tpe", { sampler: "tpe", parallel: 3 }],
  ["tpe with hyperband", { sampler: "tpe", parallel: 3, pruner: hyperband }],
  ["tpe with two objectives", { sampler: "tpe", parallel: 3, ...two }],
  ["cma-es", { sampler: "cma-es", parallel: 3 }],
  ["grid", { sampler: "grid", parallel: 3 }],
];

/** A study without a pause: what was suggested, and the record that each suggestion was given. */
async function walk(study: Study, sampler: Sampler, trials: number) {
  const record = new GrowingRecord(study, 5);
  const steps: { readonly record: StudyRecord; readonly suggestion: Suggestion }[] = [];
  for (let number = 0; number < trials; number++) {
    const given = record.copy();
    const suggestion = await sampler.ask(given, number);
    steps.push({ record: given, suggestion });
    record.begin(suggestion);
  }
  return { steps, record: record.copy(), suggestions: steps.map((step) => step.suggestion.params) };
}

/** One trial at a time, all completed. */
async function walkAlone(study: Study, trials: number): Promise<Trial[]> {
  const sampler = await start(study);
  const record: Trial[] = [];
  for (let number = 0; number < trials; number++) {
    record.push(complete(study, await sampler.ask({ trials: record, open: [] }, number)));
  }
  return record;
}

const mean = (trials: readonly Trial[]): number =>
  trials.reduce((sum, { values }) => sum + (values[0] ?? 0), 0) / trials.length;

describe.each(takePart(kinds, 3))("%s", (_, tuning) => {
  it("suggests the same after each kill, between and in the middle of questions", async () => {
    const study = studyOf(tuning);
    const { steps } = await walk(study, await start(study), 24);
    const killed = await start(study);
    const chance = new GrowingRecord(study, 3);
    let kills = 0;
    for (const { record, suggestion } of steps) {
      const when = chance.draw(8);
      if (when === 0) kills += await killSamplers();
      const asked = killed.ask(record, suggestion.number);
      if (when === 1) kills += await killSamplers();
      expect(await asked).toEqual(suggestion);
    }
    expect(kills).toBeGreaterThan(2);
  });

  it("draws what the space has, each trial another", async () => {
    const study = studyOf(tuning);
    const { suggestions } = await walk(study, await start(study), 20);
    expect(suggestions.flatMap((params) => findParamFaults(study.tuning.space, params))).toEqual([]);
    expect(suggestions.filter(({ boosting }) => boosting === "dart").length).toBeGreaterThan(0);
    expect(suggestions.filter(({ boosting }) => boosting !== "dart").length).toBeGreaterThan(0);
    expect(new Set(suggestions.map((params) => JSON.stringify(params))).size).toBe(20);
  });
});

describe("what a suggestion follows from", () => {
  it("gives trials that run at once different parameters, though none has ended", async () => {
    for (const sampler of ["tpe", "cma-es"] as const) {
      const study = studyOf({ sampler });
      const ended = await walkAlone(studyOf(), 15);
      const asked = await start(study);
      const open: Suggestion[] = [];
      for (let number = 15; number < 19; number++) open.push(await asked.ask({ trials: ended, open }, number));
      expect(new Set(open.map(({ params }) => params["rate"])).size).toBe(4);
    }
  });

  it("is the seed's, the number's and the record's", async () => {
    const trials = await walkAlone(studyOf(), 14);
    const ask = async (study: Study, changes: Partial<StudyRecord> = {}, number = 14) =>
      (await (await start(study)).ask({ trials, open: [], ...changes }, number)).params;
    const study = studyOf({ sampler: "tpe" });
    const base = await ask(study);
    expect(await ask(study)).toEqual(base);
    expect(await ask({ ...study, seed: -12 })).not.toEqual(base);
    expect(await ask(study, { trials: trials.slice(0, 13) }, 13)).not.toEqual(base);
    expect(
      await ask(study, { trials: trials.map((trial) => ({ ...trial, values: [-(trial.values[0] ?? 0)] })) }),
    ).not.toEqual(base);
    // What it would suggest is suggested no more while another one tries it.
    const alone = await ask(study, {}, 15);
    expect(await ask(study, { open: [{ number: 14, params: alone }] }, 15)).not.toEqual(alone);
  });

  it("does not depend on what was asked before, even of another state of the record", async () => {
    const study = studyOf({ sampler: "tpe" });
    const trials = await walkAlone(studyOf(), 14);
    const sampler = await start(study);
    const first = await sampler.ask({ trials, open: [] }, 14);
    const altered = trials.map((trial) => ({ ...trial, values: [1 - (trial.values[0] ?? 0)] }));
    expect(await sampler.ask({ trials: altered, open: [] }, 14)).not.toEqual(first);
    await sampler.ask({ trials: trials.slice(0, 3), open: [] }, 3);
    expect(await sampler.ask({ trials, open: [] }, 14)).toEqual(first);
  });

  it("goes on where the record lacks a number", async () => {
    const study = studyOf({ sampler: "tpe" });
    const trials = (await walkAlone(studyOf(), 14)).filter(({ number }) => number !== 6);
    const asked = await start(study);
    const { params } = await asked.ask({ trials, open: [] }, 14);
    expect(findParamFaults(space, params)).toEqual([]);
  });

  it("draws a log scale by its powers", async () => {
    const rates = (await walkAlone(studyOf({ sampler: "random" }), 40)).map(({ params }) => Number(params["rate"]));
    // Between a ten-thousandth and 1, half of them are below a hundredth; drawn evenly, one in a hundred would be.
    expect(rates.filter((rate) => rate < 0.01).length).toBeGreaterThan(12);
  });

  it.each(["tpe", "cma-es"] as const)("comes nearer to the goal with %s than by chance", async (sampler) => {
    const [learned, chance] = [await walkAlone(studyOf({ sampler }), 40), await walkAlone(studyOf(), 40)];
    expect(mean(learned.slice(-15))).toBeLessThan(mean(chance.slice(-15)) * 0.7);
  });

  it("follows the directions of several objectives", async () => {
    const study = studyOf({ sampler: "tpe", ...two });
    const trials = await walkAlone(studyOf(two), 16);
    const turned = studyOf({
      sampler: "tpe",
      objectives: study.tuning.objectives.map((objective) => ({ ...objective, direction: "minimize" })),
    });
    const ask = async (asked: Study) => (await (await start(asked)).ask({ trials, open: [] }, 16)).params;
    expect(await ask(study)).not.toEqual(await ask(turned));
  });
});

describe("a warm start", () => {
  it.each([
    ["tpe", 20],
    ["cma-es", 20],
    ["cma-es", 4],
  ] as const)("has %s begin where the best of %d earlier trials were", async (sampler, count) => {
    const earlier = await walkAlone(studyOf({}, { seed: 4 }), count);
    const cold = studyOf({ sampler });
    const warm = { ...cold, earlier: earlier.map((trial) => ({ ...trial, study: "4".repeat(64) })) };
    expect(mean(await walkAlone(warm, 8))).toBeLessThan(mean(await walkAlone(cold, 8)));
  });

  it("leaves out earlier trials that this space or these objectives do not have", async () => {
    const study = studyOf({ sampler: "tpe" });
    const strange = Array.from({ length: 20 }, (_, number) =>
      number % 2 === 0 ? trialOf({ number, params: { rate: 0.1 } }) : trialOf({ number, values: [1, 2] }),
    );
    const asked = await start({ ...study, earlier: strange });
    expect(await asked.ask({ trials: [], open: [] }, 0)).toEqual(
      await (await start(study)).ask({ trials: [], open: [] }, 0),
    );
  });
});

describe("a grid", () => {
  it("gives each cell once, and none beyond", async () => {
    const study = studyOf({ sampler: "grid" });
    const trials = await walkAlone(study, countGrid(gridSpace) ?? 0);
    expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(35);
    const sampler = await start(study);
    await expect(sampler.ask({ trials, open: [] }, 35)).rejects.toThrow("beyond the grid, which has 35 cells");
  });

  it("is refused with a parameter that may be any fraction", async () => {
    await expect(start(studyOf({ sampler: "grid", space: [...space] }))).rejects.toMatchObject({
      problems: [{ code: "sampler-failed", got: "a parameter that may be any fraction" }],
    });
  });
});

it("refuses a number that is not the next one", async () => {
  const sampler = await start(studyOf());
  const record = { trials: [trialOf({ number: 2 })], open: [] };
  await expect(sampler.ask(record, 2)).rejects.toThrow("Trial 2 is not the next one: the record has trial 2");
});

describe("what goes wrong", () => {
  const nothing = { trials: [], open: [] };

  it("is told in Optuna's words, and the next question is answered", async () => {
    const sampler = await start(studyOf({ sampler: "cma-es", ...two }));
    const trials = [trialOf({ params: { rate: 0.1, leaves: 2, boosting: "plain" }, values: [1, 2] })];
    const failed = await failure(sampler.ask({ trials, open: [] }, 1));
    expect(failed.message).toMatch(/The sampler "cma-es" failed: .*multi-objective/);
    expect(failed.message).toContain("[sampler-failed]");
    await expect(sampler.ask({ trials, open: [] }, 1)).rejects.toThrow("multi-objective");
  });

  it("is an answer that takes too long", async () => {
    const sampler = await start(studyOf(), { answerSeconds: 0.05 });
    await expect(sampler.ask(nothing, 0)).rejects.toThrow("no answer within 0.05 seconds");
  });

  it("is too much memory", async () => {
    const sampler = await start(studyOf(), { memoryBytes: 2 ** 20 });
    // It is looked at from time to time, and may have answered before.
    const askOnAndOn = async (): Promise<never> => {
      for (;;) await sampler.ask(nothing, 0);
    };
    await expect(askOnAndOn()).rejects.toThrow("it used more memory than it may have");
  });

  it("is a process that ends whenever it is started", async () => {
    const sampler = await start(studyOf());
    const asked = sampler.ask(nothing, 0);
    let isOver = false;
    const kill = async (): Promise<void> => {
      while (!isOver) await killSamplers().catch(() => 0);
    };
    const killing = kill();
    await expect(asked).rejects.toThrow("it ended 3 times, the last time with signal SIGKILL");
    isOver = true;
    await killing;
    // Nothing is lost: the study goes on when it is tried again.
    expect(findParamFaults(space, (await sampler.ask(nothing, 0)).params)).toEqual([]);
  });

  it("is a signal, with its reason, and no process is left", async () => {
    const controller = new AbortController();
    const sampler = await start(studyOf(), { signal: controller.signal });
    const asked = sampler.ask(nothing, 0);
    const rejected = expect(asked).rejects.toThrow("enough");
    await sleep(50);
    controller.abort(new Error("enough"));
    await rejected;
    await expect(sampler.ask(nothing, 0)).rejects.toThrow("enough");
  });
});

it("lets its process end when nothing is asked for a while, and starts it again", async () => {
  const sampler = await start(studyOf(), { idleSeconds: 0.05 });
  const first = await sampler.ask({ trials: [], open: [] }, 0);
  await vi.waitFor(async () => expect(await listSamplerProcesses()).toEqual([]), { timeout: 10_000 });
  expect(await sampler.ask({ trials: [], open: [] }, 0)).toEqual(first);
});

it("answers questions that come at once in their order", async () => {
  const study = studyOf();
  const sampler = await start(study);
  const [second, first] = await Promise.all([
    sampler.ask({ trials: [], open: [{ number: 0, params: { rate: 0.1, leaves: 2, boosting: "goss" } }] }, 1),
    sampler.ask({ trials: [], open: [] }, 0),
  ]);
  expect([first.number, second.number]).toEqual([0, 1]);
  expect(await listSamplerProcesses()).toHaveLength(1);
});
