import { describe, expect, it } from "vitest";
import type { AbortRuleSpec, CanarySpec } from "../../../framework/definitions/rollout-spec.ts";
import {
  type CanaryDecision,
  type CanaryState,
  decideCanary,
  describeSeen,
} from "../../../framework/serving/variants/advance-canary.ts";
import { nothingSeen, type Seen } from "../../../framework/serving/variants/evidence-window.ts";

const over = 100;
const errors: AbortRuleSpec = { kind: "errorRate", above: 0.01, over };
const slow: AbortRuleSpec = { kind: "responseTime", above: 100, over };
const slower: AbortRuleSpec = { kind: "responseTimeOfChampion", factor: 2, over };
const differs: AbortRuleSpec = { kind: "disagreement", above: 0.1, over };

const rollout = (...abortOn: AbortRuleSpec[]): CanarySpec => ({
  kind: "canary",
  steps: [5, 25, 100],
  hold: "10 minutes",
  atLeast: 100,
  mirror: 0.5,
  abortOn,
});

/** So many answers, of which some took up to 50, 500 or 5,000 ms, the rest up to 10. */
function seen(
  answered: number,
  { failed = 0, to50 = 0, to500 = 0, to5000 = 0, rows = 0, disagreed = 0, unanswered = 0 } = {},
): Seen {
  const slowest = answered - to5000;
  const middle = slowest - to500;
  return {
    ...nothingSeen,
    answered,
    failed,
    bounds: [10, 50, 100, 500, 5000],
    counts: [middle - to50, middle, middle, slowest, answered, answered],
    rows,
    disagreed,
    unanswered,
  };
}

const state = (given: Partial<CanaryState> & { canary?: Seen; champion?: Seen }): CanaryState => {
  const { canary = seen(1000), champion = seen(1000), ...rest } = given;
  return { rollout: rollout(errors), step: 0, seen: { canary, champion }, elapsed: 600, ...rest };
};

const holds = (why: string): CanaryDecision => ({ kind: "hold", why });
const aborts = (...reasons: string[]): CanaryDecision => ({ kind: "abort", reasons });

