import { expect, it } from "vitest";
import { describeLogs } from "../../../framework/serving/log/log-metrics.ts";

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
