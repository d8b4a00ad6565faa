/**
 * Scales, bars and ticks.
 * @module
 */
import { describe, expect, test } from "vitest";
import { chooseShown, drawBars } from "../../../framework/cli/profile/scale.ts";
import { chooseTicks } from "../../../framework/cli/profile/ticks.ts";
import { readSpread } from "../../../framework/data/profile/read-column.ts";
import { drawShape, shapes } from "../../data/profile/numbers.ts";
import { numbersColumn } from "./pages.ts";

function show(values: Float64Array, type: "number" | "integer" | "timestamp" = "number") {
  const column = numbersColumn("x", values, type);
  if (column.values.kind !== "numbers") throw new TypeError("these are numbers");
  const shown = chooseShown(readSpread(column.values), type, 60);
  if (!shown.scale) throw new TypeError("these have a scale");
  return { ...shown, scale: shown.scale, bars: drawBars(shown.bins, shown.scale) };
}

describe.each(Object.keys(shapes))("bars of numbers that are %s", (shape) => {
  test("hold nearly all values, and follow one another", () => {
    const { bars, zeros } = show(drawShape(shape, 30_000));
    const held = bars.reduce((sum, { count }) => sum + count, 0) + zeros;
    expect(held / 30_000).toBeGreaterThan(0.994);
    expect(held).toBeLessThan(30_001);
    bars.forEach(({ from, to }, index) => {
      expect(to).toBeGreaterThan(from);
      if (index > 0) expect(from).toBe(bars[index - 1]?.to);
    });
  });
});

test("whole numbers have bars of as many each", () => {
  const { bars } = show(
    Float64Array.from({ length: 70_000 }, (_, index) => index % 70),
    "integer",
  );
  expect(bars).toHaveLength(35);
  for (const { count } of bars) expect(count).toBeCloseTo(2000, 6);
});

test.each([
  ["0 … 1000", drawShape("uniform", 10_000), "number", ["200", "400", "600", "800"]],
  ["of one value", new Float64Array(5).fill(0.1), "number", ["-0.4", "-0.2", "0", "0.2", "0.4", "0.6"]],
  [
    "hours",
    Float64Array.from({ length: 600 }, (_, index) => 1_704_100_000_000_000 + index * 60_000_000),
    "timestamp",
    ["12:00", "15:00", "18:00"],
  ],
  [
    "years",
    Float64Array.from({ length: 600 }, (_, index) => index * 864e9),
    "timestamp",
    ["1970", "1975", "1980", "1985"],
  ],
] as const)("ticks of %s stand at round places", (_name, values, type, texts) => {
  const { scale } = show(values, type);
  expect(chooseTicks(scale, type, 5).map(({ text }) => text)).toEqual(texts);
});
