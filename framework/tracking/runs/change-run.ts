/**
 * Changes of a run as a whole: made, ended, renamed, deleted, restored.
 * @module
 */
import type { AnySql, Sql } from "../database.ts";
import { missing } from "../tracking-failure.ts";
import { writeAmendments } from "./amendment.ts";
import { refuseRun } from "./decide-entries.ts";
import type { RunRow } from "./read-runs.ts";
import { actorTag, type KeyValue } from "./run-entry.ts";

/** How a run may be. */
export const runStatuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Whether a run of a status has come to its end. */
function isEnded(status: string): boolean {
  return status === "FINISHED" || status === "FAILED" || status === "KILLED";
}

/** A run that is to be made. */
export interface NewRun {
  readonly runId: string;
  readonly experimentId: number;
  readonly name: string;
  /** As the client says. */
  readonly userId: string;
  /** As the server knows. */
  readonly actor: string;
  readonly startTime: number;
  readonly artifactUri: string;
  readonly tags: readonly KeyValue[];
}

/** Makes a run. Made again under the same id, it is there once. */
export async function insertRun(sql: Sql, run: NewRun): Promise<void> {
  const { runId, experimentId, name, userId, actor, startTime, artifactUri } = run;
  const tags = new Map(run.tags.map(({ key, value }) => [key, value]));
  tags.set("mlflow.runName", name);
  tags.set(actorTag, actor);
  await sql`
    WITH made AS (
      INSERT INTO runs (run_id, experiment_id, name, status, user_id, actor, start_time, artifact_uri)
      VALUES (${runId}, ${experimentId}, ${name}, 'RUNNING', ${userId}, ${actor}, ${startTime}, ${artifactUri})
      ON CONFLICT DO NOTHING
    )
    INSERT INTO tags (run_id, key, value)
    SELECT ${runId}, * FROM unnest(${[...tags.keys()]}::text[], ${[...tags.values()]}::text[])
    ON CONFLICT DO NOTHING`;
}

/** What is to be changed of a run. */
export interface RunChange {
  /** @default as it is */
  readonly status?: RunStatus | undefined;
  /** @default as it is */
  readonly endTime?: number | undefined;
  /** @default as it is */
  readonly name?: string | undefined;
}

/** Who changes a run, and when. */
export interface Change {
  readonly runId: string;
  readonly actor: string;
  readonly now: number;
}

/** Changes a run's status, end or name. @throws TrackingFailure 404, 400 for a deleted one */
export async function updateRun(sql: Sql, { runId, actor, now }: Change, change: RunChange): Promise<RunRow> {
  return sql.begin(async (transaction) => {
    const before = await lockRun(transaction, runId);
    const failure = refuseRun(runId, before);
    if (failure) throw failure;
    const { status = before.status, endTime = before.end_time, name = before.name } = change;
    const isDue = isEnded(status);
    const [run] = await transaction<RunRow[]>`
      UPDATE runs SET status = ${status}, end_time = ${endTime}, name = ${name}, seal_due = seal_due OR ${isDue}
      WHERE run_id = ${runId} RETURNING *`;
    if (name !== before.name) {
      await transaction`
        INSERT INTO tags (run_id, key, value) VALUES (${runId}, 'mlflow.runName', ${name})
        ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value`;
    }
    await amend(transaction, { run: before, actor, now }, { run: { status, endTime, name } });
    return run as RunRow;
  });
}

/** Deletes a run, or takes it back: it is hidden, and nothing of it is lost. @throws TrackingFailure 404 */
export async function moveRun(sql: Sql, { runId, actor, now }: Change, stage: "active" | "deleted"): Promise<void> {
  await sql.begin(async (transaction) => {
    const before = await lockRun(transaction, runId);
    if (before.lifecycle_stage === stage) return;
    await transaction`
      UPDATE runs SET lifecycle_stage = ${stage}, deleted_time = ${stage === "deleted" ? now : null}
      WHERE run_id = ${runId}`;
    await amend(transaction, { run: before, actor, now }, { lifecycle: stage });
  });
}

/** Removes a tag. @throws TrackingFailure 404 where the run, or the tag, is not there */
export async function deleteRunTag(sql: Sql, { runId, actor, now }: Change, key: string): Promise<void> {
  await sql.begin(async (transaction) => {
    const run = await lockRun(transaction, runId);
    const failure = refuseRun(runId, run);
    if (failure) throw failure;
    const { count } = await transaction`DELETE FROM tags WHERE run_id = ${runId} AND key = ${key}`;
    if (count === 0) throw missing(`No tag with name: ${key} in run with id ${runId}`);
    await amend(transaction, { run, actor, now }, { "deleted-tag": { key } });
  });
}

async function lockRun(sql: AnySql, runId: string): Promise<RunRow> {
  const [run] = await sql<RunRow[]>`SELECT * FROM runs WHERE run_id = ${runId} FOR NO KEY UPDATE`;
  if (run) return run;
  throw missing(`Run with id=${runId} not found`);
}

async function amend(
  sql: AnySql,
  { run, actor, now }: { readonly run: RunRow; readonly actor: string; readonly now: number },
  what: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (run.seals > 0) await writeAmendments(sql, [{ runId: run.run_id, actor, what }], now);
}
