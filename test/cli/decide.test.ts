import { describe, expect, it } from "vitest";
import { names } from "../../framework/cli/commands/decide.ts";

describe("a candidate", () => {
  const digest = "0123456789abcdef";
  it.each([
    ["the whole digest", digest, true],
    ["its beginning", "0123", true],
    ["another digest", "0124", false],
    ["a part that is not its beginning", "cdef", false],
    ["an empty word", "", false],
  ])("is named by %s: %o, %o", (_title, word, named) => {
    expect(names(word, digest)).toBe(named);
  });
});
