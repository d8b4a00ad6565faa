import { describe, expect, it } from "vitest";
import { subtractArms } from "../../framework/experiments/arm-difference.ts";
import { reachBothSides, reachOneSide } from "../../framework/experiments/confidence-sequence.ts";
import { logGamma } from "../../framework/experiments/log-gamma.ts";
import { normalProbability, normalQuantile } from "../../framework/experiments/normal-distribution.ts";
import { fixedInformation, planExperiment } from "../../framework/experiments/plan-experiment.ts";
import { measureMismatch, mismatchProbability } from "../../framework/experiments/sample-ratio.ts";
import { computeChances } from "../../framework/experiments/sequential-power.ts";
import { estimateRatio, mergeMoments, momentsOf, noUnits } from "../../framework/experiments/unit-moments.ts";

describe("the normal distribution", () => {
  it.each([
    [0, 0.5],
    [1.959963984540054, 0.975],
    [-1, 0.15865525393145707],
    [-6, 9.865876450376946e-10],
    [-5, 2.866515718791939e-7],
    [6, 1 - 9.865876450376946e-10],
  ])("exceeds nothing below %d with a chance of %d", (z, chance) => {
    expect(Math.abs(normalProbability(z) / chance - 1)).toBeLessThan(1e-11);
  });

  it.each([0.0001, 0.025, 0.5, 0.8, 0.999])("has quantiles that are its own inverse: %d", (chance) => {
    expect(normalProbability(normalQuantile(chance))).toBeCloseTo(chance, 12);
  });
});

it.each([
  [0.5, Math.log(Math.sqrt(Math.PI))],
  [1, 0],
  [10, Math.log(362_880)],
  [100, 359.1342053695754],
  [1e6, 12_815_504.569147611],
])("ln Γ(%d) is %d", (x, value) => {
  expect(Math.abs(logGamma(x) - value)).toBeLessThan(1e-14 * Math.max(1, Math.abs(value)) * 10);
});

describe("the moments of units", () => {
  const units: readonly (readonly [number, number])[] = [
    [1, 2],
    [0, 1],
    [3, 4],
    [1, 1],
    [1e6, 7],
    [2, 3],
  ];
  const all = units.map(([x, y]) => momentsOf(x, y)).reduce(mergeMoments, noUnits);

  it("are the same in whatever parts they are merged", () => {
    const [left, right] = [units.slice(0, 2), units.slice(2)].map((part) =>
      part.map(([x, y]) => momentsOf(x, y)).reduce(mergeMoments, noUnits),
    );
    const merged = mergeMoments(left ?? noUnits, right ?? noUnits);
    for (const field of ["units", "x", "y", "xx", "xy", "yy"] as const)
      expect(merged[field]).toBeCloseTo(all[field], 3);
  });

  it("give a ratio of sums, and its variance by the residuals of the units", () => {
    const [x, y] = [0, 1].map((i) => units.reduce((sum, unit) => sum + (unit[i] as number), 0));
    const value = (x as number) / (y as number);
    const residuals = units.map(([a, b]) => (a - value * b) ** 2).reduce((sum, square) => sum + square, 0);
    const mean = (y as number) / units.length;
    const found = estimateRatio(all);
    expect(found?.value).toBeCloseTo(value, 6);
    expect(found && found.variance / (residuals / (units.length - 1) / units.length / mean ** 2)).toBeCloseTo(1, 9);
  });

  it("keep the digits of a small variance beside a large mean", () => {
    const moments = [0, 1, 2].map((i) => momentsOf(1e9 + i, 1)).reduce(mergeMoments, noUnits);
    expect(estimateRatio(moments)).toEqual({ units: 3, value: 1e9 + 1, variance: expect.closeTo(1 / 3, 9) });
  });

  it.each([
    ["one unit", momentsOf(1, 1)],
    ["none", noUnits],
    ["units without rows of the kind", mergeMoments(momentsOf(0, 0), momentsOf(0, 0))],
  ])("say nothing of %s", (_, moments) => {
    expect(estimateRatio(moments)).toBeUndefined();
  });
});

describe("the difference of two arms", () => {
  it("varies as both means do, where units of both are alike", () => {
    const [arm, other] = [
      { units: 100, value: 0.4, variance: 0.0024 },
      { units: 300, value: 0.1, variance: 0.0008 },
    ];
    expect(subtractArms(arm, other)).toEqual({ value: expect.closeTo(0.3, 12), variance: expect.closeTo(0.0032, 12) });
  });

  it("takes no unit for less uncertain than those of both arms together", () => {
    // A hundred units that met nothing rare yet, beside 900 of which one in a hundred is.
    const none = { units: 100, value: 0, variance: 0 };
    const some = { units: 900, value: 0.01, variance: 0.0099 / 900 };
    const pooled = (0.0099 * 900) / 1000;
    expect(subtractArms(none, some).variance).toBeCloseTo(pooled / 100 + 0.0099 / 900, 12);
    expect(subtractArms(some, none)).toEqual({ value: 0.01, variance: subtractArms(none, some).variance });
  });
});

