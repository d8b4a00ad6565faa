import { describe, expect, it } from "vitest";
import { findNearest } from "../../framework/definitions/suggestion.ts";

describe("a suggestion", () => {
  it.each([
    ["licence", "license"],
    ["tolerence", "tolerance"],
    ["onwer", "owner"],
    ["Owner", "owner"],
    ["keys", "key"],
    ["metric", "metrics"],
  ])("for %s is %s", (word, nearest) => {
    expect(findNearest(word, ["license", "tolerance", "owner", "key", "metrics"])).toBe(nearest);
  });

  it.each(["", "sample", "gpu", "x".repeat(10_000)])("is not made for %s", (word) => {
    expect(findNearest(word, ["license", "tolerance", "owner", "key"])).toBeUndefined();
  });
});
