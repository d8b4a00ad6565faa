/**
 * Streams of records as a server leaves them, joined.
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { type JoinTerms, joinLabels, type LabelledRow, streamLabelled } from "../../framework/feedback/join-labels.ts";
import { countLabels, type LabelCounts } from "../../framework/feedback/label-counts.ts";
import { relateLog } from "../../framework/feedback/log-relation.ts";

export interface Joined {
  readonly rows: readonly LabelledRow[];
  readonly counts: LabelCounts;
}

export interface Streams {
  readonly answers: readonly object[];
  readonly told: readonly object[];
  /** @default there is none */
  readonly dataset?: string;
}

/** Calls a function with a database that has the streams, each in a segment with room behind it. */
export async function withStreams<T>(
  { answers, told }: Streams,
  use: (db: DuckDb, sources: { readonly answers: string; readonly labels: string }) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "steward-feedback-"));
  try {
    const segments = join(folder, "segments");
    await mkdir(segments);
    for (const [stream, records] of Object.entries({ requests: answers, feedback: told })) {
      const lines = records.map((record, i) => `${JSON.stringify({ sequence: i + 1, ...record })}\n`).join("");
      await writeFile(join(segments, `${stream}-0000000000000001.jsonl`), `${lines}\0\0\0`);
    }
    return await withDuckDb(folder, async (db) => {
      const relate = (stream: string) => relateLog(db, { address: { endpoint: "e", stream }, folder: segments });
      return use(db, { answers: await relate("requests"), labels: await relate("feedback") });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The join of streams. */
export function joinStreams(streams: Streams, terms: JoinTerms): Promise<Joined> {
  return withStreams(streams, async (db, sources) => {
    await joinLabels(db, { ...sources, ...(streams.dataset !== undefined && { dataset: streams.dataset }) }, terms);
    return { rows: await listLabelled(db), counts: await countLabels(db) };
  });
}

/** The rows of a join that was made. */
export async function listLabelled(db: DuckDb): Promise<readonly LabelledRow[]> {
  const rows: LabelledRow[] = [];
  for await (const row of streamLabelled(db)) rows.push(row);
  return rows;
}