describe("confidence sequences", () => {
  it("reach as far as the normal mixture says", () => {
    // Robbins 1970, written out for a standard error of 0.1 and a mixture of deviation 0.3: 9 times as much is known.
    expect(reachBothSides({ variance: 0.01, sought: 0.3, alpha: 0.05 })).toBeCloseTo(
      0.1 * Math.sqrt(((2 * 10) / 9) * Math.log(Math.sqrt(10) / 0.05)),
      12,
    );
    expect(reachOneSide({ variance: 0.01, sought: 0.3, alpha: 0.05 })).toBeCloseTo(
      0.1 * Math.sqrt(((2 * 10) / 9) * Math.log(1 + Math.sqrt(10) / 0.1)),
      12,
    );
  });

  it("reach less far to one side, and further the less may be missed and the less is known", () => {
    const spread = { variance: 0.01, sought: 0.3, alpha: 0.05 };
    expect(reachOneSide(spread)).toBeLessThan(reachBothSides(spread));
    expect(reachBothSides({ ...spread, alpha: 0.01 })).toBeGreaterThan(reachBothSides(spread));
    expect(reachBothSides({ ...spread, variance: 0.02 })).toBeGreaterThan(reachBothSides(spread));
    expect(reachBothSides(spread)).toBeGreaterThan(1.96 * 0.1);
  });
});

describe("the check of the sample ratio", () => {
  const even = (a: number, b: number) =>
    mismatchProbability(
      Math.max(
        0,
        measureMismatch([
          { share: 1, units: a },
          { share: 1, units: b },
        ]),
      ),
    );

  it("is the Bayes factor of the multinomial against a Dirichlet prior", () => {
    // One unit is as likely under the prior as under the allocation; of two alike the prior makes a little more.
    expect(
      measureMismatch([
        { share: 3, units: 1 },
        { share: 1, units: 0 },
      ]),
    ).toBeCloseTo(0, 9);
    expect(
      measureMismatch([
        { share: 1, units: 2 },
        { share: 1, units: 0 },
      ]),
    ).toBeCloseTo(Math.log((500 * 501) / (1000 * 1001) / 0.25), 9);
  });

  it.each<[number, number, boolean]>([
    [5000, 5000, true],
    [5100, 4900, true],
    [5400, 4600, false],
    [60, 0, true],
    [400, 0, false],
    [0, 0, true],
  ])("takes %d and %d for halves: %s", (a, b, passes) => {
    expect(even(a, b) > 0.0005).toBe(passes);
  });
});

describe("the plan of an experiment", () => {
  const asked = { variance: 0.25, minimum: 0.02, shares: [0.5, 0.5] as const, alpha: 0.05, power: 0.8 };

  it("has as many units for a single look as the formula says", () => {
    // (1.95996 + 0.84162)² ⋅ (0.25 / 0.5 + 0.25 / 0.5) / 0.02²
    expect(planExperiment(asked).fixed).toBe(19_623);
    expect(fixedInformation(asked)).toBeCloseTo(7.848_88 / 0.02 ** 2, 0);
  });

  it("takes more units at most where it is watched, and about as many on average", () => {
    const { fixed, most, expected } = planExperiment(asked);
    expect(most / fixed).toBeGreaterThan(1.5);
    expect(most / fixed).toBeLessThan(2);
    expect(expected.minimum / fixed).toBeLessThan(1.15);
    expect(expected.none).toBeLessThan(most);
  });

  it("takes more for an arm that has few, for more power, and for a smaller difference", () => {
    const { most } = planExperiment(asked);
    expect(planExperiment({ ...asked, shares: [0.9, 0.1] }).most).toBeGreaterThan(2.5 * most);
    expect(planExperiment({ ...asked, power: 0.9 }).most).toBeGreaterThan(1.2 * most);
    expect(planExperiment({ ...asked, minimum: 0.01 }).most / most).toBeCloseTo(4, 1);
  });
});

describe("the chances of a sequential comparison", () => {
  const looks = Array.from({ length: 40 }, (_, i) => (i + 1) / 2);

  it("find a difference where there is none less often than alpha, and as often on each side", () => {
    const { better, worse } = computeChances({ looks, minimum: 1, alpha: 0.05 }, 0);
    expect(better + worse).toBeLessThan(0.05);
    expect(better + worse).toBeGreaterThan(0.005);
    expect(better).toBeCloseTo(worse, 9);
  });

  it("come to those of a single look where there is one", () => {
    const [known] = [9];
    const { better } = computeChances({ looks: [known], minimum: 1, alpha: 0.05 }, 1);
    const reach = reachBothSides({ variance: 1 / known, sought: 1, alpha: 0.05 });
    expect(better).toBeCloseTo(normalProbability((1 - reach) * Math.sqrt(known)), 9);
  });

  it("rise with the difference", () => {
    const of = (effect: number) => computeChances({ looks, minimum: 1, alpha: 0.05 }, effect).better;
    expect(of(0.5)).toBeLessThan(of(1));
    expect(of(1)).toBeGreaterThan(0.9);
    expect(of(-1)).toBeLessThan(0.001);
  });
});
