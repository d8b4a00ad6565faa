import { expect, it } from "vitest";
import { mergeEvidence, mergePast } from "../../../framework/serving/processes/merge-evidence.ts";
import { mergeMetrics } from "../../../framework/serving/processes/merge-metrics.ts";
import { mergeStatistics } from "../../../framework/serving/processes/merge-statistics.ts";
import type { Evidence } from "../../../framework/serving/variants/evidence.ts";

it("metrics of processes stand side by side, each with its process", () => {
  const metric = { name: "asked_total", type: "counter", help: "How often." } as const;
  const rare = { name: "rare", type: "gauge", help: "Seldom.", samples: [] } as const;
  const of = (value: number, suffix?: string) => ({ ...(suffix && { suffix }), labels: { route: "infer" }, value });
  const merged = mergeMetrics([
    { process: 0, metrics: [{ ...metric, samples: [of(3), of(1, "_sum")] }] },
    { process: 2, metrics: [rare, { ...metric, samples: [of(4)] }] },
  ]);
  expect(merged).toEqual([
    {
      ...metric,
      samples: [
        { labels: { route: "infer", process: "0" }, value: 3 },
        { suffix: "_sum", labels: { route: "infer", process: "0" }, value: 1 },
        { labels: { route: "infer", process: "2" }, value: 4 },
      ],
    },
    rare,
  ]);
});

it("statistics of processes are added up by model and version", () => {
  const count = (count: number, ns: number) => ({ count, ns });
  const one = {
    name: "late",
    version: "3",
    last_inference: 7,
    inference_count: 10,
    execution_count: 2,
    inference_stats: { success: count(2, 100), fail: count(1, 10), compute_infer: count(2, 50) },
  };
  const other = { ...one, version: "4" };
  expect(
    mergeStatistics([
      { model_stats: [one, other] },
      { model_stats: [{ ...one, last_inference: 5, inference_count: 1 }] },
    ]),
  ).toEqual({
    model_stats: [
      {
        ...one,
        inference_count: 11,
        execution_count: 4,
        inference_stats: { success: count(4, 200), fail: count(2, 20), compute_infer: count(4, 100) },
      },
      other,
    ],
  });
});

it("evidence of processes that have ended is made one, however many they were, and nothing of it is lost", () => {
  const latency = { bounds: [1], counts: [1, 2] };
  const seen = { name: "canary", model: "late", version: 4, package: "b", weight: 0, answered: 2, failed: 1, latency };
  const evidence = { endpoint: "desk", generation: 7, variants: [seen] };
  const past = Array.from({ length: 100 }, () => evidence).reduce<Evidence>(mergePast.evidence, evidence);
  const merged = mergeEvidence({ values: [evidence], past: [past] });
  expect(merged.variants).toMatchObject([{ answered: 204, failed: 102, latency: { counts: [102, 204] } }]);
});

it("evidence of processes is added up by variant, with that of processes that have ended", () => {
  const variant = {
    name: "canary",
    model: "late",
    version: 4,
    package: "b",
    weight: 500,
    answered: 10,
    failed: 1,
    latency: { bounds: [1, 2], counts: [4, 8, 10] },
    compared: { rows: 5, disagreed: 1, failed: 0, skipped: 2 },
  };
  const { compared: _, ...champion } = { ...variant, name: "champion", version: 3, package: "a" };
  const gone = { ...variant, name: "canary", version: 2, package: "c" };
  const merged = mergeEvidence({
    values: [
      { endpoint: "desk", generation: 8, variants: [champion, variant] },
      { endpoint: "desk", generation: 7, variants: [champion] },
    ],
    past: [{ endpoint: "desk", generation: 6, variants: [variant, gone] }],
  });
  expect(merged).toEqual({
    endpoint: "desk",
    generation: 7,
    variants: [
      { ...champion, answered: 20, failed: 2, latency: { bounds: [1, 2], counts: [8, 16, 20] } },
      {
        ...variant,
        answered: 20,
        failed: 2,
        latency: { bounds: [1, 2], counts: [8, 16, 20] },
        compared: { rows: 10, disagreed: 2, failed: 0, skipped: 4 },
      },
    ],
  });
});
