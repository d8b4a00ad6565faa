import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ExpressionTree } from "../../framework/definitions/expression-tree.ts";
import { compileFunction, compileRow, type RowValues, type Scalar } from "../../framework/features/compile-function.ts";
import { hashText } from "../../framework/features/operators.ts";
import { column, features, literal, window } from "./given.ts";
import { codePoint } from "./some-expressions.ts";

const noWindow = () => -1;
const compute = (tree: ExpressionTree, row: RowValues = {}) => compileFunction(tree, noWindow)(row, []);
const text = (value: string) => literal(value);
const nothing = column("nothing");
const time = (iso: string) => ({ t: new Date(iso) });
const t = column("t");

describe("compileFunction", () => {
  it.each<[string, ExpressionTree, Scalar]>([
    ["7 mod −4, with the sign of the 7", { op: "modulo", left: literal(7), right: literal(-4) }, 3],
    ["7 mod 0", { op: "modulo", left: literal(7), right: literal(0) }, null],
    ["7 ÷ 0", { op: "divide", left: literal(7), right: literal(0) }, null],
    ["the root of −1", { op: "sqrt", of: literal(-1) }, null],
    ["the logarithm of 0", { op: "log", of: literal(0) }, null],
    ["−8 to the power of a third", { op: "power", left: literal(-8), right: literal(1 / 3) }, null],
    ["−2.5 rounded, away from 0", { op: "round", of: literal(-2.5) }, -3],
    ["0.49999999999999994 rounded", { op: "round", of: literal(0.49999999999999994) }, 0],
    ["the least of 1 and null", { op: "least", left: literal(1), right: nothing }, null],
    ["false and null", { op: "and", left: nothing, right: literal(false) }, false],
    ["true or null", { op: "or", left: nothing, right: literal(true) }, true],
    ["true and null", { op: "and", left: literal(true), right: nothing }, null],
    ["a condition that is null", { op: "when", condition: nothing, value: literal(1), otherwise: literal(2) }, 2],
    ["null or else 3", { op: "orElse", left: nothing, right: literal(3) }, 3],
    ["whether null is null", { op: "isNull", of: nothing }, true],
    ["Ä lowered: no letter of A to Z", { op: "lower", of: text("ÄB") }, "Äb"],
    ["a text between spaces, a no-break one too", { op: "trim", of: text("\t \u00a0a \n") }, "\u00a0a"],
    ["the length of an emoji", { op: "length", of: text("a😀") }, 2],
    ["a slice around an emoji", { op: "slice", of: text("a😀bc"), from: 1, to: 3 }, "😀b"],
    ["a slice past the end", { op: "slice", of: text("ab"), from: 5 }, ""],
    ["a number at a bound", { op: "bucket", of: literal(18), bounds: [18, 30] }, 1],
    ["a text that a table lacks", { op: "map", of: text("x"), cases: [{ is: "a", gives: 1 }] }, null],
    ["null in a table", { op: "map", of: nothing, cases: [{ is: "a", gives: 1 }], otherwise: 0 }, 0],
    ["what every object inherits", column("constructor"), null],
  ])("computes %s", (_, tree, expected) => {
    expect(compute(tree)).toEqual(expected);
  });

  it.each<[string, string, number | boolean]>([
    ["2021-01-03T00:00:00Z", "weekOfYear", 53],
    ["2024-12-30T00:00:00Z", "weekOfYear", 1],
    ["-000029-01-01T00:00:00Z", "weekOfYear", 53],
    ["2024-12-31T23:59:59.999Z", "dayOfYear", 366],
    ["1900-03-01T00:00:00Z", "dayOfYear", 60],
    ["2024-12-31T23:59:59.999Z", "quarter", 4],
    ["2024-12-31T23:59:59.999Z", "second", 59],
    ["2024-06-02T00:00:00Z", "isWeekend", true],
    ["2024-06-03T00:00:00Z", "isWeekend", false],
  ])("reads of %s the %s", (iso, op, expected) => {
    expect(compute({ op: op as "hour", of: t }, time(iso))).toBe(expected);
  });

  it("counts the seconds between two times", () => {
    const row = { t: new Date("2024-01-01T00:00:00.250Z"), u: new Date("2024-01-02T00:00:00.000Z") };
    expect(compute({ op: "secondsSince", left: t, right: column("u") }, row)).toBe(-86_399.75);
  });

  it("hashes a text as it is documented", () => {
    // The SHA-256 of "abc" begins with ba7816bf.
    expect(hashText("abc", 1_000_000)).toBe(0xba7816bf % 1_000_000);
  });

  it("fills buckets evenly", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 16_000; i++)
      counts.set(hashText(`user-${i}`, 16), (counts.get(hashText(`user-${i}`, 16)) ?? 0) + 1);
    expect(counts.size).toBe(16);
    expect(Math.min(...counts.values())).toBeGreaterThan(850);
  });

  it("counts and slices code points as an iterator does", () => {
    const property = fc.property(fc.string({ unit: codePoint }), fc.nat(6), fc.nat(6), (value, from, length) => {
      const points = [...value];
      expect(compute({ op: "length", of: text(value) })).toBe(points.length);
      const slice: ExpressionTree = { op: "slice", of: text(value), from, to: from + length };
      expect(compute(slice)).toBe(points.slice(from, from + length).join(""));
    });
    fc.assert(property);
  });
});

describe("compileRow", () => {
  const past = { by: [column("origin")], over: "1 day", lag: "1 hour" };
  const mean = window("mean", column("delay"), past);
  const set = features("routes", "flights", {
    step: { op: "subtract", left: mean, right: window("max", column("delay"), past) },
    ratio: { op: "divide", left: column("distance"), right: mean },
    huge: { op: "multiply", left: literal(1e300), right: column("distance") },
    far: ["boolean", { op: "gt", left: column("distance"), right: literal(1) }],
    origin: ["category", { op: "category", of: column("origin") }],
  });
  const compiled = compileRow(set);

  it("names its features, and the windows whose values it takes, each once", () => {
    expect(compiled.features).toEqual(["step", "ratio", "huge", "far", "origin"]);
    expect(compiled.windows.map(({ aggregate }) => aggregate)).toEqual(["mean", "max"]);
  });

  it("computes all features; what overflows is null", () => {
    expect(compiled.compute({ distance: 1e10, origin: "SEA" }, [4, 6])).toEqual([-2, 2.5e9, null, true, "SEA"]);
    expect(compiled.compute({ distance: 1 }, [])).toEqual([null, null, 1e300, false, null]);
  });

  it("adds them to what other sets computed", () => {
    expect(compiled.compute({ distance: 1 }, [1, 1], ["before"])).toEqual(["before", 0, 1, 1e300, false, null]);
  });
});
