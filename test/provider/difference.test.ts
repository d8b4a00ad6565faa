import { describe, expect, it } from "vitest";
import { compareInputs, joinPath, type PropertyDifference } from "../../framework/provider/difference.ts";
import { type Properties, unknown } from "../../framework/provider/values.ts";

const changed = (kind: PropertyDifference["kind"], path: string): PropertyDifference => ({ path, kind, of: "inputs" });

describe("compareInputs", () => {
  it.each<[string, Properties, Properties, readonly PropertyDifference[]]>([
    ["equal inputs", { a: { b: [1, "x"] } }, { a: { b: [1, "x"] } }, []],
    [
      "another value in a list",
      { spec: { gates: [{ value: 1 }, { value: 2 }] } },
      { spec: { gates: [{ value: 1 }, { value: 3 }] } },
      [changed("update", "spec.gates[1].value")],
    ],
    ["a longer list", { list: [1] }, { list: [1, 2] }, [changed("add", "list[1]")]],
    ["a shorter list", { list: [1, 2] }, { list: [1] }, [changed("delete", "list[1]")]],
    ["a new property", {}, { a: 1 }, [changed("add", "a")]],
    ["a removed property", { a: { b: 1 } }, { a: {} }, [changed("delete", "a.b")]],
    ["an object in place of a text", { a: "x" }, { a: { b: 1 } }, [changed("update", "a")]],
    ["a list in place of an object", { a: {} }, { a: [] }, [changed("update", "a")]],
    ["a value that has become unknown", { root: "abc" }, { root: unknown }, [changed("update", "root")]],
    ["two unknowns, which may differ", { root: unknown }, { root: unknown }, [changed("update", "root")]],
    [
      "names that are no identifiers",
      { env: { "A.B": "1" } },
      { env: { "A.B": "2" } },
      [changed("update", 'env["A.B"]')],
    ],
    [
      "several, in order of their paths",
      { b: 1, a: 1 },
      { b: 2, a: 2 },
      [changed("update", "a"), changed("update", "b")],
    ],
  ])("finds %s", (_title, before, after, expected) => {
    expect(compareInputs(before, after)).toEqual(expected);
  });
});

describe("joinPath", () => {
  it.each<[string, PropertyKey, string]>([
    ["", "spec", "spec"],
    ["spec", "late-arrival", "spec.late-arrival"],
    ["spec", 3, "spec[3]"],
    ["spec", 'a"b', 'spec["a\\"b"]'],
    ["", "1st", '["1st"]'],
  ])("joins %j and %j", (path, step, expected) => {
    expect(joinPath(path, step)).toBe(expected);
  });
});
