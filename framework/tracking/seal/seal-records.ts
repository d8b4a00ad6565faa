/**
 * Seals the records that were changed since they were sealed: as documents of the store under write-once names.
 * @module
 */
import { referenceSchema } from "../../store/reference.ts";
import { type Sql, withMoment } from "../database.ts";
import { type RecordKind, readForRecordSeal, recordName } from "./sealed-record.ts";
import type { SealerOptions } from "./sealer.ts";

/** How many changes are looked up at once. */
const someChanges = 500;

interface ChangedRecord {
  readonly kind: RecordKind;
  readonly id: string;
  readonly changes: readonly number[];
}

/** Seals what is due now. @returns whether all of it could be sealed; what could not is reported, and stays due */
export async function sealRecords(options: Pick<SealerOptions, "sql" | "store" | "now" | "report">): Promise<boolean> {
  const { sql, report } = options;
  const failed = new Set<string>();
  for (;;) {
    const changed = await listChanged(sql);
    const due = changed.filter(({ kind, id }) => !failed.has(`${kind} ${id}`));
    if (due.length === 0) return failed.size === 0;
    for (const record of due) {
      // One that cannot be sealed must not keep the others from it.
      await sealRecord(options, record).catch((error: unknown) => {
        failed.add(`${record.kind} ${record.id}`);
        report(`${record.kind} ${record.id} was not sealed: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  }
}

function listChanged(sql: Sql): Promise<ChangedRecord[]> {
  return sql<ChangedRecord[]>`
    SELECT kind, id, array_agg(number)::float8[] AS changes
    FROM (SELECT * FROM record_changes ORDER BY number LIMIT ${someChanges}) AS oldest
    GROUP BY kind, id ORDER BY min(number)`;
}

async function sealRecord(
  { sql, store, now }: Pick<SealerOptions, "sql" | "store" | "now">,
  { kind, id, changes }: ChangedRecord,
): Promise<void> {
  const document = await withMoment(sql, async (moment) => {
    const [last] = await moment<{ number: number }[]>`
      SELECT coalesce(max(number), 0)::int AS number FROM record_seals WHERE kind = ${kind} AND id = ${id}`;
    return readForRecordSeal(moment, { kind, id, number: (last?.number ?? 0) + 1 });
  });
  const { number } = document;
  const made = await store.putJson(document);
  // After an end that came between this and the next statement, the name has its first value, and the next number is taken.
  const { value } = await store.writeOnce(recordName(document), { sha256: made.sha256, size: made.size });
  const { sha256, size } = referenceSchema.parse(value);
  await sql.begin(async (transaction) => {
    await transaction`
      INSERT INTO record_seals ${transaction({ kind, id, number, sha256, size, at: now() })} ON CONFLICT DO NOTHING`;
    // What came while it was read is a change of its own, and is sealed next.
    if (sha256 === made.sha256)
      await transaction`DELETE FROM record_changes WHERE number = ANY(${changes.map(Number)}::bigint[])`;
  });
}
