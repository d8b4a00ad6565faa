import { describe, expect, it } from "vitest";
import { cutPage, readPageToken } from "../../../framework/tracking/search/page.ts";
import { readRunFilter, readRunOrders } from "../../../framework/tracking/search/run-search.ts";

describe("what runs have", () => {
  it.each([
    ["metric.a > 1", { entity: "metric", key: "a", comparator: ">", value: 1 }],
    ["parameters.a = '1'", { entity: "param", key: "a", comparator: "=", value: "1" }],
    ["tag.a IS NULL", { entity: "tag", key: "a", comparator: "IS NULL" }],
    ["attr.Created > 1", { entity: "attribute", key: "start_time", comparator: ">", value: 1 }],
    ["run.`Run Name` LIKE 'a'", { entity: "attribute", key: "name", comparator: "LIKE", value: "a" }],
    ["run_id IN ('a')", { entity: "attribute", key: "run_id", comparator: "IN", value: ["a"] }],
    ["datasets.digest IN ('a')", { entity: "dataset", key: "digest", comparator: "IN", value: ["a"] }],
  ])("%s is searched for", (text, clause) => {
    expect(readRunFilter(text)).toEqual([clause]);
  });

  it.each([
    "metrics.a > '1'",
    "metrics.a LIKE 'x'",
    "metrics.a IS NULL",
    "params.a = 1",
    "params.a < '1'",
    "params.a IN ('1')",
    "tags.a > 'x'",
    "start_time = 'x'",
    "start_time LIKE 'x'",
    "status IN ('FINISHED')",
    "status IS NULL",
    "attributes.actor = 'x'",
    "attributes.constructor = 'x'",
    "constructor.a = 'x'",
    "datasets.source = 'x'",
    "models.a = 'x'",
  ])("%s is refused", (text) => {
    expect(() => readRunFilter(text)).toThrow();
  });

  it("are ordered by once each, and not by their datasets", () => {
    expect(readRunOrders(["metrics.a DESC", "params.a"])).toEqual([
      { entity: "metric", key: "a", ascending: false },
      { entity: "param", key: "a", ascending: true },
    ]);
    expect(() => readRunOrders(["metrics.a", "metric.a DESC"])).toThrow("duplicate");
    expect(() => readRunOrders(["created", "start_time"])).toThrow("duplicate");
    expect(() => readRunOrders(["dataset.name"])).toThrow("datasets");
  });
});

describe("a page", () => {
  it("says where the next one begins, and only where there is one", () => {
    const { items, token } = cutPage([1, 2, 3], { offset: 4, size: 2 });
    expect([items, readPageToken(token)]).toEqual([[1, 2], 6]);
    expect(cutPage([1, 2], { offset: 4, size: 2 })).toEqual({ items: [1, 2] });
    expect([readPageToken(undefined), readPageToken("")]).toEqual([0, 0]);
  });
});
