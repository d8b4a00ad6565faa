import { describe, expect, it } from "vitest";
import type { AbortRuleSpec, CanarySpec } from "../../../framework/definitions/rollout-spec.ts";
import {
  type CanaryDecision,
  type CanaryState,
  decideCanary,
  describeSeen,
} from "../../../framework/serving/variants/advance-canary.ts";
import { nothingSeen } from "../../../framework/serving/variants/evidence-window.ts";
import { describeLabels, type LabelEvidence } from "../../../framework/serving/variants/judge-labels.ts";

const over = 500;
const low: AbortRuleSpec = { kind: "metricBelow", metric: "accuracy", below: 0.8, over };
const high: AbortRuleSpec = { kind: "metricAbove", metric: "mae", above: 12, over };
const lower: AbortRuleSpec = { kind: "metricBelowChampion", metric: "auc", by: 0.02, over };
const higher: AbortRuleSpec = { kind: "metricAboveChampion", metric: "mae", by: 1, over };

const rollout = (...abortOn: AbortRuleSpec[]): CanarySpec => ({
  kind: "canary",
  steps: [5, 25, 100],
  hold: "2 days",
  atLeast: 100,
  mirror: 0,
  abortOn,
  matures: "1 day",
});

type Said = Readonly<Record<string, number>>;
const said = (canary: readonly [number, Said], champion: readonly [number, Said] = [0, {}]): LabelEvidence => ({
  canary: { labels: canary[0], values: canary[1] },
  champion: { labels: champion[0], values: champion[1] },
});
const seen = { canary: { ...nothingSeen, answered: 1000 }, champion: { ...nothingSeen, answered: 9000 } };
const at = (
  rule: AbortRuleSpec,
  labels: LabelEvidence | undefined,
  change: Partial<CanaryState> = {},
): CanaryState => ({
  rollout: rollout(rule),
  step: 0,
  seen,
  elapsed: 2 * 86_400,
  labels,
  ...change,
});

const goesOn: CanaryDecision = { kind: "advance", to: 1 };
const lacks = (what: string): CanaryDecision => ({ kind: "hold", why: `too little to tell by: ${what}` });
const back = (reason: string): CanaryDecision => ({ kind: "abort", reasons: [reason] });

describe("a canary that is judged by labels", () => {
  it.each<[string, CanaryState, CanaryDecision]>([
    ["goes on when they say that it is good enough", at(low, said([612, { accuracy: 0.81 }])), goesOn],
    ["goes on at the limit itself", at(low, said([612, { accuracy: 0.8 }])), goesOn],
    [
      "goes back when they say that it is not",
      at(low, said([612, { accuracy: 0.7925 }])),
      back("accuracy 0.7925 of 612 labels, below 0.8"),
    ],
    [
      "goes back above a limit that lower values keep",
      at(high, said([2410, { mae: 12.5 }])),
      back("mae 12.5 of 2,410 labels, above 12"),
    ],
    [
      "is held while there are too few of them",
      at(low, said([499, { accuracy: 0.99 }])),
      lacks("499 of 500 matured labels"),
    ],
    ["is held while there are none", at(low, undefined), lacks("0 of 500 matured labels")],
    [
      "is held while its metric is not defined on them",
      at(lower, said([612, {}], [2410, { auc: 0.8 }])),
      lacks("auc is not defined on 612 labels"),
    ],
    [
      "is held while the champion has too few",
      at(lower, said([612, { auc: 0.8 }], [499, { auc: 0.8 }])),
      lacks("499 of 500 matured labels of the champion"),
    ],
    [
      "goes on when it is as good as the champion, or nearly",
      at(lower, said([612, { auc: 0.88 }], [2410, { auc: 0.9 }])),
      goesOn,
    ],
    [
      "goes back when it is worse than the champion by more than it may be",
      at(lower, said([612, { auc: 0.8095 }], [2410, { auc: 0.83 }])),
      back("auc 0.8095 of 612 labels, more than 0.02 below the champion's 0.83 of 2,410"),
    ],
    [
      "goes back when lower values are better and its own are higher",
      at(higher, said([612, { mae: 13.5 }], [2410, { mae: 12.25 }])),
      back("mae 13.5 of 612 labels, more than 1 above the champion's 12.25 of 2,410"),
    ],
    [
      "is held in its time, though the plain value is too low",
      at(low, said([612, { accuracy: 0.78 }]), { elapsed: 86_400 }),
      { kind: "hold", why: "24 h to go" },
    ],
    [
      "goes back before its time where a share is too low beyond doubt, however few there are",
      at(low, said([60, { accuracy: 0.5 }]), { elapsed: 86_400 }),
      back("accuracy 0.5 of 60 labels, below 0.8"),
    ],
    [
      "is not taken back before its time for what no bound is known of",
      at(high, said([60, { mae: 1000 }]), { elapsed: 86_400 }),
      { kind: "hold", why: "24 h to go" },
    ],
    [
      "is held until they are read once more when its time is over",
      at(low, said([612, { accuracy: 0.9 }]), { unread: "the labels are still to be read" }),
      lacks("the labels are still to be read"),
    ],
    [
      "is held where they cannot be read, though what was read before would take it back",
      at(low, said([612, { accuracy: 0.79 }]), { unread: "the labels cannot be read: no store" }),
      lacks("the labels cannot be read: no store"),
    ],
  ])("%s", (_title, state, expected) => {
    expect(decideCanary(state)).toEqual(expected);
  });

  it("is described with what they say of it, and of the champion", () => {
    const labels = said([612, { accuracy: 0.81 }], [2410, { accuracy: 0.83 }]);
    expect(describeLabels("accuracy", labels)).toBe("accuracy 0.81 of 612 labels (champion 0.83 of 2,410)");
    expect(describeSeen(rollout(low, lower), seen, labels)).toBe(
      "1000 of 100 requests, accuracy 0.81 of 612 labels (champion 0.83 of 2,410), auc not known of 612 labels",
    );
    expect(describeSeen(rollout(low), seen)).toBe("1000 of 100 requests, accuracy not known of 0 labels");
  });
});

describe("a canary over which processes end", () => {
  const errors: AbortRuleSpec = { kind: "errorRate", above: 0.5, over: 1 };
  const ended = (count: number): CanaryState => {
    const canary = { ...seen.canary, ended: count };
    return { rollout: rollout(errors), step: 0, seen: { ...seen, canary }, elapsed: 60 };
  };

  it("goes back after the second, whatever its conditions say, and not after the first", () => {
    expect(decideCanary(ended(1))).toMatchObject({ kind: "hold" });
    expect(decideCanary(ended(2))).toEqual(back("2 processes ended while it answered"));
  });

  it("is described with it", () => {
    expect(describeSeen(rollout(errors), ended(1).seen)).toBe(
      "1000 of 100 requests, errors 0 %, 1 process ended while it answered",
    );
  });
});
