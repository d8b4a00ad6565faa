import { describe, expect, it } from "vitest";
import { judgeWhole, type Whole } from "../../framework/data/refusal.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { testSpec } from "./ingesting.ts";

const now = new Date("2024-01-10T00:00:00Z");
const whole: Whole = { rows: 1000, to: "2024-01-08T00:00:00Z", now, file: "things.csv" };
const judge = (contract: Partial<DatasetSpec["contract"]>, change: Partial<Whole> = {}) =>
  judgeWhole(testSpec([], { contract: { violations: "reject", tolerance: 0, ...contract } }), { ...whole, ...change })
    ?.problems;

describe("a source as a whole", () => {
  it.each<[string, Partial<DatasetSpec["contract"]>]>([
    ["says nothing", {}],
    ["allows as many rows, both ends included", { rows: { min: 1000, max: 1000 } }],
    ["has a lower end alone", { rows: { min: 1 } }],
    ["has an upper end alone", { rows: { max: 5000 } }],
    ["allows events as old, to the second", { freshness: "2 days" }],
  ])("is taken where the contract %s", (_, contract) => {
    expect(judge(contract)).toBeUndefined();
  });

  it("is refused with too few or too many rows", () => {
    expect(judge({ rows: { min: 1001, max: 2000 } })).toEqual([
      expect.objectContaining({
        code: "contract-broken",
        at: "things.contract.rows",
        file: "things.csv",
        got: "1,000",
        expected: "at least 1,001",
      }),
    ]);
    expect(judge({ rows: { max: 999 } })).toEqual([expect.objectContaining({ expected: "at most 999" })]);
  });

  it("is refused when its newest event is too old", () => {
    const [problem, ...others] = judge({ freshness: "2 days" }, { to: "2024-01-07T23:59:59.5Z" }) ?? [];
    expect(problem).toMatchObject({
      code: "contract-broken",
      at: "things.contract.freshness",
      got: "2024-01-07T23:59:59.5Z, which is 48 h ago",
      expected: "at most 2 days ago",
    });
    expect(others).toEqual([]);
  });

  it("is as fresh as can be when its events lie ahead, and has no age when it has none", () => {
    expect(judge({ freshness: "1 hour" }, { to: "2025-01-01T00:00:00Z" })).toBeUndefined();
    expect(judge({ freshness: "1 hour" }, { to: "", rows: 0 })).toBeUndefined();
  });

  it("is told everything at once", () => {
    expect(judge({ freshness: "1 hour", rows: { max: 1 } })?.map(({ at }) => at)).toEqual([
      "things.contract.rows",
      "things.contract.freshness",
    ]);
  });
});
