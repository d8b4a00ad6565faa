import { expect, it } from "vitest";
import { takeNew } from "../../framework/cli/new-records.ts";
import type { RecordRow } from "../../framework/serving/log/record-columns.ts";

const rows = (...numbers: readonly (readonly [replica: string, sequence: number])[]) =>
  numbers.map(([replica, sequence]) => ({ replica, sequence: String(sequence) })) as unknown as RecordRow[];

it("each record is new once, in whatever order those of a moment come", () => {
  const shown = new Map<string, number>();
  expect(takeNew(rows(["a", 3], ["a", 1], ["b", 1], ["a", 2]), shown)).toHaveLength(4);
  expect(takeNew(rows(["a", 2], ["a", 5], ["a", 4], ["b", 1]), shown)).toEqual(rows(["a", 5], ["a", 4]));
  expect(takeNew(rows(["a", 5], ["b", 2]), shown)).toEqual(rows(["b", 2]));
});
