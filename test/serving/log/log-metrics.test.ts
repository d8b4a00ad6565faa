import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { describeLogs } from "../../../framework/serving/log/log-metrics.ts";
import { writeMetrics } from "../../../framework/serving/metrics/metric-text.ts";

it("logs of one stream in several folders are one value of each metric", async () => {
  const measure = (records: number) => async () => ({ records, bytes: 10 * records, oldestSeconds: records });
  const shipped = { segments: 1, shippedRecords: 2, missing: 3, failures: 4 };
  const logs = [
    { stream: "requests", shipped, measure: measure(5) },
    { stream: "feedback", shipped, measure: measure(1) },
    { stream: "requests", shipped, measure: measure(7) },
  ];
  const metrics = new Map((await describeLogs(logs)).map(({ name, samples }) => [name, samples]));
  const valuesOf = (name: string) => metrics.get(name)?.map(({ labels, value }) => [labels?.["stream"], value]);
  expect(valuesOf("steward_log_gap_records_total")).toEqual([
    ["requests", 6],
    ["feedback", 3],
  ]);
  expect(valuesOf("steward_log_unshipped_records")).toEqual([
    ["requests", 12],
    ["feedback", 1],
  ]);
  expect(valuesOf("steward_log_oldest_unshipped_seconds")).toEqual([
    ["requests", 7],
    ["feedback", 1],
  ]);
});

it("the alerts that the documentation proposes are of metrics that a server tells", async () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "operations.md"), "utf8");
  const [, text = ""] = /```yaml\n(groups:\n[\s\S]*?)```/.exec(page) ?? [];
  const { groups } = parse(text) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const rules = groups.flatMap(({ rules: own }) => own);
  expect(rules.map(({ alert }) => alert)).toContain("StewardLogGap");
  const shipped = { segments: 1, shippedRecords: 2, missing: 3, failures: 4 };
  const measure = async () => ({ records: 1, bytes: 10, oldestSeconds: 1 });
  const told = writeMetrics(await describeLogs([{ stream: "requests", shipped, measure }]));
  for (const { expr } of rules) {
    const names = expr.match(/steward_\w+/g) ?? [];
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(told).toContain(`\n${name}{stream="requests"} `);
  }
});
