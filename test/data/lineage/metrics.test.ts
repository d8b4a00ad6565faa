import { expect, it } from "vitest";
import { describeMetrics } from "../../../framework/data/lineage/metrics.ts";
import type { ColumnProfile, Profile } from "../../../framework/data/profile/profile.ts";
import { exampleVersion } from "./versions.ts";

const whole = exampleVersion();
const columns: readonly ColumnProfile[] = [
  {
    name: "amount",
    type: "integer",
    count: 4,
    nulls: 1,
    values: {
      kind: "numbers",
      min: 1,
      max: 10,
      moments: { mean: 4, m2: 0, m3: 0 },
      all: [
        [1, 1],
        [2, 1],
        [3, 1],
        [10, 1],
      ],
    },
  },
  { name: "t", type: "timestamp", count: 5, nulls: 0, values: { kind: "numbers", min: 1, max: 2, all: [[1, 5]] } },
  { name: "none", type: "number", count: 0, nulls: 5, values: { kind: "numbers", all: [] } },
  { name: "vast", type: "number", count: 2, nulls: 3, values: { kind: "numbers", min: -1e308, max: 1e308, all: [] } },
  { name: "word", type: "string", count: 5, nulls: 0, values: { kind: "texts", top: [["a", 5]], unlisted: 0 } },
  { name: "open", type: "boolean", count: 5, nulls: 0, values: { kind: "booleans", false: 2, true: 3 } },
];
const profile: Profile = { format: "dataset-profile/1", rows: 5, columns: [...columns] };

it("a version is measured as a whole and by its columns, of numbers how they are spread", () => {
  expect(describeMetrics({ ...whole, profile })).toEqual({
    rowCount: 5,
    bytes: 11,
    fileCount: 3,
    lastUpdated: whole.takenAt,
    columnMetrics: {
      amount: {
        nullCount: 1,
        distinctCount: 4,
        count: 4,
        min: 1,
        max: 10,
        sum: 16,
        quantiles: { "0.01": 1, "0.05": 1, "0.25": 1, "0.5": 2, "0.75": 3, "0.95": 10, "0.99": 10 },
      },
      t: { nullCount: 0, distinctCount: 1, count: 5 },
      none: { nullCount: 5, distinctCount: 0, count: 0 },
      vast: expect.objectContaining({ min: -1e308, max: 1e308 }),
      word: { nullCount: 0, distinctCount: 1, count: 5 },
      open: { nullCount: 0, distinctCount: 2, count: 5 },
    },
  });
});

it("nothing is measured of a version whose values were not profiled", () => {
  expect(describeMetrics(whole)).toBeUndefined();
});
