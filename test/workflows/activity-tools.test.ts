import { expect, it } from "vitest";
import type { Progress } from "../../framework/data/progress.ts";
import { formatProgress } from "../../workflows/activity-tools.ts";

const reading = { phase: "reading", unit: "rows" } as const;

it.each<[Progress, string]>([
  [{ phase: "windows", done: 1_200_000, total: 3_000_000, unit: "rows" }, "windows: 1,200,000 of 3,000,000 rows"],
  [{ phase: "joining", done: 12.4, unit: "percent" }, "joining: 12 percent"],
  [
    { ...reading, done: 1_200_000, files: { done: 3, total: 40 }, bytes: { done: 85_000_000, total: 1_200_000_000 } },
    "reading 3 of 40 files, 1,200,000 rows, 85 MB of 1.2 GB",
  ],
  [{ ...reading, done: 0, files: { done: 0, total: 1 }, bytes: { done: 5_000, total: 9_000 } }, "reading 5 kB of 9 kB"],
])("progress is one line: %j", (progress, line) => {
  expect(formatProgress(progress)).toBe(line);
});
