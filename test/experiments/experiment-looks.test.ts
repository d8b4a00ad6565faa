import { describe, expect, it } from "vitest";
import { chooseLookPause, describeLooks, identifyExperiment } from "../../framework/experiments/experiment-looks.ts";
import { specOf } from "../campaigns/experiments/simulation.ts";

describe("the pause between two looks", () => {
  it.each([
    ["a twentieth of what a unit takes to count", "10 minutes", "30 minutes", 120],
    ["5 seconds at least", "1 second", "20 seconds", 5],
    ["15 minutes at most, however late labels are", "7 days", "60 days", 900],
  ] as const)("is %s", (_name, window, matures, seconds) => {
    expect(chooseLookPause({ window }, { matures })).toBe(seconds);
  });
});

describe("what tells an experiment from another", () => {
  const spec = specOf({});
  const identity = identifyExperiment("desk", spec);

  it.each([
    ["the endpoint", identifyExperiment("bench", spec)],
    ["its name", identifyExperiment("desk", { ...spec, name: "other" })],
    ["its shares", identifyExperiment("desk", { ...spec, arms: spec.arms.map((arm) => ({ ...arm, weight: 1 })) })],
    ["its level", identifyExperiment("desk", { ...spec, alpha: 0.01 })],
    [
      "its guardrails",
      identifyExperiment("desk", { ...spec, guardrails: [{ metric: "errors", better: "lower", by: 0.1 }] }),
    ],
  ])("is %s", (_name, other) => {
    expect(other).not.toBe(identity);
  });

  it("is neither what becomes of a decision, nor how it was planned", () => {
    expect(identifyExperiment("desk", { ...spec, decide: "promote", power: 0.9 })).toBe(identity);
    expect(
      describeLooks("desk", { ...spec, decide: "promote", window: "1 hour" }, { matures: "1 hour" }),
    ).toMatchObject({
      pause: 360,
      decide: "promote",
    });
  });
});
