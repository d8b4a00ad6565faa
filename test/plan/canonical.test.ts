/**
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";

describe("toCanonicalJson", () => {
  it.each([
    [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
    [
      { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 },
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    ],
    [[1e21, 1e-7, -0, 333333333.3333333, 4.5, 2e-3], "[1e+21,1e-7,0,333333333.3333333,4.5,0.002]"],
    [{ kept: 1, left: undefined }, '{"kept":1}'],
    ['\u000f\n"\\/', '"\\u000f\\n\\"\\\\/"'],
  ])("writes %j as RFC 8785 does", (value, text) => {
    expect(toCanonicalJson(value)).toBe(text);
  });

  it.each([
    [{ a: [Number.NaN] }, "$.a[0] is NaN"],
    [{ a: Number.POSITIVE_INFINITY }, "$.a is Infinity"],
    [{ f: () => 1 }, "$.f is a function"],
    [{ d: new Date(0) }, "$.d is a Date"],
    [["\ud800"], "$[0] has a lone surrogate"],
    [{ a: { "\ud800": 1 } }, "a key of $.a has a lone surrogate"],
    [[undefined], "$[0] is a undefined"],
    [{ n: 1n }, "$.n is a bigint"],
  ])("refuses %o, naming the place", (value, message) => {
    expect(() => toCanonicalJson(value)).toThrow(message);
  });

  it("gives one text for one value, whatever the order of its keys", () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, shuffled(item)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        if (!JSON.stringify(value).isWellFormed() || /\\ud[89a-f]/i.test(JSON.stringify(value))) return;
        const text = toCanonicalJson(value);
        expect(toCanonicalJson(shuffled(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
