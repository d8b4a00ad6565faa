/**
 * The answer to `GET /metrics`: what was counted, and how old the features are that are looked up.
 * @module
 */
import { freshnessOf, nowInMicroseconds, type TableStatus } from "../../features/online/online-store.ts";
import { describeLogs, type MeasuredLogs } from "../log/log-metrics.ts";
import type { Metric } from "./metric-text.ts";
import { type CountedVariant, describeModelMetrics, describeUnseenMetrics } from "./model-metrics.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** What of the online tables is read. */
export interface TableStatuses {
  /** What is in force of each table, by its name. */
  statuses(): Promise<ReadonlyMap<string, TableStatus | undefined>>;
}

/** What beside the counters is read. */
export interface ReadSources {
  readonly tables: TableStatuses;
  readonly variants: readonly CountedVariant[];
  readonly logs: MeasuredLogs;
}

/** Reads all metrics. */
export async function readMetrics(
  metrics: ServerMetrics,
  { tables, variants, logs }: ReadSources,
): Promise<readonly Metric[]> {
  const statuses = await tables.statuses();
  const { requests, durations, predictions, rows, lookups, labels, spans } = metrics;
  return [
    ...[requests, durations, predictions, rows, lookups, labels, spans].map((each) => each.read()),
    ...describeModelMetrics(variants),
    ...describeUnseenMetrics(variants),
    ...describeTables(statuses, nowInMicroseconds()),
    ...(await describeLogs(logs)),
  ];
}

/** The metrics of tables. Pure. */
export function describeTables(statuses: ReadonlyMap<string, TableStatus | undefined>, now: bigint): readonly Metric[] {
  const present = [...statuses].flatMap(([table, status]) => (status ? [{ labels: { table }, status }] : []));
  return [
    {
      name: "steward_online_freshness_seconds",
      type: "gauge",
      help: "How long ago the moment lies as of which a table of the online store is.",
      samples: present.map(({ labels, status }) => ({ labels, value: freshnessOf(status, now) })),
    },
    {
      name: "steward_online_rows",
      type: "gauge",
      help: "The entities that a table of the online store has.",
      samples: present.map(({ labels, status }) => ({ labels, value: status.rows })),
    },
  ];
}
