/**
 * What is measured of logs on their way into the store.
 * @module
 */
import type { Metric } from "../metrics/metric-text.ts";
import type { Shipper, UnshippedRecords } from "./shipper.ts";

/** The logs of a server. */
export type MeasuredLogs = readonly Pick<Shipper, "stream" | "shipped" | "measure">[];

/** A log as it was measured. */
type MeasuredLog = Shipper["shipped"] & UnshippedRecords & { readonly stream: string };

const described: readonly (Pick<Metric, "name" | "type" | "help"> & { readonly read: (log: MeasuredLog) => number })[] =
  [
    {
      name: "steward_log_gap_records_total",
      type: "counter",
      help: "Numbers of a log that no record has which was brought into the store.",
      read: ({ missing }) => missing,
    },
    {
      name: "steward_log_shipped_records_total",
      type: "counter",
      help: "Records that were brought into the store.",
      read: ({ shippedRecords }) => shippedRecords,
    },
    {
      name: "steward_log_ship_failures_total",
      type: "counter",
      help: "Rounds in which not all that waited could be brought into the store.",
      read: ({ failures }) => failures,
    },
    {
      name: "steward_log_unshipped_records",
      type: "gauge",
      help: "Records that wait to be brought into the store.",
      read: ({ records }) => records,
    },
    {
      name: "steward_log_unshipped_bytes",
      type: "gauge",
      help: "Bytes that records take which wait to be brought into the store.",
      read: ({ bytes }) => bytes,
    },
    {
      name: "steward_log_oldest_unshipped_seconds",
      type: "gauge",
      help: "How long ago the oldest record was written that waits to be brought into the store.",
      read: ({ oldestSeconds }) => oldestSeconds,
    },
  ];

/** Measures logs. What is missing is counted when what lies around it is shipped. Logs of one stream, which lie in several folders, are one. */
export async function describeLogs(logs: MeasuredLogs): Promise<readonly Metric[]> {
  const measured = await Promise.all(
    logs.map(async (log): Promise<MeasuredLog> => ({ ...log.shipped, ...(await log.measure()), stream: log.stream })),
  );
  const streams = new Map<string, MeasuredLog>();
  for (const log of measured) {
    const other = streams.get(log.stream);
    streams.set(log.stream, other ? addLogs(other, log) : log);
  }
  return described.map(({ read, ...metric }) => ({
    ...metric,
    samples: [...streams.values()].map((log) => ({ labels: { stream: log.stream }, value: read(log) })),
  }));
}

function addLogs(a: MeasuredLog, b: MeasuredLog): MeasuredLog {
  return {
    stream: a.stream,
    segments: a.segments + b.segments,
    shippedRecords: a.shippedRecords + b.shippedRecords,
    missing: a.missing + b.missing,
    failures: a.failures + b.failures,
    records: a.records + b.records,
    bytes: a.bytes + b.bytes,
    oldestSeconds: Math.max(a.oldestSeconds, b.oldestSeconds),
  };
}
