import { describe, expect, it } from "vitest";
import type { GateSpec } from "../../framework/definitions/spec.ts";
import { decideFairness } from "../../framework/evaluation/fairness.ts";
import type { JudgedSlice } from "../../framework/evaluation/gates.ts";

function group(value: string, rows: number, measured: Readonly<Record<string, number>>): JudgedSlice {
  const candidate = Object.entries(measured).map(([metric, at]) => ({
    metric,
    value: at,
    low: at - 0.01,
    high: at + 0.01,
    rows,
  }));
  return { column: "sex", value, rows, candidate, baseline: [], production: [] };
}
const gate = (metric: "demographic-parity" | "equal-opportunity" | "calibration", maxGap: number) =>
  ({ kind: "fairness", metric, maxGap, slice: { column: "sex", min: 500 } }) as const satisfies GateSpec;
const groups = [
  group("f", 9000, { recall: 0.61, "selection-rate": 0.3, "calibration-error": 0.02 }),
  group("m", 8000, { recall: 0.71, "selection-rate": 0.31, "calibration-error": 0.05 }),
  group("x", 499, { recall: 0.1, "selection-rate": 0.9, "calibration-error": 0.7 }),
];

describe("fairness between groups", () => {
  it.each([
    [
      "the rates at which true rows are found are further apart",
      gate("equal-opportunity", 0.05),
      groups,
      "fail",
      "equal-opportunity by sex: a gap of 0.100 is above 0.05 (f 0.610 [0.600, 0.620] on 9,000 rows, m 0.710 [0.700, 0.720] on 8,000 rows; 2 groups by sex with at least 500 rows, 1 with fewer left out)",
    ],
    [
      "they are as far apart as they may be",
      gate("equal-opportunity", 0.1),
      groups,
      "pass",
      "equal-opportunity by sex: a gap of 0.100 is at most 0.1 (f 0.610 [0.600, 0.620] on 9,000 rows, m 0.710 [0.700, 0.720] on 8,000 rows; 2 groups by sex with at least 500 rows, 1 with fewer left out)",
    ],
    [
      "groups are selected alike",
      gate("demographic-parity", 0.05),
      groups.slice(0, 2),
      "pass",
      "demographic-parity by sex: a gap of 0.0100 is at most 0.05 (f 0.3000 [0.2900, 0.3100] on 9,000 rows, m 0.3100 [0.3000, 0.3200] on 8,000 rows; 2 groups by sex with at least 500 rows)",
    ],
    [
      "the worst group alone counts for calibration",
      gate("calibration", 0.04),
      groups.slice(0, 2),
      "fail",
      "calibration by sex: a gap of 0.0500 is above 0.04 (m 0.0500 [0.0400, 0.0600] on 8,000 rows; 2 groups by sex with at least 500 rows)",
    ],
    [
      "one group has enough rows",
      gate("demographic-parity", 1),
      groups.slice(1),
      "inconclusive",
      "demographic-parity compares nothing: there is 1 group by sex with at least 500 rows",
    ],
    [
      "no group has",
      gate("demographic-parity", 1),
      [],
      "inconclusive",
      "demographic-parity compares nothing: there are 0 groups by sex with at least 500 rows",
    ],
    [
      "a group has no true row",
      gate("equal-opportunity", 1),
      [...groups.slice(0, 1), group("m", 800, { "selection-rate": 0.2 })],
      "inconclusive",
      "equal-opportunity is not defined for m, of 2 groups by sex with at least 500 rows",
    ],
    [
      "the groups of another column are none of its",
      gate("demographic-parity", 1),
      groups.map((one) => ({ ...one, column: "region" })),
      "inconclusive",
      "demographic-parity compares nothing: there are 0 groups by sex with at least 500 rows",
    ],
  ])("when %s", (_, rule, slices, verdict, reason) => {
    expect(decideFairness(rule, slices)).toEqual({ verdict, reason });
  });
});
