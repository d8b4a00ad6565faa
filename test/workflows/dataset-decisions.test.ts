import { describe, expect, it } from "vitest";
import { describeRows, findNews, findRoots, hearOfVersion, joinAsks } from "../../workflows/dataset/decisions.ts";
import type { Ask, DatasetMemory } from "../../workflows/dataset/messages.ts";

const ann = { id: "ann", via: "cli" } as const;
const bob = { id: "bob", via: "cli" } as const;
const schedule: Ask = { why: "schedule" };

describe("two asks", () => {
  it.each<[string, Ask | undefined, Ask, Ask]>([
    ["one alone is itself", undefined, schedule, schedule],
    ["turns of a schedule are one", schedule, schedule, schedule],
    ["a person's counts, before", { why: "asked", actor: ann }, schedule, { why: "asked", actor: ann }],
    ["a person's counts, after", schedule, { why: "asked", actor: bob }, { why: "asked", actor: bob }],
    [
      "the later person counts",
      { why: "asked", actor: ann },
      { why: "asked", actor: bob },
      { why: "asked", actor: bob },
    ],
    [
      "what one wants read again is read again",
      { why: "asked", actor: ann, again: { from: "2024-01-01" } },
      schedule,
      { why: "asked", actor: ann, again: { from: "2024-01-01" } },
    ],
    [
      "ranges are covered, as times",
      { why: "asked", again: { from: "2024-01-01", to: "2024-02-01" } },
      { why: "asked", again: { from: "2023-12-01", to: "2024-01-15" } },
      { why: "asked", again: { from: "2023-12-01", to: "2024-02-01" } },
    ],
    [
      "ranges are covered, as numbers",
      { why: "asked", again: { from: "9", to: "100" } },
      { why: "asked", again: { from: "10", to: "20" } },
      { why: "asked", again: { from: "9", to: "100" } },
    ],
    [
      "an open side stays open",
      { why: "asked", again: { from: "5" } },
      { why: "asked", again: { to: "3" } },
      { why: "asked", again: {} },
    ],
  ])("%s", (_title, before, next, joined) => {
    const { why: _w, ...expected } = joined;
    const { why: _v, ...found } = joinAsks(before, next);
    expect(found).toEqual(expected);
    expect(joinAsks(before, next).why).toBe(joined.actor ? "asked" : next.why);
  });
});

describe("versions upstream", () => {
  it("count by their numbers, however late they are told of", () => {
    const second = hearOfVersion({}, { dataset: "a", version: { root: "r2", number: 2 } });
    expect(hearOfVersion(second, { dataset: "a", version: { root: "r1", number: 1 } })).toEqual(second);
    expect(hearOfVersion(second, { dataset: "a", version: { root: "r3", number: 3 } })).toEqual({
      a: { root: "r3", number: 3 },
    });
    expect(hearOfVersion(second, { dataset: "b", version: {} })).toEqual({ a: { root: "r2", number: 2 }, b: {} });
  });

  it("are told apart from those that are not there", () => {
    expect(findRoots(["a", "b", "c"], { a: { root: "r" }, b: {} })).toEqual({ roots: { a: "r" }, missing: ["b", "c"] });
  });

  it.each<[string, DatasetMemory, readonly string[]]>([
    ["before anything was made", { upstream: { a: { root: "r" } } }, []],
    ["when all is made of them", { upstream: { a: { root: "r" } }, tried: { a: "r" } }, []],
    ["when one has another", { upstream: { a: { root: "r" }, b: { root: "s" } }, tried: { a: "r", b: "t" } }, ["b"]],
    ["when one has its first", { upstream: { a: { root: "r" } }, tried: {} }, ["a"]],
    ["when one has none", { upstream: { a: {} }, tried: {} }, []],
  ])("are news %s", (_title, memory, news) => {
    expect(findNews(memory)).toEqual(news);
  });
});

it("rows are counted in words", () => {
  expect(describeRows({ rows: 1200, quarantined: 3 })).toBe("1,200 rows, 3 quarantined");
  expect(describeRows({ rows: 1, quarantined: 0 })).toBe("1 rows");
});
