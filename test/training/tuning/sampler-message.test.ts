import { describe, expect, it } from "vitest";
import {
  chooseEarlier,
  composeOpening,
  describeOpen,
  describeTrial,
} from "../../../framework/training/tuning/sampler-message.ts";
import type { Trial } from "../../../framework/training/tuning/study.ts";
import { studyOf, trialOf, tuningOf } from "./trials.ts";

const params = { rate: 0.1, leaves: 7, boosting: "dart", drop: 0.2 };

describe("chooseEarlier", () => {
  it.each<[string, Partial<Trial>, boolean]>([
    ["a completed trial", {}, true],
    ["one that was given up", { state: "pruned", values: [] }, true],
    ["a failed one", { state: "failed", values: [] }, false],
    ["one of other objectives", { values: [1, 2] }, false],
    ["one that lacks a parameter", { params: { rate: 0.1 } }, false],
    ["one with a parameter that is searched no more", { params: { ...params, depth: 3 } }, false],
    ["one beyond the present bounds", { params: { ...params, rate: 5 } }, false],
  ])("of %s", (_, changes, isTaken) => {
    const trial = trialOf({ params, ...changes });
    expect(chooseEarlier(tuningOf(), [trial])).toEqual(isTaken ? [trial] : []);
  });
});

it("opens a study with numbers alone, and with the earlier trials numbered anew", () => {
  const earlier = [trialOf({ number: 9, state: "failed", values: [] }), trialOf({ number: 12, params })];
  expect(composeOpening(studyOf({ sampler: "tpe" }, { earlier }))).toEqual({
    do: "open",
    study: {
      identity: "5".repeat(64),
      sampler: "tpe",
      pruner: { kind: "none" },
      directions: ["minimize"],
      seed: 11,
      dimensions: [
        { name: "rate", kind: "float", low: 1e-4, high: 1, log: true },
        { name: "leaves", kind: "int", low: 2, high: 32, step: 5, log: false },
        { name: "boosting", kind: "choice", size: 3 },
        { name: "drop", kind: "float", low: 0, high: 0.5, log: false, when: { name: "boosting", is: 1 } },
      ],
    },
    earlier: [
      {
        number: 0,
        params: { rate: 0.1, leaves: 7, boosting: 1, drop: 0.2 },
        state: "completed",
        values: [1],
        intermediates: [],
      },
    ],
  });
});

it("opens a grid as the numbers of its cells", () => {
  expect(composeOpening(studyOf({ sampler: "grid" }, { earlier: [trialOf({ params })] }))).toMatchObject({
    study: { dimensions: [{ name: "cell", kind: "int", low: 0, high: 34, step: 1, log: false }], cells: 35 },
    earlier: [],
  });
  const cell = trialOf({ number: 3, params: { leaves: 7, boosting: "goss" } });
  expect(describeTrial(tuningOf({ sampler: "grid" }), cell).params).toEqual({});
});

it("tells reports in the order of their steps", () => {
  const intermediates = [3, 1, 2].map((step) => ({ step, value: step / 10 }));
  expect(describeOpen(tuningOf(), { number: 4, params: {}, intermediates })).toEqual({
    number: 4,
    params: {},
    intermediates: [
      [1, 0.1],
      [2, 0.2],
      [3, 0.3],
    ],
  });
});
