import { describe, expect, it } from "vitest";
import { findWait, sortByOrder } from "../../framework/supervisor/order.ts";

const worker = { name: "worker", after: ["temporal", "minio"] };
const temporal = { name: "temporal", after: ["database"] };
const minio = { name: "minio", after: [] };
const database = { name: "database", after: [] };

describe("sortByOrder", () => {
  it("puts each service after those it names, else by name", () => {
    const names = sortByOrder([worker, temporal, minio, database]).map(({ name }) => name);
    expect(names).toEqual(["database", "minio", "temporal", "worker"]);
  });

  it("passes over names that are not declared", () => {
    expect(sortByOrder([worker])).toEqual([worker]);
  });

  it("names the circle", () => {
    const circle = [
      { name: "a", after: ["b"] },
      { name: "b", after: ["c"] },
      { name: "c", after: ["b"] },
    ];
    expect(() => sortByOrder(circle)).toThrow(/got b after c after b.*at c.after|got b after c after b/s);
  });
});

describe("findWait", () => {
  it.each([
    { states: { temporal: "ready", minio: "ready" }, wait: undefined },
    { states: { temporal: "not ready", minio: "ready" }, wait: { reason: "waits for temporal", hopeless: false } },
    {
      states: { temporal: "failed", minio: "not declared" },
      wait: { reason: "waits for temporal (failed), minio (not declared)", hopeless: true },
    },
  ] as const)("yields $wait", ({ states, wait }) => {
    const known = new Map(Object.entries(states));
    expect(findWait(worker, (name) => known.get(name) ?? "not declared")).toEqual(wait);
  });
});
