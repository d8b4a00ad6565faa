/**
 * Exports histories: what Temporal would forget goes to the locked bucket, as canonical JSON under its digest.
 * @module
 */
import type { Client } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { formatOf } from "../definitions/format.ts";
import { toCanonicalJson } from "../plan/canonical.ts";

/** What the export needs of a store. */
export interface HistoryStore {
  /** Writes once; the digest of the bytes is kept with them. */
  exportHistory(key: string, bytes: Uint8Array): Promise<unknown>;
}

/** A closed run whose history is in the locked bucket. */
export interface ExportedHistory {
  readonly workflowId: string;
  readonly runId: string;
}

export interface ExportOptions {
  readonly project: string;
  /** Only runs that closed after this moment are looked at. @default all that Temporal still has */
  readonly since?: Date | undefined;
  /** Runs that are not exported again. @default every run is; that changes nothing in the bucket */
  readonly isKnown?: (run: ExportedHistory) => boolean;
}

/**
 * Exports the closed runs of a project, those that continued as new included, in the order in which they closed.
 *
 * @returns the runs that are in the locked bucket now, by this call
 */
export async function exportClosedHistories(
  client: Client,
  store: HistoryStore,
  { project, since, isKnown = () => false }: ExportOptions,
): Promise<ExportedHistory[]> {
  const closed = await listClosedRuns(client, project, since);
  const exported = closed.filter((run) => !isKnown(run));
  for (const run of exported) await store.exportHistory(historyName(run), (await readHistory(client, run)).bytes);
  return exported;
}

/**
 * Exports the open runs of a project as far as they have come, for a stack that is abandoned: each under its name with the
 * number of its last event, beside which its whole history has room should it go on after all.
 *
 * @returns how many there are
 */
export async function exportOpenHistories(client: Client, store: HistoryStore, project: string): Promise<number> {
  let count = 0;
  const query = `WorkflowId STARTS_WITH "${project}/" AND ExecutionStatus = "Running"`;
  for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: 200 })) {
    const { bytes, events } = await readHistory(client, { workflowId, runId });
    await store.exportHistory(`${workflowId}/${runId}@${events}.json`, bytes);
    count++;
  }
  return count;
}

async function readHistory(
  client: Client,
  { workflowId, runId }: ExportedHistory,
): Promise<{ readonly bytes: Uint8Array; readonly events: number }> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const text = toCanonicalJson({ ...JSON.parse(historyToJSON(history)), format: formatOf("history") });
  return { bytes: Buffer.from(text), events: history.events?.length ?? 0 };
}

/** The key of a run's history: `flights/model/late-arrival/<run id>.json`. */
export function historyName({ workflowId, runId }: ExportedHistory): string {
  return `${workflowId}/${runId}.json`;
}

async function listClosedRuns(client: Client, project: string, since: Date | undefined): Promise<ExportedHistory[]> {
  const recent = since ? ` AND CloseTime > "${since.toISOString()}"` : "";
  const query = `WorkflowId STARTS_WITH "${project}/" AND ExecutionStatus != "Running"${recent}`;
  const closed: (ExportedHistory & { readonly at: number })[] = [];
  for await (const { workflowId, runId, closeTime } of client.workflow.list({ query, pageSize: 200 })) {
    closed.push({ workflowId, runId, at: closeTime?.getTime() ?? 0 });
  }
  return closed.sort((a, b) => a.at - b.at);
}
