import { afterEach, describe, expect, it } from "vitest";
import { requireOriginals } from "../../framework/definitions/prototype.ts";

const added = "steward-test";

function add(prototype: object, enumerable: boolean): void {
  Object.defineProperty(prototype, added, { value: () => 1, enumerable, configurable: true });
}

describe("a changed prototype", () => {
  afterEach(() => {
    for (const prototype of [Object.prototype, Array.prototype]) Reflect.deleteProperty(prototype, added);
  });

  it.each([
    ["all objects", Object.prototype, false],
    ["all lists, by an assignment", Array.prototype, true],
  ])("is refused of %s", (_, prototype, enumerable) => {
    add(prototype, enumerable);
    expect(() => requireOriginals()).toThrow(added);
  });

  it("is taken of all lists from a polyfill, which nothing reads unasked", () => {
    add(Array.prototype, false);
    expect(() => requireOriginals()).not.toThrow();
  });
});
