import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createLayout,
  type OnlineValue,
  packRow,
  readRow,
  unpackRow,
} from "../../../framework/features/online/layout.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "\0", "e\u0301", "é", "\u202e", "😀", "ﷺ", "a".repeat(65_536)),
);
const number = fc.oneof(
  fc.double({ noDefaultInfinity: true }),
  fc.constantFrom(0, -0, Number.MAX_VALUE, Number.MIN_VALUE, Number.NaN),
);
const feature = fc.oneof(
  fc.tuple(fc.constant("number" as const), fc.option(number)),
  fc.tuple(fc.constant("boolean" as const), fc.option(fc.boolean())),
  fc.tuple(fc.constant("category" as const), fc.option(text)),
);
const time = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const some = (features: readonly (readonly ["number" | "boolean" | "category", OnlineValue])[]) => ({
  layout: createLayout(features.map(([type], i) => ({ name: `f${i}`, type }))),
  values: features.map(([, value]) => value),
});
const stamp = { eventTime: 1n, asOf: 2n };

describe("a packed row", () => {
  it("gives back what was put, of any layout: nulls for NaN, zeros with their sign, texts of any length", () => {
    const property = fc.property(fc.array(feature, { maxLength: 80 }), time, time, (features, eventTime, asOf) => {
      const { layout, values } = some(features);
      const expected = values.map((value) => (Number.isNaN(value) ? null : value));
      expect(unpackRow(layout, packRow(layout, { values, eventTime, asOf }))).toEqual({
        values: expected,
        eventTime,
        asOf,
      });
    });
    fc.assert(property);
  });

  it("is read into a place, numbers at their features' positions, wherever it lies in memory", () => {
    const property = fc.property(fc.array(feature, { maxLength: 20 }), fc.nat(9), (features, shift) => {
      const { layout, values } = some(features);
      const packed = packRow(layout, { values, ...stamp });
      const memory = Buffer.concat([Buffer.alloc(shift), packed, Buffer.alloc(3)]);
      const numbers = new Float32Array(features.length + 2).fill(7);
      const categories: (string | null)[] = [];
      const row = memory.subarray(shift, shift + packed.length);
      expect(readRow(layout, row, { numbers, at: 1, categories })).toEqual({ state: "found", ...stamp });
      const expected = features.map(([type, value]) =>
        type === "category" ? 7 : value === null ? Number.NaN : Math.fround(Number(value)),
      );
      expect([...numbers]).toEqual([7, ...expected, 7]);
      expect(categories).toEqual(features.flatMap(([type, value]) => (type === "category" ? [value] : [])));
    });
    fc.assert(property);
  });

  it("keeps numbers in 32 bits where that is asked for, in half the room", () => {
    const features = [{ name: "a", type: "number" } as const];
    const [wide, narrow] = [createLayout(features), createLayout(features, { numbers: "float32" })];
    const row = packRow(narrow, { values: [0.1], ...stamp });
    expect(unpackRow(narrow, row)?.values).toEqual([Math.fround(0.1)]);
    expect([wide.fixedSize - wide.numbersAt, narrow.fixedSize - narrow.numbersAt]).toEqual([8, 4]);
    expect(readRow(wide, row)).toEqual({ state: "stale-layout" });
    expect(() => packRow(narrow, { values: [1e300], ...stamp })).toThrow(/32 bits/);
  });

  it.each<[string, "number" | "boolean" | "category", OnlineValue]>([
    ["an infinity", "number", Number.POSITIVE_INFINITY],
    ["a text for a number", "number", "1"],
    ["a number for a text", "category", 1],
    ["a lone surrogate", "category", "\ud800"],
  ])("refuses %s", (_name, type, value) => {
    const { layout } = some([[type, null]]);
    expect(() => packRow(layout, { values: [value], ...stamp })).toThrow(/feature "f0"/);
  });

  it.each([
    ["a name", [{ name: "b", type: "number" }] as const],
    ["a type", [{ name: "a", type: "boolean" }] as const],
    [
      "the order",
      [
        { name: "c", type: "number" },
        { name: "a", type: "number" },
      ] as const,
    ],
    ["the number of features", [] as const],
  ])("is of another layout when %s differs", (_name, other) => {
    const features = [
      { name: "a", type: "number" },
      { name: "c", type: "number" },
    ] as const;
    const row = packRow(createLayout(features), { values: [1, 2], ...stamp });
    expect(readRow(createLayout(other), row)).toEqual({ state: "stale-layout" });
  });

  it("is read as it was kept by what computes from it, a time in milliseconds too", () => {
    const { layout } = some([["number", 1]]);
    const numbers = new Float64Array(1);
    readRow(layout, packRow(layout, { values: [1_704_067_200_123], ...stamp }), { numbers, at: 0 });
    expect([...numbers]).toEqual([1_704_067_200_123]);
  });

  it("is of another layout when its format is another", () => {
    const { layout, values } = some([["number", 1]]);
    const row = packRow(layout, { values, ...stamp });
    row[0] = 2;
    expect(readRow(layout, row)).toEqual({ state: "stale-layout" });
  });

  it("is never read beyond its end: cut short it is damaged or of no layout", () => {
    const { layout, values } = some([
      ["number", 1],
      ["category", "abc"],
    ]);
    const row = packRow(layout, { values, ...stamp });
    const target = () => ({ numbers: new Float32Array(2), at: 0, categories: [] });
    for (let length = 0; length < row.length; length++) {
      const memory = Buffer.concat([row.subarray(0, length), Buffer.alloc(64, 255)]);
      const cut = memory.subarray(0, length);
      if (length < 32) expect(readRow(layout, cut, target())).toEqual({ state: "stale-layout" });
      else expect(() => readRow(layout, cut, target())).toThrow(/shorter than its layout/);
    }
  });
});
