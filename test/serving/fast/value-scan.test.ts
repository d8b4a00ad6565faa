import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ValueScan } from "../../../framework/serving/fast/value-scan.ts";

function scan(text: string, kind: "number" | "boolean" | "text") {
  const reader = new ValueScan(Buffer.from(text));
  return reader[kind]() ? { value: reader.value, at: reader.at } : undefined;
}

describe("a number in bytes", () => {
  it("is the double that JSON.parse reads, to the last bit, and ends where it ends", () => {
    const texts = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toPrecision(9)),
      fc.integer().map(String),
      fc
        .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.stringMatching(/^\d{1,25}$/))
        .map(([whole, part]) => `${whole}.${part}`),
      fc.tuple(fc.integer(), fc.integer({ min: -40, max: 40 })).map(([value, exponent]) => `${value}E${exponent}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const read = scan(`${text},1`, "number");
        expect(Object.is(read?.value, JSON.parse(text))).toBe(true);
        expect(read?.at).toBe(text.length);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(["-0", "0.1", "1e-320", "123456789012345678", "0.30000000000000004", "1.7976931348623157e308", "5e-324"])(
    "is %s",
    (text) => {
      expect(Object.is(scan(text, "number")?.value, JSON.parse(text))).toBe(true);
    },
  );

  it.each(["", "-", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "NaN", "Infinity", "true", '"1"', "[1]", "nul", "٣"])(
    "is not %j",
    (text) => {
      expect(scan(text, "number")).toBeUndefined();
    },
  );

  it("is not as long as a caller may wish", () => {
    expect(scan("1".repeat(10_000), "number")).toBeUndefined();
  });
});

describe("other values in bytes", () => {
  it("are truths and null", () => {
    expect(scan("true]", "boolean")).toEqual({ value: true, at: 4 });
    expect(scan("false]", "boolean")).toEqual({ value: false, at: 5 });
    for (const kind of ["number", "boolean", "text"] as const)
      expect(scan("null,", kind)).toEqual({ value: null, at: 4 });
    for (const text of ["True", "1", "fals", '"true"']) expect(scan(text, "boolean")).toBeUndefined();
  });

  it("are plain texts", () => {
    expect(scan('"ATL",', "text")).toEqual({ value: "ATL", at: 5 });
    expect(scan('""', "text")).toEqual({ value: "", at: 2 });
    for (const text of ['"a', '"a\\n"', '"å"', '"a\u0001"', "1", "a", `"${"a".repeat(10_000)}"`])
      expect(scan(text, "text")).toBeUndefined();
  });
});
