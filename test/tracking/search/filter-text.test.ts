import { describe, expect, it } from "vitest";
import { readFilter, readOrder } from "../../../framework/tracking/search/filter-text.ts";

describe("a filter", () => {
  it.each([
    ["", []],
    ["  \n ", []],
    ["metrics.loss < 0.5", [{ entity: "metrics", key: "loss", comparator: "<", value: 0.5 }]],
    ["metrics.loss<=-1e-3", [{ entity: "metrics", key: "loss", comparator: "<=", value: -0.001 }]],
    ["metrics.a/b-c.d:e >= 7", [{ entity: "metrics", key: "a/b-c.d:e", comparator: ">=", value: 7 }]],
    ["params.a = 'x'", [{ entity: "params", key: "a", comparator: "=", value: "x" }]],
    ['params.a == "x"', [{ entity: "params", key: "a", comparator: "=", value: "x" }]],
    ["params.a <> 'x'", [{ entity: "params", key: "a", comparator: "!=", value: "x" }]],
    ["tags.`x y` LIKE 'a%'", [{ entity: "tags", key: "x y", comparator: "LIKE", value: "a%" }]],
    [`tags."x y" ilike "a'b"`, [{ entity: "tags", key: "x y", comparator: "ILIKE", value: "a'b" }]],
    ["tags.a = 'it''s'", [{ entity: "tags", key: "a", comparator: "=", value: "it's" }]],
    ["tags.mlflow.source.name = 'AND'", [{ entity: "tags", key: "mlflow.source.name", comparator: "=", value: "AND" }]],
    ["status = 'FINISHED'", [{ key: "status", comparator: "=", value: "FINISHED" }]],
    ["`run name` = 'a'", [{ key: "run name", comparator: "=", value: "a" }]],
    ["run_id IN ('a', \"b\")", [{ key: "run_id", comparator: "IN", value: ["a", "b"] }]],
    ["run_id not in ('a')", [{ key: "run_id", comparator: "NOT IN", value: ["a"] }]],
    ["tags.a IS NULL", [{ entity: "tags", key: "a", comparator: "IS NULL" }]],
    ["tags.a is not null", [{ entity: "tags", key: "a", comparator: "IS NOT NULL" }]],
    [
      "params.a = '1' and metrics.b > 2 AND tags.c != '3'",
      [
        { entity: "params", key: "a", comparator: "=", value: "1" },
        { entity: "metrics", key: "b", comparator: ">", value: 2 },
        { entity: "tags", key: "c", comparator: "!=", value: "3" },
      ],
    ],
    ["tags.é = '☃'", [{ entity: "tags", key: "é", comparator: "=", value: "☃" }]],
  ])("%j is read", (text, clauses) => {
    expect(readFilter(text)).toEqual(clauses);
  });

  it.each([
    "metrics.a",
    "metrics.a >",
    "metrics. > 1",
    "> 1",
    "metrics.a > 1 AND",
    "metrics.a > 1 OR metrics.b > 1",
    "metrics.a > 1 metrics.b > 1",
    "(metrics.a > 1)",
    "metrics.a BETWEEN 1",
    "params.a = b",
    "params.a = 'b",
    "params.a IN ()",
    "params.a IN ('a',)",
    "params.a IN ('a'",
    "params.a IN (1)",
    "params.a IS 'a'",
    "params.a NOT LIKE 'a'",
    "params.a = 'a'; DROP TABLE runs",
    "metrics.a > 1abc",
    "metrics.a > 1 --",
  ])("%j is refused", (text) => {
    expect(() => readFilter(text)).toThrow(/Invalid/);
  });

  it("is refused with more than a hundred clauses, and read in no time whatever it is", () => {
    const clauses = (count: number) => new Array(count).fill("metrics.a > 1").join(" AND ");
    expect(readFilter(clauses(100))).toHaveLength(100);
    expect(() => readFilter(clauses(101))).toThrow("more than 100 clauses");
    const started = performance.now();
    for (const text of ["'".repeat(100_001), " ".repeat(1e6), "a.".repeat(1e5), `x = ${"1".repeat(1e5)}x`]) {
      expect(() => readFilter(`metrics.a = ${text}`)).toThrow(/Invalid/);
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("an order", () => {
  it.each([
    ["metrics.loss", { entity: "metrics", key: "loss", ascending: true }],
    ["metrics.loss asc", { entity: "metrics", key: "loss", ascending: true }],
    ["metrics.`a b` DESC", { entity: "metrics", key: "a b", ascending: false }],
    ["start_time DESC", { key: "start_time", ascending: false }],
    ['"Run Name"', { key: "Run Name", ascending: true }],
  ])("%j is read", (text, order) => {
    expect(readOrder(text)).toEqual(order);
  });

  it.each(["", "DESC DESC DESC", "metrics.a UP", "metrics.a DESC, metrics.b", "= DESC", "metrics."])(
    "%j is refused",
    (text) => {
      expect(() => readOrder(text)).toThrow(/Invalid/);
    },
  );
});
