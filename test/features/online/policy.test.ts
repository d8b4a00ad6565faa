import { describe, expect, it } from "vitest";
import { createLayout } from "../../../framework/features/online/layout.ts";
import { freshnessOf } from "../../../framework/features/online/online-store.ts";
import {
  decideServing,
  type LookedUp,
  type OnlinePolicy,
  type Served,
  writeInstead,
} from "../../../framework/features/online/policy.ts";
import { column, window } from "../given.ts";

const hour = 3_600_000_000n;
const now = 100n * hour;
const found = (hoursAgo: bigint) => ({ state: "found", eventTime: now - hoursAgo * hour, asOf: 0n }) as const;
const absent = { state: "absent" } as const;
const staleLayout = { state: "stale-layout" } as const;
const values = { default: { a: 1 } };

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
  ])("serves %s", (_name, lookedUp, policy, served) => {
    expect(decideServing({ ...lookedUp, now }, policy)).toEqual(served);
  });
});

describe("freshnessOf", () => {
  it("is how many seconds ago the moment lies as of which a table is", () => {
    expect(freshnessOf({ asOf: now - 90_000_000n }, now)).toBe(90);
  });
});

describe("writeInstead", () => {
  const layout = createLayout([
    { name: "a", type: "number" },
    { name: "b", type: "category" },
    { name: "c", type: "boolean" },
  ]);
  const write = (served: Served, policy: OnlinePolicy, more = {}) => {
    const target = { numbers: new Float32Array(4).fill(7), at: 1, categories: ["before"] as (string | null)[] };
    writeInstead(served, { table: { name: "table", layout, ...more }, policy, target });
    return [[...target.numbers], target.categories];
  };

  it.each<[string, Served["serve"], OnlinePolicy, unknown]>([
    ["nothing, never a zero", "null", {}, [[7, Number.NaN, 7, Number.NaN], [null]]],
    [
      "what is declared, and nothing for the rest",
      "default",
      { otherwise: { default: { a: 0.5 } } },
      [[7, 0.5, 7, Number.NaN], [null]],
    ],
    [
      "categories and truths",
      "default",
      { otherwise: { default: { b: "x", c: true } } },
      [[7, Number.NaN, 7, 1], ["x"]],
    ],
    ["not over a row", "row", {}, [[7, 7, 7, 7], ["before"]]],
  ])("writes %s", (_name, serve, policy, expected) => {
    expect(write({ serve, reason: "absent" }, policy)).toEqual(expected);
  });

  it("writes a zero for a count of no rows, and nothing for their sum", () => {
    const over = { by: [], over: "1 day", lag: "1 day" };
    const windows = (["count", "last", "sum"] as const).map((aggregate) => window(aggregate, column("x"), over));
    expect(write({ serve: "empty", reason: "fresh" }, {}, { windows })).toEqual([[7, 0, 7, Number.NaN], [null]]);
  });

  it.each<[Served, RegExp]>([
    [{ serve: "error", reason: "absent", age: 1 }, /no row of this entity.*online-row-absent/s],
    [{ serve: "error", reason: "stale", age: 7200 }, /got 2 hours, expected at most 1 hour.*online-row-stale/s],
    [{ serve: "error", reason: "stale-layout", age: 1 }, /other features.*online-row-stale/s],
  ])("refuses where that is declared: %j", (served, message) => {
    expect(() => write(served, { otherwise: "error", maxAge: "1 hour" })).toThrow(message);
  });

  it("refuses a default that is not of its feature's type", () => {
    expect(() => write({ serve: "default", reason: "absent" }, { otherwise: { default: { a: "1" } } })).toThrow(/"a"/);
  });
});
