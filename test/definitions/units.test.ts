import { describe, expect, it } from "vitest";
import { formatDuration } from "../../framework/definitions/units.ts";

describe("a duration for people", () => {
  it.each<[number, string]>([
    [0, "0 s"],
    [0.04, "0 s"],
    [0.44, "0.4 s"],
    [9.94, "9.9 s"],
    [9.96, "10 s"],
    [12.4, "12 s"],
    [59.4, "59 s"],
    [59.6, "1 min"],
    [61, "1 min 1 s"],
    [200, "3 min 20 s"],
    [3599.4, "59 min 59 s"],
    [3599.6, "1 h"],
    [3629, "1 h"],
    [7500, "2 h 5 min"],
    [10_790, "3 h"],
    [90_000, "25 h"],
    [258_000, "71 h 40 min"],
    [259_200, "3 days"],
    [801_730_440, "9279 days 7 h"],
  ])("of %f seconds is %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
