import { expect, it } from "vitest";
import { formatLineage } from "../../framework/cli/lineage-text.ts";
import type { VersionLineage } from "../../framework/cli/version-lineage.ts";

const digest = (letter: string) => letter.repeat(64);
const lineage: VersionLineage = {
  dataset: "flights",
  number: 3,
  root: digest("a"),
  rows: 2_999_867,
  quarantined: 133,
  sources: [{ namespace: "npm", name: "vega-datasets/data/flights-3m.parquet", version: digest("b") }],
  files: [{ name: "", fingerprint: digest("b"), rows: 2_999_867 }],
  fileCount: 1,
  trainingSets: [
    {
      identity: digest("c"),
      job: "late-training",
      models: [{ model: "late-arrival", version: 2, package: digest("d") }],
    },
    { identity: digest("e"), models: [] },
  ],
  derived: [{ dataset: "daily", root: digest("f"), number: 7 }],
  scored: [
    {
      dataset: "flights.scored-by.late-arrival",
      root: digest("9"),
      model: "late-arrival",
      version: 2,
      package: digest("d"),
    },
  ],
};

it("a version stands between what it comes from and what was made of it", () => {
  expect(formatLineage(lineage)).toBe(
    `
from npm:vega-datasets/data/flights-3m.parquet, bbbbbbbbbbbb
1 file
  (the source itself)  bbbbbbbbbbbb  2,999,867 rows
→ flights, version 3, root aaaaaaaaaaaa: 2,999,867 rows, 133 quarantined
  → dataset daily, version 7, root ffffffffffff
  → training set cccccccccccc of late-training
    → model late-arrival, version 2 in production, package dddddddddddd
  → training set eeeeeeeeeeee
  → scored: flights.scored-by.late-arrival, root 999999999999, by version 2 of model late-arrival, package dddddddddddd`.slice(
      1,
    ),
  );
});

it("of many files the first are shown, and of a version without number its root", () => {
  const { number: _, ...rest } = lineage;
  const file = { name: "2024/a\u001b[31m.csv", fingerprint: digest("b"), rows: 1 };
  const sources = [
    { namespace: "s3://steward", name: "flights", version: digest("1") },
    { namespace: "file", name: "2024/*.csv" },
  ];
  const text = formatLineage({
    ...rest,
    sources,
    files: [file],
    fileCount: 2_000,
    quarantined: 0,
    trainingSets: [],
    derived: [],
    scored: [],
  });
  expect(text).not.toContain("\u001b");
  expect(text.split("\n").filter((line) => !line.includes("a.csv") && !line.includes("31m"))).toEqual([
    "from s3://steward/flights, 111111111111",
    "from 2024/*.csv",
    "2,000 files",
    "  and 1,999 more",
    "→ flights, root aaaaaaaaaaaa: 2,999,867 rows",
    "  nothing was made of it",
  ]);
});
