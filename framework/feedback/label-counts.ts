/**
 * What there is of labels by themselves, in the tables of `joinLabels`: how many came, and those that are of no one answer.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "../data/duckdb.ts";

/** Rows of answers as labels name them. */
export interface NamedRows {
  readonly count: number;
  /** Some of them, at most ten. A row is null where a label names none, and the answer has several. */
  readonly examples: readonly { readonly id: string; readonly row: number | null }[];
}

/** Labels that count for nothing. */
export interface StrayLabels {
  /** Those of no answer, or of a row that it does not have. */
  readonly orphans: NamedRows;
  /** Those of an id that several answers have, so that nobody knows which is meant. */
  readonly ambiguous: NamedRows;
}

/** What there is of labels by themselves. */
export interface LabelCounts extends StrayLabels {
  /** Records of labels that were sent by the moment. */
  readonly received: number;
  /** Those of them that say the same as an earlier one. */
  readonly repeated: number;
  /** Those that another took the place of. */
  readonly replaced: number;
}

const counted = z.object({
  received: z.coerce.number(),
  repeated: z.coerce.number(),
  standing: z.coerce.number(),
});

/** What there is of labels in a join. */
export async function countLabels(db: DuckDb): Promise<LabelCounts> {
  const [counts] = await db.rows(
    `SELECT (SELECT count(*) FROM told) AS received, (SELECT count(*) FROM told WHERE repeated) AS repeated,
      (SELECT count(*) FROM (SELECT DISTINCT id, row FROM told)) AS standing`,
    counted,
  );
  const { received = 0, repeated = 0, standing = 0 } = counts ?? {};
  return { received, repeated, replaced: received - repeated - standing, ...(await findStrays(db, "known")) };
}

/** The rows that a relation names by `id` and `row`, and that are not those of one answer that was given. @param relation as SQL */
export async function findStrays(db: DuckDb, relation: string): Promise<StrayLabels> {
  const named = `(SELECT DISTINCT id, CAST(row AS DOUBLE) AS row FROM ${relation}) named`;
  const shared = "(SELECT id FROM answered WHERE shared)";
  return {
    orphans: await nameRows(
      db,
      `FROM ${named} ANTI JOIN (FROM answered WHERE NOT shadow) given ON named.id = given.id AND named.row = given.row
        WHERE named.id NOT IN ${shared}`,
    ),
    ambiguous: await nameRows(db, `FROM ${named} WHERE named.id IN ${shared}`),
  };
}

const example = z.object({ id: z.string(), row: z.number().nullable() });

async function nameRows(db: DuckDb, rows: string): Promise<NamedRows> {
  const [found] = await db.rows(`SELECT count(*) AS count ${rows}`, z.object({ count: z.coerce.number() }));
  const count = found?.count ?? 0;
  return {
    count,
    examples: count === 0 ? [] : await db.rows(`SELECT id, row ${rows} ORDER BY id, row LIMIT 10`, example),
  };
}
