/**
 * The table of a profile.
 * @module
 */
import { expect, test } from "vitest";
import { drawSparkline, formatProfileTable } from "../../../framework/cli/profile/table.ts";
import { testPage } from "./pages.ts";

test("a table fits a hundred characters, one line a column, and shows nothing that a terminal obeys", () => {
  const lines = formatProfileTable(testPage().profile);
  expect(lines).toHaveLength(11);
  expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(100);
  expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(lines.find((line) => line.includes("week day"))).toMatch(
    /^ {2}week day +int +0% +7 +0 +3 +6 +███████ +14\.3% 0$/,
  );
  expect(lines.find((line) => line.includes("nothing"))).toMatch(/^ {2}nothing +num +100% +0$/);
  expect(lines.find((line) => line.startsWith("  text"))).toMatch(/25% +3 +0 long +30 long +█▃▃ +60% <scr…/);
});

test("a sparkline shows what is little as little, and what is nothing as nothing", () => {
  expect(drawSparkline([0, 1, 500, 1000])).toBe(" ▁▅█");
});
