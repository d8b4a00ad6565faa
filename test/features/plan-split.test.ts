import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatProblems } from "../../framework/definitions/problem.ts";
import { findEmptySplits, planSplit } from "../../framework/features/plan-split.ts";
import { column, trainingJob } from "./given.ts";

const day = 86_400_000_000n;
const hour = 3_600_000_000n;

describe("planSplit", () => {
  it.each([
    {
      title: "counts back from the last event",
      split: { test: "14 days", validation: "7 days", gap: "6 hours" },
      plan: {
        train: { after: -1n, upTo: 79n * day - 12n * hour },
        validation: { after: 79n * day - 6n * hour, upTo: 86n * day - 6n * hour },
        test: { after: 86n * day, upTo: 100n * day },
      },
    },
    {
      title: "lets the splits touch without a gap",
      split: { test: "10 days", validation: "10 days", gap: "0 seconds" },
      plan: {
        train: { after: -1n, upTo: 80n * day },
        validation: { after: 80n * day, upTo: 90n * day },
        test: { after: 90n * day, upTo: 100n * day },
      },
    },
    {
      title: "has one gap where there is no validation",
      split: { test: "10 days", validation: "0 seconds", gap: "1 day" },
      plan: {
        train: { after: -1n, upTo: 89n * day },
        validation: { after: 89n * day, upTo: 89n * day },
        test: { after: 90n * day, upTo: 100n * day },
      },
    },
  ])("$title", ({ split, plan }) => {
    expect(planSplit({ from: 0n, to: 100n * day }, split)).toEqual(plan);
  });

  it("takes the first and the last event, and gives no time to two splits", () => {
    const days = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(
        days,
        days,
        fc.integer({ min: 0, max: 48 }),
        fc.bigInt({ min: 0n, max: 100n * day }),
        (test, validation, gap, time) => {
          const split = { test: `${test} days`, validation: `${validation} days`, gap: `${gap} hours` };
          const plan = planSplit({ from: 0n, to: 100n * day }, split);
          const holds = ({ after, upTo }: { after: bigint; upTo: bigint }, at: bigint) => at > after && at <= upTo;
          expect(Object.values(plan).filter((interval) => holds(interval, time)).length).toBeLessThanOrEqual(1);
          expect([holds(plan.train, 0n), holds(plan.test, 100n * day)]).toEqual([true, true]);
          expect(plan.test.after - plan.validation.upTo).toBe(BigInt(gap) * hour);
          expect(plan.validation.after - plan.train.upTo).toBe(BigInt(gap) * hour);
        },
      ),
    );
  });
});

describe("findEmptySplits", () => {
  const job = trainingJob({
    name: "late",
    features: [{ set: "routes", by: {} }],
    label: column("delay"),
    split: { test: "14 days", validation: "7 days", gap: "6 hours" },
  });
  const extent = { from: 0n, to: 17n * day };

  it("says how long the data are and what the split asks for", () => {
    const problems = findEmptySplits(job, extent, { train: { rows: 0 }, validation: { rows: 3 }, test: { rows: 5 } });
    expect(formatProblems(problems)).toBe(
      '✖ the split leaves no rows for "train" (got 17 days of examples, from 1970-01-01T00:00:00.000Z to ' +
        '1970-01-18T00:00:00.000Z, expected from the end "test" 14 days, "gap" 6 hours, "validation" 7 days, another "gap" ' +
        'of 6 hours, and rows for "train" before) — shorten the split, or ingest data over a longer time\n' +
        "  → at late.split [split-invalid]",
    );
  });

  it("reports every empty split at once", () => {
    const problems = findEmptySplits(job, extent, { train: { rows: 0 }, validation: { rows: 0 }, test: { rows: 5 } });
    expect(problems.map(({ at }) => at)).toEqual(["late.split", "late.split.validation"]);
  });

  it("lets a validation of 0 be empty", () => {
    const without = { ...job, split: { ...job.split, validation: "0 seconds" } };
    expect(
      findEmptySplits(without, extent, { train: { rows: 1 }, validation: { rows: 0 }, test: { rows: 5 } }),
    ).toEqual([]);
  });
});
