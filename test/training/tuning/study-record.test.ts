import { describe, expect, it } from "vitest";
import type { TuningSpec } from "../../../framework/definitions/tuning-spec.ts";
import type { StudyRecord, Trial } from "../../../framework/training/tuning/study.ts";
import {
  chooseBest,
  countPlanned,
  decideNext,
  describeStudy,
  isTriedAgain,
  listOpenTrials,
  listTrials,
  readTrial,
  recordTrial,
  summarizeStudy,
} from "../../../framework/training/tuning/study-record.ts";
import { useStore } from "../../support/test-store.ts";
import { trialOf, tuningOf } from "./trials.ts";

const trial = (number: number, changes: Partial<Trial> = {}): Trial => trialOf({ number, ...changes });
const failed = (number: number): Trial =>
  trial(number, { state: "failed", values: [], reason: "it ended with exit code 1" });
const pruned = (number: number): Trial => trial(number, { state: "pruned", values: [] });
const open = (...numbers: number[]): StudyRecord["open"] => numbers.map((number) => ({ number, params: {} }));

describe("the record in the store", () => {
  const given = useStore();
  const study = "5".repeat(64);

  it("keeps the first record of a number, whoever writes it again", async () => {
    const first = await recordTrial(given.store, trial(3, { values: [0.5] }));
    const second = await recordTrial(given.open(), trial(3, { values: [0.7] }));
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.trial.values).toEqual([0.5]);
    expect(await readTrial(given.open(), study, 3)).toEqual(trial(3, { values: [0.5] }));
  });

  it("lists the trials of one study in the order of their numbers", async () => {
    for (const number of [10, 2, 0, 17, 1]) await recordTrial(given.store, trial(number));
    await recordTrial(given.store, trial(5, { study: "6".repeat(64) }));
    const found = await listTrials(given.store, study);
    expect(found.map(({ number }) => number)).toEqual([0, 1, 2, 10, 17]);
    expect(await listTrials(given.store, "7".repeat(64))).toEqual([]);
  });

  it("has a trial once more that used up its memory, when it was tried with more", async () => {
    const usedUp = (memoryBytes: number) => ({ ...failed(4), memoryBytes });
    await recordTrial(given.store, usedUp(100), 100);
    const early = await recordTrial(given.open(), trial(4), 100);
    expect(early).toMatchObject({ created: false, trial: { state: "failed" } });
    expect(await recordTrial(given.store, usedUp(200), 200)).toMatchObject({ created: true });
    expect(await recordTrial(given.store, trial(4), 400)).toMatchObject({ created: true });
    const late = await recordTrial(given.store, failed(4), 800);
    expect(late).toMatchObject({ created: false, trial: { state: "completed" } });
    expect(await readTrial(given.open(), study, 4)).toEqual(trial(4));
    await recordTrial(given.store, trial(12));
    expect(await listTrials(given.open(), study)).toEqual([trial(4), trial(12)]);
  });

  it.each([
    [100, 101, true],
    [100, 100, false],
    [100, 50, false],
    [undefined, 100, false],
  ])("used up %s bytes, with %s now: tried again %s", (memoryBytes, now, again) => {
    expect(isTriedAgain(memoryBytes === undefined ? {} : { memoryBytes }, now)).toBe(again);
  });

  it("finds nothing where no trial ended", async () => {
    expect(await readTrial(given.store, study, 0)).toBeUndefined();
  });
});

describe("chooseBest", () => {
  const loss = { metric: "loss", direction: "minimize" } as const;
  const auc = { metric: "auc", direction: "maximize" } as const;
  const of = (...values: readonly (readonly number[])[]) =>
    values.map((each, number) => trial(number, { values: [...each] }));
  it.each([
    ["the least of what is minimized", [loss], of([3], [1], [2]), 1, [1]],
    ["the greatest of what is maximized", [auc], of([3], [1], [2]), 0, [0]],
    ["the earliest of equals", [loss], of([2], [1], [1]), 1, [1]],
    [
      "the best by the first objective of those that none beats",
      [loss, auc],
      of([1, 0.5], [2, 0.9], [2, 0.8]),
      0,
      [0, 1],
    ],
    ["the better one by the second where the first is equal", [loss, auc], of([1, 0.5], [1, 0.7]), 1, [1]],
    ["one of equals, with both in front", [loss, auc], of([1, 0.5], [1, 0.5]), 0, [0, 1]],
    ["none that was given up or failed", [loss], [pruned(0), failed(1), trial(2)], 2, [2]],
  ])("takes %s", (_, objectives, trials, best, front) => {
    const choice = chooseBest(objectives, trials.toReversed());
    expect(choice?.best.number).toBe(best);
    expect(choice?.front.map(({ number }) => number)).toEqual(front);
  });

  it("takes nothing where none was completed", () => {
    expect(chooseBest([loss], [pruned(0), failed(1)])).toBeUndefined();
  });
});

it("sums a study up, and says it", () => {
  const trials = [trial(0, { values: [0.71239] }), pruned(1), failed(2), trial(3, { values: [0.8] })];
  const summary = summarizeStudy(tuningOf(), { trials, open: open(4) });
  expect(summary).toEqual({
    completed: 2,
    pruned: 1,
    failed: 1,
    open: 1,
    of: 30,
    seconds: 40,
    best: { number: 0, values: [0.71239] },
    front: [0],
  });
  expect(describeStudy(summary)).toBe("trial 4 of 30, best 0.7124, 1 given up early, 1 failed");
  expect(describeStudy(summarizeStudy(tuningOf(), { trials: [], open: [] }))).toBe("trial 0 of 30");
});

