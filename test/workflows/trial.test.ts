import { describe, expect, it } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import type { Trial } from "../../framework/training/tuning/study.ts";
import { describeFailedStudy } from "../../workflows/tune/study-failure.ts";
import { findFault, isKilled } from "../../workflows/tune/trial.ts";

describe("a trial that broke off", () => {
  it.each([
    "training-failed",
    "training-out-of-memory",
    "training-without-model",
    "model-refused",
    "prediction-unfit",
  ] as const)("is a failed one by %s, which its trainer is to blame for", (code) => {
    expect(findFault(new StewardError({ code, at: "late.trainer", what: "it went wrong \n" }))).toBe("it went wrong");
  });

  it.each([
    new StewardError({ code: "store-unreachable", at: "", what: "the store is away" }),
    new StewardError({ code: "environment-failed", at: "", what: "no wheel" }),
    new Error("no room"),
  ])("is none by %s", (error) => {
    expect(findFault(error)).toBeUndefined();
  });

  it.each([
    ["failed", "signal SIGKILL", true],
    ["failed", "signal SIGTERM", true],
    ["failed", "signal SIGSEGV", false],
    ["failed", "exit code 1", false],
    ["out-of-memory", "signal SIGKILL", false],
    ["succeeded", "exit code 0", false],
  ] as const)("was %s with %s: ended from outside: %s", (outcome, how, killed) => {
    expect(isKilled({ outcome, how })).toBe(killed);
  });
});

describe("a study that failed", () => {
  const trial = (number: number, state: Trial["state"], reason?: string): Trial => ({
    format: "trial/1",
    study: "s",
    number,
    params: {},
    state,
    values: [],
    intermediates: [],
    seconds: 1,
    ...(reason !== undefined && { reason }),
  });
  const tuning = { failures: 0.25 } as never;

  it("says how many trials failed, the last one's reason, and how many may", () => {
    const trials = [trial(0, "pruned"), trial(1, "failed", "no memory"), trial(2, "failed", "told to fail")];
    expect(describeFailedStudy({ name: "late", tuning }, { trials, because: "failures" })).toEqual({
      code: "study-failed",
      at: "late.tune.failures",
      what: "2 of 3 trials failed; trial 3: told to fail",
      expected: "a share of at most 0.25",
    });
  });

  it("says what became of its trials where none was completed", () => {
    const trials = [trial(0, "pruned"), trial(1, "pruned")];
    expect(describeFailedStudy({ name: "late", tuning }, { trials, because: "time" })).toMatchObject({
      at: "late.tune",
      what: "no trial was completed: of 2, 0 failed and 2 were given up early",
    });
  });
});
