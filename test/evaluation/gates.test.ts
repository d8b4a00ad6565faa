import { describe, expect, it } from "vitest";
import type { GateSpec } from "../../framework/definitions/spec.ts";
import type { Measurement } from "../../framework/evaluation/evaluation.ts";
import { decide, decideGates, type GateFacts, type JudgedSlice } from "../../framework/evaluation/gates.ts";

function measured(metric: string, value: number, rows = 213_004): Measurement {
  return { metric, value, low: value - 0.003, high: value + 0.003, rows };
}

function slice(value: string, rows: number, auc?: number): JudgedSlice {
  const candidate = auc === undefined ? [] : [measured("auc", auc, rows)];
  return { column: "origin", value, rows, candidate, baseline: [], production: [] };
}

const facts: GateFacts = {
  whole: {
    rows: 213_004,
    candidate: [measured("auc", 0.641), measured("log-loss", 0.5)],
    baseline: [
      { ...measured("auc", 0.605), by: "routeDelay" },
      { ...measured("log-loss", 0.52), by: "prior" },
    ],
    production: [measured("auc", 0.646), measured("log-loss", 0.49)],
  },
  singleClass: false,
  slices: [],
  production: { state: "judged" },
};
const origins = [slice("ATL", 9000, 0.66), slice("ORD", 8000, 0.55), slice("LAX", 500, 0.61), slice("XNA", 499, 0.1)];
const byOrigin = { slice: { column: "origin", min: 500 } };
const none = { production: { state: "none" } } as const;

