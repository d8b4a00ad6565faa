/**
 * Amendments: what was changed in a run after it was sealed, with who and when. The sealed document keeps what it has.
 * @module
 */
import type { AnySql } from "../database.ts";

/** A change of a run. */
export interface Amendment {
  readonly runId: string;
  /** Who made it, as the server knows it. */
  readonly actor: string;
  /** `{ "tag": { "key": "note", "value": "better than it looks" } }`. */
  readonly what: Readonly<Record<string, unknown>>;
}

/** Records changes of runs that were sealed; those are due to be sealed again. */
export async function writeAmendments(sql: AnySql, amendments: readonly Amendment[], at: number): Promise<void> {
  if (amendments.length === 0) return;
  const runIds = amendments.map(({ runId }) => runId);
  await sql`
    INSERT INTO amendments (run_id, at, actor, what)
    SELECT g.run_id, ${at}::bigint, g.actor, g.what::jsonb
    FROM unnest(${runIds}::text[], ${amendments.map(({ actor }) => actor)}::text[],
      ${amendments.map(({ what }) => JSON.stringify(what))}::text[]) AS g(run_id, actor, what)`;
  await sql`UPDATE runs SET seal_due = true WHERE run_id = ANY(${runIds}::text[])`;
}
