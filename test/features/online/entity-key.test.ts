import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeKey, type KeyValue } from "../../../framework/features/online/entity-key.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("\0", "\u0001", "a", "ÿ", "😀"), maxLength: 6 }),
);
const number = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 }));
const value: fc.Arbitrary<KeyValue> = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const key = fc.array(value, { maxLength: 3 });

function encode(values: readonly KeyValue[]): Buffer {
  return Buffer.from(encodeKey(values) ?? []);
}

/** As SQL compares: the two zeros are one. */
function same(a: readonly KeyValue[], b: readonly KeyValue[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

describe("encodeKey", () => {
  it("gives equal keys equal bytes and others others", () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(encode(a).equals(encode(b))).toBe(same(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it("tells values apart that run together", () => {
    const keys: KeyValue[][] = [
      ["a", "b"],
      ["ab", ""],
      ["", "ab"],
      ["ab"],
      ["a\0", "b"],
      ["a", "\0b"],
      [],
      [""],
      ["", ""],
    ];
    expect(new Set(keys.map((one) => encode(one).toString("hex"))).size).toBe(keys.length);
  });

  it("has the two zeros as one entity", () => {
    expect(encode([-0])).toEqual(encode([0]));
  });

  it("orders bytes as values", () => {
    const compareTexts = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    const ordered = <T extends KeyValue>(one: fc.Arbitrary<T>, compare: (a: T, b: T) => number) =>
      fc.assert(
        fc.property(one, one, (a, b) => {
          expect(Math.sign(Buffer.compare(encode([a]), encode([b])))).toBe(Math.sign(compare(a, b)));
        }),
        { numRuns: 500 },
      );
    ordered(text, compareTexts);
    ordered(number, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
    ordered(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (a, b) => (a < b ? -1 : a > b ? 1 : 0));
  });

  it("names what is long by its digest", () => {
    const [a, b] = [encode(["x".repeat(65_536)]), encode(["x".repeat(65_535)])];
    expect([a.length, b.length, a.equals(b)]).toEqual([33, 33, false]);
  });

  it.each([[null], [undefined], [Number.NaN], ["\ud800"], ["a\udc00b"]])("names no entity by %j", (one) => {
    expect(encodeKey(["a", one])).toBeUndefined();
  });
});
