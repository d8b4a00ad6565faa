/**
 * What of an endpoint's log is in the store, for a status: how much, and what is missing.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { feedbackStream } from "../serving/feedback/feedback-log.ts";
import { type LogReadingStore, listReplicas, type ReplicaHead } from "../serving/log/list-parts.ts";
import { requestStream } from "../serving/log/open-log.ts";
import type { MissingOf } from "./request-text.ts";

/** What is in the store of an endpoint's log. */
export interface LogState {
  /** How many requests and labels are there as tables. */
  readonly requests: number;
  readonly labels: number;
  /** The numbers of either that no record has, by stream and replica; those with none are left out. */
  readonly missing: readonly MissingOf[];
}

/** How long a store that does not answer is waited for, in milliseconds. */
const usualPatience = 3000;

/** Reads it. @returns nothing where the store does not answer in time: a status is shown all the same */
export async function readLogState(
  store: LogReadingStore,
  endpoint: string,
  patience = usualPatience,
): Promise<LogState | undefined> {
  const read = (stream: string) => listReplicas(store, { endpoint, stream });
  const found = await Promise.race([
    Promise.all([read(requestStream), read(feedbackStream)]).catch(() => undefined),
    sleep(patience, undefined, { ref: false }),
  ]);
  if (!found) return undefined;
  const [requests, labels] = found;
  const missing = [...findGaps(requestStream, requests), ...findGaps(feedbackStream, labels)];
  return { requests: countRecords(requests), labels: countRecords(labels), missing };
}

function findGaps(stream: string, replicas: readonly ReplicaHead[]): readonly MissingOf[] {
  return replicas.flatMap(({ replica, head: { missing } }) =>
    missing.length > 0 ? [{ replica, stream, head: { missing } }] : [],
  );
}

function countRecords(replicas: readonly ReplicaHead[]): number {
  return replicas.reduce((sum, { head }) => sum + head.records, 0);
}
