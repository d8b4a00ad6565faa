import { describe, expect, it } from "vitest";
import { freshnessOf } from "../../../framework/features/online/online-store.ts";
import {
  decideServing,
  findDefault,
  type LookedUp,
  type OnlinePolicy,
  refuseServing,
  type Served,
} from "../../../framework/features/online/policy.ts";

const hour = 3_600_000_000n;
const now = 100n * hour;
const found = (hoursAgo: bigint) => ({ state: "found", eventTime: now - hoursAgo * hour, asOf: 0n }) as const;
const absent = { state: "absent" } as const;
const staleLayout = { state: "stale-layout" } as const;
const values = { a: 1 };

describe("decideServing", () => {
  it.each<[string, Omit<LookedUp, "now">, OnlinePolicy, Served]>([
    ["a row", { row: found(9n), asOf: now - hour }, {}, { serve: "row", reason: "fresh", age: 3600 }],
    [
      "a row of any age, if none is said",
      { row: found(99n), asOf: 0n },
      {},
      { serve: "row", reason: "fresh", age: 360_000 },
    ],
    [
      "a row as old as may be",
      { row: found(9n), asOf: now - hour },
      { maxAge: "1 hour" },
      { serve: "row", reason: "fresh", age: 3600 },
    ],
    ["nothing for no row", { row: absent, asOf: now }, {}, { serve: "null", reason: "absent", age: 0 }],
    [
      "an error for no row",
      { row: absent, asOf: now },
      { otherwise: "error" },
      { serve: "error", reason: "absent", age: 0 },
    ],
    [
      "values for no row",
      { row: absent, asOf: now },
      { otherwise: values },
      { serve: "default", reason: "absent", age: 0 },
    ],
    ["nothing for no table", { row: absent }, { maxAge: "1 hour" }, { serve: "null", reason: "absent" }],
    [
      "nothing of a stale table",
      { row: found(0n), asOf: now - hour - 1n },
      { maxAge: "1 hour" },
      { serve: "null", reason: "stale", age: 3600.000001 },
    ],
    [
      "an error of a stale table",
      { row: found(0n), asOf: 0n },
      { maxAge: "1 hour", otherwise: "error" },
      { serve: "error", reason: "stale", age: 360_000 },
    ],
    [
      "values for a stale table",
      { row: found(0n), asOf: 0n },
      { maxAge: "1 hour", otherwise: values },
      { serve: "default", reason: "stale", age: 360_000 },
    ],
    [
      "that a table is stale before that a row is absent",
      { row: absent, asOf: 0n },
      { maxAge: "1 hour" },
      { serve: "null", reason: "stale", age: 360_000 },
    ],
    [
      "a row as old as its ttl",
      { row: found(2n), asOf: now },
      { ttl: "2 hours" },
      { serve: "row", reason: "fresh", age: 0 },
    ],
    [
      "nothing beyond the ttl, as in training",
      { row: found(3n), asOf: now },
      { ttl: "2 hours", otherwise: "error" },
      { serve: "null", reason: "expired", age: 0 },
    ],
    [
      "an error for another layout",
      { row: staleLayout, asOf: now },
      { otherwise: "error" },
      { serve: "error", reason: "stale-layout", age: 0 },
    ],
    [
      "empty windows for no row",
      { row: absent, asOf: now, ofWindows: true },
      { otherwise: "error" },
      { serve: "empty", reason: "fresh", age: 0 },
    ],
    [
      "no empty windows of a stale table",
      { row: absent, asOf: 0n, ofWindows: true },
      { maxAge: "1 hour" },
      { serve: "null", reason: "stale", age: 360_000 },
    ],
    [
      "no empty windows of no table",
      { row: absent, ofWindows: true },
      { otherwise: "error" },
      { serve: "error", reason: "absent" },
    ],
    [
      "a row that was young enough when the request's row happened",
      { row: found(3n), asOf: now, eventTime: now - 2n * hour },
      { ttl: "2 hours" },
      { serve: "row", reason: "fresh", age: 0 },
    ],
  ])("serves %s", (_name, lookedUp, policy, served) => {
    expect(decideServing({ ...lookedUp, now }, policy)).toEqual(served);
  });
});

describe("freshnessOf", () => {
  it("is how many seconds ago the moment lies as of which a table is", () => {
    expect(freshnessOf({ asOf: now - 90_000_000n }, now)).toBe(90);
  });
});

describe("what is served in the place of a feature", () => {
  it.each<[string, OnlinePolicy, string, unknown]>([
    ["nothing, never a zero, when nothing is declared", {}, "a", null],
    ["nothing when null is declared", { otherwise: "null" }, "a", null],
    ["what is declared of it", { otherwise: { a: 0.5, b: "x", c: false } }, "c", false],
    ["nothing when something is declared of others", { otherwise: { a: 0.5 } }, "b", null],
    ["nothing by a name that every object has", { otherwise: { a: 0.5 } }, "toString", null],
  ])("is %s", (_name, policy, feature, expected) => {
    expect(findDefault(policy, feature)).toBe(expected);
  });

  it("is a refusal that says why, where that is declared", () => {
    const told = (served: Served) => refuseServing(served, { table: "winds.1", maxAge: "1 hour" }).problems[0];
    expect(told({ serve: "error", reason: "absent" })).toMatchObject({ code: "online-row-absent", at: "winds.1" });
    expect(told({ serve: "error", reason: "stale", age: 7200 })).toMatchObject({
      code: "online-row-stale",
      got: "2 hours",
      expected: "at most 1 hour",
    });
    expect(told({ serve: "error", reason: "stale-layout", age: 1 })?.got).toBeUndefined();
  });
});