describe("gates", () => {
  it("say whose value is missing, where the candidate has one", () => {
    const gate: GateSpec = { kind: "betterThanBaseline", metric: "auc", by: 0 };
    const [verdict] = decideGates([gate], { ...facts, whole: { ...facts.whole, baseline: [] } });
    expect(verdict).toMatchObject({
      verdict: "inconclusive",
      reason: "the baseline's auc is not defined on these 213,004 rows",
    });
  });

  const cases: readonly (readonly [
    title: string,
    gate: GateSpec,
    change: Partial<GateFacts>,
    verdict: string,
    reason: string,
  ])[] = [
    [
      "atLeast above",
      { kind: "atLeast", metric: "auc", value: 0.64 },
      {},
      "pass",
      "auc 0.641 [0.638, 0.644] is at least 0.64 on 213,004 rows",
    ],
    [
      "atLeast below",
      { kind: "atLeast", metric: "auc", value: 0.67 },
      {},
      "fail",
      "auc 0.641 [0.638, 0.644] is below 0.67 on 213,004 rows",
    ],
    [
      "atLeast exactly",
      { kind: "atLeast", metric: "auc", value: 0.641 },
      {},
      "pass",
      "auc 0.641 [0.638, 0.644] is at least 0.641 on 213,004 rows",
    ],
    [
      "atLeast missed by less than three digits show",
      { kind: "atLeast", metric: "auc", value: 0.64104 },
      {},
      "fail",
      "auc 0.64100 [0.63800, 0.64400] is below 0.64104 on 213,004 rows",
    ],
    [
      "atMost below",
      { kind: "atMost", metric: "log-loss", value: 0.55 },
      {},
      "pass",
      "log-loss 0.500 [0.497, 0.503] is at most 0.55 on 213,004 rows",
    ],
    [
      "atMost above",
      { kind: "atMost", metric: "log-loss", value: 0.4 },
      {},
      "fail",
      "log-loss 0.500 [0.497, 0.503] is above 0.4 on 213,004 rows",
    ],
    [
      "a metric that was not measured",
      { kind: "atLeast", metric: "brier", value: 0 },
      {},
      "inconclusive",
      "brier is not defined on these 213,004 rows",
    ],
    [
      "too few rows",
      { kind: "atLeast", metric: "auc", value: 0.5 },
      { whole: { ...facts.whole, rows: 99 } },
      "inconclusive",
      "auc decides nothing on 99 rows: at least 100 are needed",
    ],
    [
      "just enough rows",
      { kind: "atLeast", metric: "auc", value: 0.5 },
      { whole: { ...facts.whole, rows: 100 } },
      "pass",
      "auc 0.641 [0.638, 0.644] is at least 0.5 on 100 rows",
    ],
    [
      "a single class",
      { kind: "atMost", metric: "log-loss", value: 9 },
      { singleClass: true },
      "inconclusive",
      "log-loss decides nothing on 213,004 rows: all have the same label",
    ],
    [
      "not worse than production, by the allowance exactly",
      { kind: "noWorseThanProduction", metric: "auc", by: 0.005 },
      {},
      "pass",
      "auc 0.641 [0.638, 0.644] is not worse than production's 0.646 by more than 0.005 on 213,004 rows",
    ],
    [
      "worse than production",
      { kind: "noWorseThanProduction", metric: "auc", by: 0 },
      {},
      "fail",
      "auc 0.641 [0.638, 0.644] is worse than production's 0.646 on 213,004 rows",
    ],
    [
      "worse than production where lower is better",
      { kind: "noWorseThanProduction", metric: "log-loss", by: 0.005 },
      {},
      "fail",
      "log-loss 0.500 [0.497, 0.503] is worse than production's 0.490 by more than 0.005 on 213,004 rows",
    ],
    [
      "nothing in production",
      { kind: "noWorseThanProduction", metric: "auc", by: 0 },
      none,
      "first-version",
      "auc cannot be compared yet: nothing is in production",
    ],
    [
      "production is not comparable",
      { kind: "noWorseThanProduction", metric: "auc", by: 0 },
      { production: { state: "incomparable", why: "its test rows have other labels or times" } },
      "inconclusive",
      "auc cannot be compared with production: its test rows have other labels or times",
    ],
    [
      "better than the baseline",
      { kind: "betterThanBaseline", metric: "auc", by: 0.03 },
      {},
      "pass",
      "auc 0.641 [0.638, 0.644] is better by 0.03 than the baseline's 0.605 (routeDelay) on 213,004 rows",
    ],
    [
      "not better enough than the baseline",
      { kind: "betterThanBaseline", metric: "log-loss", by: 0.03 },
      {},
      "fail",
      "log-loss 0.500 [0.497, 0.503] is not better by 0.03 than the baseline's 0.520 (prior) on 213,004 rows",
    ],
    [
      "as good as the baseline is not better",
      { kind: "betterThanBaseline", metric: "auc", by: 0 },
      { whole: { ...facts.whole, baseline: [{ ...measured("auc", 0.641), by: "prior" }] } },
      "fail",
      "auc 0.641 [0.638, 0.644] is not better than the baseline's 0.641 (prior) on 213,004 rows",
    ],
    [
      "a slice that breaks it; one below its minimum does not",
      { kind: "atLeast", metric: "auc", value: 0.6, ...byOrigin },
      { slices: origins },
      "fail",
      "auc fails on 1 of 3 slices by origin with at least 500 rows: ORD: auc 0.550 [0.547, 0.553] is below 0.6 on 8,000 rows",
    ],
    [
      "many broken slices, the worst named",
      { kind: "atLeast", metric: "auc", value: 0.7, ...byOrigin },
      { slices: [...origins, slice("BOS", 700, 0.69)] },
      "fail",
      "auc fails on 4 of 4 slices by origin with at least 500 rows: ORD: auc 0.550 [0.547, 0.553] is below 0.7 on 8,000 rows; " +
        "LAX: auc 0.610 [0.607, 0.613] is below 0.7 on 500 rows; ATL: auc 0.660 [0.657, 0.663] is below 0.7 on 9,000 rows; and 1 more",
    ],
    [
      "all slices hold",
      { kind: "atLeast", metric: "auc", value: 0.5, ...byOrigin },
      { slices: origins },
      "pass",
      "auc holds on each of 3 slices by origin with at least 500 rows, the worst being ORD: auc 0.550 [0.547, 0.553] is at least 0.5 on 8,000 rows",
    ],
    [
      "no slice is large enough",
      { kind: "atLeast", metric: "auc", value: 0.5, slice: { column: "origin", min: 10_000 } },
      { slices: origins },
      "inconclusive",
      "auc decides nothing: no slice by origin has at least 10,000 rows, the largest has 9,000 rows",
    ],
    [
      "a counted slice without a value is not passed over",
      { kind: "atLeast", metric: "auc", value: 0.5, ...byOrigin },
      { slices: [...origins, slice("GUM", 600)] },
      "inconclusive",
      "auc is not defined on 1 of 4 slices by origin with at least 500 rows: GUM",
    ],
    [
      "a broken slice decides whatever another lacks",
      { kind: "atLeast", metric: "auc", value: 0.6, ...byOrigin },
      { slices: [...origins, slice("GUM", 600)] },
      "fail",
      "auc fails on 1 of 4 slices by origin with at least 500 rows: ORD: auc 0.550 [0.547, 0.553] is below 0.6 on 8,000 rows",
    ],
  ];
  it.each(cases)("%s", (_title, gate, change, verdict, reason) => {
    expect(decideGates([gate], { ...facts, ...change })).toEqual([{ gate, verdict, reason }]);
  });

  it("passes a release on passes and first versions alone", () => {
    const gate: GateSpec = { kind: "atLeast", metric: "auc", value: 0 };
    const verdict = (verdict: "pass" | "fail" | "inconclusive" | "first-version") => ({ gate, verdict, reason: "" });
    expect(decide([])).toBe("pass");
    expect(decide([verdict("pass"), verdict("first-version")])).toBe("pass");
    expect(decide([verdict("pass"), verdict("inconclusive")])).toBe("fail");
    expect(decide([verdict("fail")])).toBe("fail");
  });
});