describe("a canary", () => {
  it.each<[string, Parameters<typeof state>[0], CanaryDecision]>([
    ["goes on when its time is over and nothing is wrong", {}, { kind: "advance", to: 1 }],
    ["has all callers after the last step but the full one", { step: 1 }, { kind: "finish" }],
    ["is held until its time is over", { elapsed: 420.5 }, holds("3 min to go")],
    ["is held while it had too few requests", { canary: seen(99) }, holds("too little to tell by: 99 of 100 requests")],
    [
      "is held while it had too few requests, though its conditions have enough",
      { rollout: rollout({ ...errors, over: 10 }), canary: seen(50) },
      holds("too little to tell by: 50 of 100 requests"),
    ],
    ["counts requests that failed", { canary: seen(999, { failed: 1 }) }, { kind: "advance", to: 1 }],
    [
      "is held while a condition has too little, whatever was asked of the step",
      { rollout: rollout({ ...errors, over: 5000 }) },
      holds("too little to tell by: 1000 of 5000 requests"),
    ],
    [
      "goes back at the end of a step whose rate is above the limit",
      { canary: seen(985, { failed: 15 }) },
      aborts("errors 1.5 % of 1000 requests, above 1 %"),
    ],
    ["is not judged by that rate before", { canary: seen(985, { failed: 15 }), elapsed: 599 }, holds("1 s to go")],
    ["goes on at the limit itself", { canary: seen(990, { failed: 10 }) }, { kind: "advance", to: 1 }],
    [
      "goes back at once where the limit is exceeded beyond doubt",
      { canary: seen(970, { failed: 30 }), elapsed: 1 },
      aborts("errors 3 % of 1000 requests, above 1 %"),
    ],
    [
      "goes back at once when nearly all requests fail, however few there are",
      { canary: seen(0, { failed: 2 }), elapsed: 1 },
      aborts("errors 100 % of 2 requests, above 1 %"),
    ],
    [
      "lets one failure pass for the time being",
      { canary: seen(0, { failed: 1 }), elapsed: 1 },
      holds("9 min 59 s to go"),
    ],
    [
      "goes back at the first failure where none is allowed",
      { rollout: rollout({ ...errors, above: 0 }), canary: seen(100_000, { failed: 1 }), elapsed: 1 },
      aborts("errors 0.001 % of 100001 requests, above 0 %"),
    ],
    [
      "goes back when it is too slow",
      { rollout: rollout(slow), canary: seen(1000, { to500: 11 }) },
      aborts("99 of 100 answers take 136 ms over 1000 answers, above 100 ms"),
    ],
    [
      "goes on when it is fast enough",
      { rollout: rollout(slow), canary: seen(1000, { to500: 10 }) },
      { kind: "advance", to: 1 },
    ],
    [
      "goes back at once when it is too slow beyond doubt",
      { rollout: rollout(slow), canary: seen(1000, { to5000: 100 }), elapsed: 1 },
      aborts("99 of 100 answers take 4550 ms over 1000 answers, above 100 ms"),
    ],
    [
      "goes back when it is slower than the champion by more than the factor",
      { rollout: rollout(slower), canary: seen(1000, { to50: 500 }), champion: seen(1000) },
      aborts("99 of 100 answers take 49.2 ms over 1000 answers, above 2 times the champion's 9.9 ms"),
    ],
    [
      "goes on when the champion is as slow",
      { rollout: rollout(slower), canary: seen(1000, { to50: 500 }), champion: seen(1000, { to50: 400 }) },
      { kind: "advance", to: 1 },
    ],
    [
      "is held while there is too little of the champion to compare with",
      { rollout: rollout(slower), champion: seen(12) },
      holds("too little to tell by: 12 of 100 answers of the champion"),
    ],
    [
      "goes back when it disagrees too often",
      { rollout: rollout(differs), canary: seen(1000, { rows: 200, disagreed: 21 }) },
      aborts("disagreement 10.5 % of 200 compared rows, above 10 %"),
    ],
    [
      "disagrees where it has no answer",
      { rollout: rollout(differs), canary: seen(1000, { rows: 180, disagreed: 1, unanswered: 20 }) },
      aborts("disagreement 10.5 % of 200 compared rows, above 10 %"),
    ],
    [
      "is held while too few rows were compared",
      { rollout: rollout(differs), canary: seen(1000, { rows: 99 }) },
      holds("too little to tell by: 99 of 100 compared rows"),
    ],
    [
      "goes back for every reason that there is",
      { rollout: rollout(errors, slow), canary: seen(985, { failed: 15, to500: 11 }) },
      aborts(
        "errors 1.5 % of 1000 requests, above 1 %",
        "99 of 100 answers take 142 ms over 985 answers, above 100 ms",
      ),
    ],
  ])("%s", (_title, given, expected) => {
    expect(decideCanary(state(given))).toEqual(expected);
  });

  it("whose true rate is at half its limit is hardly ever taken back before its time", () => {
    let random = 7;
    const next = () => {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      return random / 2 ** 31;
    };
    let taken = 0;
    for (let run = 0; run < 500; run++) {
      let failed = 0;
      for (let all = 1; all <= 1000; all++) {
        if (next() < 0.005) failed++;
        if (all % 50 > 0) continue;
        const decision = decideCanary(state({ canary: seen(all - failed, { failed }), elapsed: 1 }));
        if (decision.kind === "abort") taken++;
        if (decision.kind === "abort") break;
      }
    }
    expect(taken).toBeLessThan(5);
  });

  it("is described by what was seen of it", () => {
    const given = { canary: seen(811, { failed: 1, rows: 40, disagreed: 2 }), champion: seen(0) };
    expect(describeSeen(rollout(errors, slower, differs), given)).toBe(
      "812 of 100 requests, errors 0.123 %, 99 of 100 answers within 9.9 ms, the champion's within a time that is not known, disagreement 5 % of 40 rows",
    );
  });
});
