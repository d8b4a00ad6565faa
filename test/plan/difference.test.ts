/**
 * @module
 */
import { describe, expect, it } from "vitest";
import { compareSpecs } from "../../framework/plan/difference.ts";

describe("compareSpecs", () => {
  it.each([
    ["equal values", { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    [
      "a changed leaf",
      { gates: [{ value: 1 }, { value: 2 }] },
      { gates: [{ value: 1 }, { value: 3 }] },
      [{ path: "gates[1].value", before: 2, after: 3 }],
    ],
    ["an added property", {}, { owner: "a" }, [{ path: "owner", after: "a" }]],
    ["a removed item", ["a", "b"], ["a"], [{ path: "[1]", before: "b" }]],
    [
      "another type",
      { approval: "waived" },
      { approval: { count: 1 } },
      [{ path: "approval", before: "waived", after: { count: 1 } }],
    ],
    ["null and nothing", { a: null }, {}, [{ path: "a", before: null }]],
  ])("tells %s", (_title, before, after, differences) => {
    expect(compareSpecs(before, after)).toEqual(differences);
  });
});
