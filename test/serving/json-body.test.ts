import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LostFraction, readJson } from "../../framework/serving/json-body.ts";
import { deepest, measureJson, mostKeys } from "../../framework/serving/json-extent.ts";

const read = (text: string) => readJson(Buffer.from(text));

describe("a body of JSON", () => {
  it("is what JSON.parse reads, whatever it is", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom(0, 1, 2), (text, space) => {
        const written = JSON.stringify(JSON.parse(text), undefined, space);
        expect(read(written).document).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":{"b":1,"b":2}}',
    '[{"a":1,"b":{},"b":{}}]',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
  ])("is refused with a key twice: %s", (text) => {
    expect(() => read(text)).toThrow("an object of the body has a key twice");
  });

  it.each([
    '{"a":"b:c:d","e":":"}',
    '{"a\\":b":1,"c":2}',
    '[":",":"]',
    '{"a":{"a":{"a":1}}}',
    '{"__proto__":{"a":1},"a":1}',
  ])("is taken where colons stand in texts, or a key in two objects: %s", (text) => {
    expect(read(text).document).toEqual(JSON.parse(text));
  });

  it("is as deep and as wide as it may be, and no more", () => {
    const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(read(deep(deepest)).document).toBeDefined();
    expect(() => read(deep(deepest + 1))).toThrow("more than 32 deep");
    const wide = (keys: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, 1])));
    expect(read(wide(mostKeys)).document).toBeDefined();
    expect(() => read(wide(mostKeys + 1))).toThrow("more than 10000 keys");
    // Each object by itself.
    expect(read(`[${new Array(3).fill(wide(mostKeys)).join(",")}]`).document).toBeDefined();
    expect(measureJson(Buffer.from('"[[[[" '.repeat(20)))).toEqual({ keys: 0, hasLongNumbers: false });
  });

  it.each([
    ["1.5", "no"],
    ["123456789012345", "no"],
    ["9007199254740993", "no"],
    ["1.0", "no"],
    ["1e2", "no mark"],
    ["1e-400", "mark"],
    ["0.99999999999999999", "mark"],
    ["-4503599627370497.5", "mark"],
    ["1.0000000000000000000", "no mark"],
    ["100000000000000000000e-2", "no mark"],
    ["123e-2", "no mark"],
    ["0e-400", "no mark"],
  ])("tells of %s whether a fraction was lost: %s", (written, told) => {
    const { marked } = read(`{"a":[${written}]}`);
    expect(marked !== undefined).toBe(told !== "no");
    const [value] = (marked?.() as { readonly a: readonly unknown[] } | undefined)?.a ?? [Number(written)];
    expect(value).toEqual(told === "mark" ? new LostFraction(written) : Number(written));
  });
});
