import { describe, expect, it } from "vitest";
import { formatParam, formatValue } from "../../framework/comparison/number-text.ts";
import { makeAxis } from "../../framework/comparison/param-axis.ts";

describe("the axis of a parameter", () => {
  it.each<[string, readonly string[], boolean, string]>([
    ["numbers that lie evenly", ["1", "2", "3", "4"], false, "linear"],
    ["numbers that were drawn so", ["0.01", "0.1", "1"], true, "log"],
    ["numbers of many sizes", ["1e-5", "3e-5", "1e-4", "1e-3", "1e-1"], false, "log"],
    [
      "even numbers from next to nothing",
      Array.from({ length: 50 }, (_, i) => String(0.001 + i / 50)),
      false,
      "linear",
    ],
    ["numbers below nought, however they were drawn", ["-1", "10"], true, "linear"],
    ["words", ["gbdt", "dart"], false, "category"],
    ["numbers with a word among them", ["1", "2", "auto"], false, "category"],
    ["numbers with an empty one among them", ["1", ""], false, "category"],
    ["infinities", ["1", "Infinity"], false, "category"],
  ])("of %s", (_title, values, logarithmic, kind) => {
    const axis = makeAxis("p", values, { logarithmic });
    expect(axis.kind).toBe(kind);
    const places = values.map((value) => axis.place(value));
    for (const place of places) expect(place).toSatisfy((at: number) => at >= 0 && at <= 1);
    expect(new Set(places).size).toBe(new Set(values).size);
  });

  it("has its ends where the least and the largest are, the middle of a scale of logarithms between them", () => {
    const axis = makeAxis("rate", ["0.01", "1", "0.1"], { logarithmic: true });
    expect(["0.01", "0.1", "1"].map((value) => axis.place(value))).toEqual([0, 0.5, 1]);
    expect(axis.ticks.map(({ text }) => text)).toEqual(["0.01", "0.1", "1"]);
    expect(axis.place(undefined)).toBeUndefined();
    expect(axis.place(Number.NaN)).toBeUndefined();
  });

  it("has a place for one value alone, and names some of many categories", () => {
    expect(makeAxis("p", ["7", "7"]).place("7")).toBe(0.5);
    const many = makeAxis(
      "p",
      Array.from({ length: 100 }, (_, i) => `c${i}`),
    );
    expect(many.ticks.length).toBeLessThanOrEqual(14);
  });
});

it.each([
  [0.71234567, "0.71235"],
  [31, "31"],
  [1.2e-7, "1.2e-7"],
  [1.5e9, "1.5e9"],
  [0, "0"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-∞"],
])("%s is written %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

it.each([
  ["0.10000000149011612", "0.1"],
  ["2026", "2026"],
  ["x".repeat(40), `${"x".repeat(15)}…${"x".repeat(15)}`],
  ["", ""],
])("the parameter %s is written %s", (value, text) => {
  expect(formatParam(value)).toBe(text);
});
