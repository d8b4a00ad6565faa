/**
 * Labels that are hashed or encrypted in the log, revealed for the join: a hash by trying all labels that there are, what is encrypted
 * with the key of its person, while that is there. What is revealed stands in the database of the join alone, and goes with it.
 * @module
 */
import { z } from "zod";
import { mapConcurrently } from "../data/concurrency.ts";
import type { DuckDb } from "../data/duckdb.ts";
import { quoteText } from "../data/sql.ts";
import type { LabelSpec } from "../definitions/feedback-spec.ts";
import { hashLabel, openLabel } from "../serving/feedback/protect-label.ts";
import { SubjectKeys } from "../serving/log/subject-keys.ts";
import type { Entries } from "../store/entries.ts";

export interface Revealing {
  readonly label: LabelSpec;
  /** In milliseconds since 1970: what was recorded later is not counted. */
  readonly asOf: number;
  readonly entries: Pick<Entries, "write" | "read" | "remove">;
  /** What they were protected with, 64 hexadecimal digits. @default nothing is revealed */
  readonly logKey?: string | undefined;
}

export interface RevealedLabels {
  /** The records with their labels as SQL. One that is not revealed is `sealed` instead: the text that stands for it. */
  readonly labels: string;
  /** How many are not: the key of their person was removed, or they were protected with another key. */
  readonly sealed: number;
}

/** So many are revealed at a time. */
const pageRows = 2000;
/** As many keys are read at once. */
const readAtOnce = 32;

const sealedLabel = z.object({ mode: z.string(), subject: z.string().nullable(), sealed: z.string() });
type SealedLabel = z.output<typeof sealedLabel>;

const field = (name: string) => `json_extract_string(more, '$.${name}')`;
// The first says quickly of most records that they are not.
const isProtected = `(contains(more, '"pii"') AND ${field("pii.label")} IS NOT NULL)`;

/** Reveals labels. @param records those of the feedback's stream, as SQL */
export async function revealLabels(db: DuckDb, records: string, revealing: Revealing): Promise<RevealedLabels> {
  await db.run(`CREATE TEMP TABLE protected_labels AS
    SELECT DISTINCT id, replica, sequence, epoch_ms(CAST(${field("recorded")} AS TIMESTAMPTZ)) AS recorded,
      ${field("pii.label")} AS mode, ${field("subject")} AS subject, ${field("label")} AS sealed
    FROM (${records}) WHERE ${isProtected} AND ${field("label")} IS NOT NULL`);
  if ((await count(db, "FROM protected_labels")) === 0) return { labels: records, sealed: 0 };
  await db.run("CREATE TEMP TABLE revealed_labels (subject VARCHAR, sealed VARCHAR, label VARCHAR)");
  await db.run(`CREATE TEMP TABLE sealed_labels AS
    SELECT DISTINCT mode, subject, sealed FROM protected_labels ORDER BY subject`);
  if (revealing.logKey !== undefined) await revealAll(db, revealing, Buffer.from(revealing.logKey, "hex"));
  const same = "o.sealed = p.sealed AND o.subject IS NOT DISTINCT FROM p.subject";
  const sealed = await count(
    db,
    `FROM protected_labels p ANTI JOIN revealed_labels o ON ${same} WHERE p.recorded <= ${revealing.asOf}`,
  );
  const labels = `SELECT r.* EXCLUDE (__is_protected) REPLACE (
      CASE WHEN __is_protected THEN CAST(json_merge_patch(more, json_object('label', o.label,
        'sealed', CASE WHEN o.label IS NULL THEN ${field("label")} END)) AS VARCHAR) ELSE more END AS more)
    FROM (SELECT *, ${isProtected} AS __is_protected FROM (${records})) r
    LEFT JOIN revealed_labels o ON r.__is_protected AND o.sealed = ${field("label")}
      AND o.subject IS NOT DISTINCT FROM ${field("subject")}`;
  return { labels, sealed };
}

async function revealAll(db: DuckDb, { label, entries }: Revealing, key: Buffer): Promise<void> {
  const keys = new SubjectKeys({ entries, key });
  const hashes = new Map(listLabels(label).map((one) => [hashLabel(one, key), one]));
  for (let start = 0; ; start += pageRows) {
    const page = await db.rows(
      `SELECT mode, subject, sealed FROM sealed_labels WHERE rowid >= ${start} AND rowid < ${start + pageRows}`,
      sealedLabel,
    );
    if (page.length === 0) return;
    const owners = await readKeys(keys, page);
    const revealed = page.flatMap(({ mode, subject, sealed }) => {
      const owner = owners.get(subject ?? "");
      const found = mode === "hash" ? hashes.get(sealed) : owner && openLabel(sealed, owner);
      const whose = subject === null ? "NULL" : quoteText(subject);
      return found === undefined ? [] : [`(${whose}, ${quoteText(sealed)}, ${quoteText(String(found))})`];
    });
    if (revealed.length > 0) await db.run(`INSERT INTO revealed_labels VALUES ${revealed.join(", ")}`);
  }
}

async function readKeys(
  keys: SubjectKeys,
  page: readonly SealedLabel[],
): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
  const subjects = [...new Set(page.flatMap(({ mode, subject }) => (mode === "encrypt" && subject ? [subject] : [])))];
  return new Map(await mapConcurrently(subjects, readAtOnce, async (one) => [one, await keys.readNamed(one)] as const));
}

/** All labels that there are; none of a number, which is never hashed. */
function listLabels({ type, values = [] }: LabelSpec): readonly (boolean | string)[] {
  return type === "boolean" ? [true, false] : values;
}

async function count(db: DuckDb, from: string): Promise<number> {
  const [found] = await db.rows(`SELECT count(*) AS count ${from}`, z.object({ count: z.coerce.number() }));
  return found?.count ?? 0;
}
