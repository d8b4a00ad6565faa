import { describe, expect, it } from "vitest";
import { copyPlain, readRefusal } from "../../framework/definitions/plain.ts";

/** What is said of the field `x` of a copy. */
const refusalOf = (x: unknown): string | undefined => readRefusal((copyPlain({ x }) as { x: unknown }).x);

describe("a plain copy", () => {
  it("has the same data, without what is undefined, and 0 for −0", () => {
    const given = { text: "a", list: [1, -0, undefined], none: undefined, deep: { truth: false, nothing: null } };
    const copy = copyPlain(given);
    expect(copy).toStrictEqual({ text: "a", list: [1, 0, undefined], deep: { truth: false, nothing: null } });
    expect(copy).not.toBe(given);
  });

  it("takes functions, and what is to be kept, as they are", () => {
    const kept = new Date(0);
    const by = () => 1;
    const copy = copyPlain({ kept, by }, (value) => (value === kept ? value : undefined));
    expect(copy).toEqual({ kept, by });
  });

  it.each<[string, () => unknown, string]>([
    ["an instance of a class", () => new Date(0), "an instance of Date"],
    ["an instance of a class without a name", () => new (class {})(), "an object with a prototype of its own"],
    ["a prototype in a literal", () => ({ __proto__: { a: 1 } }), "an object with a prototype of its own"],
    [
      "an object that cannot be looked at",
      () =>
        new Proxy(
          {},
          {
            ownKeys() {
              throw new TypeError("closed\nfor today");
            },
          },
        ),
      "an object that cannot be read: TypeError: closed",
    ],
  ])("says what stood in the place of data: %s", (_, make, said) => {
    expect(refusalOf(make())).toBe(said);
  });

  it("says of each field by itself that its getter throws", () => {
    const copy = copyPlain({
      get a() {
        throw new Error("no a");
      },
      b: 1,
    }) as { a: unknown; b: unknown };
    expect(readRefusal(copy.a)).toBe("a getter that throws Error: no a");
    expect(copy.b).toBe(1);
  });

  it("ends where a value contains itself, and not where one occurs twice", () => {
    const shared = { a: 1 };
    const circle: Record<string, unknown> = { one: shared, two: shared };
    circle["self"] = circle;
    const copy = copyPlain(circle) as Record<string, unknown>;
    expect([copy["one"], copy["two"]]).toEqual([shared, shared]);
    expect(readRefusal(copy["self"])).toBe("a value that contains itself");
  });

  it("ends where values are nested too deep, or too many", () => {
    let deep: object = {};
    for (let i = 0; i < 10_000; i += 1) deep = { deep };
    expect(JSON.stringify(copyPlain(deep)).length).toBeLessThan(3_000);
    let large: object = {};
    for (let i = 0; i < 60; i += 1) large = { large, again: large };
    expect(readRefusal(copyPlain(large))).toBe("more than 100000 values");
  });

  it("keeps a field that would set a prototype as a field", () => {
    const copy = copyPlain(JSON.parse('{ "__proto__": { "polluted": true } }')) as object;
    expect(Object.keys(copy)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it("tells a team's own symbol from what it says itself", () => {
    expect(readRefusal(Symbol("a getter that throws"))).toBeUndefined();
  });
});