it("lists what was suggested and has not ended", () => {
  const suggestions = [2, 0, 1].map((number) => ({ number, params: { x: number } }));
  expect(listOpenTrials(suggestions, [trial(1)])).toEqual([
    { number: 0, params: { x: 0 } },
    { number: 2, params: { x: 2 } },
  ]);
});

it.each([
  ["as many as are asked for", tuningOf({ trials: 30 }), 30],
  ["the cells of a smaller grid", tuningOf({ sampler: "grid", trials: 100 }), 35],
  ["as many as are asked for of a greater grid", tuningOf({ sampler: "grid", trials: 10 }), 10],
])("plans %s", (_, tuning, expected) => {
  expect(countPlanned(tuning)).toBe(expected);
});

describe("decideNext", () => {
  const hours = 3_600_000;
  const decide = (
    tuning: Partial<TuningSpec>,
    record: Partial<StudyRecord>,
    clock: { readonly after?: number; readonly gpus?: number } = {},
  ) =>
    decideNext(
      tuningOf({ trials: 4, parallel: 2, ...tuning }),
      { trials: [], open: [], ...record },
      { startedAt: 1_000, now: 1_000 + (clock.after ?? 0), ...(clock.gpus !== undefined && { gpus: clock.gpus }) },
    );
  const four = [0, 1, 2, 3].map((number) => trial(number));
  it.each([
    ["begins with the first", decide({}, {}), { do: "begin", number: 0 }],
    [
      "begins the next one beside one that runs",
      decide({}, { trials: [trial(1)], open: open(0) }),
      { do: "begin", number: 2 },
    ],
    [
      "begins one that was under way when the study was interrupted",
      decide({}, { trials: [trial(0), trial(2)], open: open(3) }),
      { do: "begin", number: 1 },
    ],
    ["waits where as many run as may", decide({}, { open: open(0, 1) }), { do: "wait", because: "parallel" }],
    [
      "waits for the last ones",
      decide({}, { trials: four.slice(0, 3), open: open(3) }),
      { do: "wait", because: "trials" },
    ],
    ["ends after the last one", decide({}, { trials: four }), { do: "end", because: "trials", outcome: "chosen" }],
    [
      "ends with the last cell of a grid",
      decide({ sampler: "grid", trials: 40 }, { trials: Array.from({ length: 35 }, (_, number) => trial(number)) }),
      { do: "end", because: "grid", outcome: "chosen" },
    ],
    [
      "goes on within its time",
      decide({ budget: { time: "2 hours" } }, { trials: [trial(0)] }, { after: 2 * hours - 1 }),
      { do: "begin", number: 1 },
    ],
    [
      "begins nothing after its time",
      decide({ budget: { time: "2 hours" } }, { trials: [trial(0)], open: open(1) }, { after: 2 * hours }),
      { do: "wait", because: "time" },
    ],
    [
      "ends after its time",
      decide({ budget: { time: "2 hours" } }, { trials: [trial(0)] }, { after: 2 * hours }),
      { do: "end", because: "time", outcome: "chosen" },
    ],
    [
      "fails where its time passed without a trial",
      decide({ budget: { time: "2 hours" } }, { trials: [pruned(0)] }, { after: 2 * hours }),
      { do: "end", because: "time", outcome: "failed" },
    ],
    [
      "goes on within its GPU hours",
      decide({ budget: { gpuHours: 2 } }, { trials: [trial(0, { seconds: 3_599 })] }, { gpus: 2 }),
      { do: "begin", number: 1 },
    ],
    [
      "ends with its GPU hours",
      decide({ budget: { gpuHours: 2 } }, { trials: [trial(0, { seconds: 3_600 })] }, { gpus: 2 }),
      { do: "end", because: "gpu-hours", outcome: "chosen" },
    ],
    [
      "counts no GPU hours without GPUs",
      decide({ budget: { gpuHours: 0 } }, { trials: [trial(0, { seconds: 99_999 })] }),
      { do: "begin", number: 1 },
    ],
    [
      "goes on with the share of failures that it may have",
      decide({ failures: 0.5 }, { trials: [failed(0), failed(1)] }),
      { do: "begin", number: 2 },
    ],
    [
      "fails at once above it, whatever runs",
      decide({ failures: 0.5 }, { trials: [failed(0), failed(1), failed(2)], open: open(3) }),
      { do: "end", because: "failures", outcome: "failed" },
    ],
    [
      "fails at its end where too many of those that it came to failed",
      decide(
        { failures: 0.5, budget: { time: "1 hour" } },
        { trials: [failed(0), failed(1), trial(2)] },
        { after: hours },
      ),
      { do: "end", because: "failures", outcome: "failed" },
    ],
    [
      "lets no trial fail where none may",
      decide({ failures: 0 }, { trials: [failed(0)] }),
      { do: "end", because: "failures", outcome: "failed" },
    ],
  ])("%s", (_, decided, expected) => {
    expect(decided).toEqual(expected);
  });

  it("ends every study, one trial at a time", () => {
    const record = { trials: [] as Trial[], open: [] };
    for (let turn = 0; turn < 4; turn++) {
      const next = decideNext(tuningOf({ trials: 4 }), record, { startedAt: 0, now: 0 });
      expect(next).toEqual({ do: "begin", number: turn });
      record.trials.push(trial(turn));
    }
    expect(decideNext(tuningOf({ trials: 4 }), record, { startedAt: 0, now: 0 }).do).toBe("end");
  });
});
