/**
 * The metrics of several processes of one server as those of one: each value says of which process it is. Pure.
 * @module
 */
import type { Metric, Sample } from "../metrics/metric-text.ts";

/** What one process counted. */
export interface ProcessMetrics {
  /** Counts from 0. */
  readonly process: number;
  readonly metrics: readonly Metric[];
}

/** Puts the values of each metric beside each other. */
export function mergeMetrics(all: readonly ProcessMetrics[]): readonly Metric[] {
  const merged = new Map<string, { readonly metric: Metric; readonly samples: Sample[] }>();
  for (const { process, metrics } of all) {
    for (const metric of metrics) {
      const samples: Sample[] = merged.get(metric.name)?.samples ?? [];
      merged.set(metric.name, { metric, samples });
      for (const sample of metric.samples)
        samples.push({ ...sample, labels: { ...sample.labels, process: String(process) } });
    }
  }
  return [...merged.values()].map(({ metric, samples }) => ({ ...metric, samples }));
}
