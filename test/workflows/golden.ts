/**
 * Golden histories: runs of every workflow type, kept so that later code is held to replay them.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Client } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";

export const historiesFolder = join(import.meta.dirname, "../histories");

/** Whether this run of the tests records: `STEWARD_RECORD=1 npx vitest run --project unit test/workflows`. */
const recording = process.env["STEWARD_RECORD"] === "1";

/** Keeps the history of a run as `test/histories/<type>/<path>.json`, when recording. */
export async function keepHistory(client: Client, name: string, workflowId: string, runId?: string): Promise<void> {
  if (!recording) return;
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const text = JSON.stringify(withoutUnread(JSON.parse(historyToJSON(history))));
  const file = join(historiesFolder, `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${text}\n`);
}

/** What no replay reads: stack traces, which name folders of the machine that recorded, and the contents of memos. The SDK's flags are read. */
const unread = new Set(["stackTrace", "upsertedMemo", "memo", "identity", "workerVersion", "meteringMetadata"]);

function withoutUnread(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnread);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !unread.has(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutUnread(inner)]));
}
