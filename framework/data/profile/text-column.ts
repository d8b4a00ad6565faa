/**
 * The profile of a column of texts: DuckDB groups them, so that each text is looked at once.
 * @module
 */
import { z } from "zod";
import type { DuckDb } from "../duckdb.ts";
import { quoteName } from "../sql.ts";
import { addHash, encodeDistinct, makeDistinctSketch } from "./distinct-sketch.ts";
import { fewTexts, type TextsProfile } from "./profile.ts";
import { labelText } from "./text-label.ts";
import { type BoundedText, keepTop, keptTexts } from "./top-texts.ts";

const summary = z.object({
  texts: z.coerce.number(),
  count: z.coerce.number(),
  min: z.coerce.number(),
  max: z.coerce.number(),
  sum: z.coerce.number(),
});
const counted = z.object({ text: z.string(), n: z.coerce.number() });
const register = z.object({ index: z.string(), least: z.string() });

/** Profiles the texts of a column. @param relation SQL: what holds the column */
export async function profileTexts(
  db: DuckDb,
  relation: string,
  column: string,
): Promise<{ readonly count: number; readonly values: TextsProfile }> {
  const name = quoteName(column);
  await db.run(`CREATE OR REPLACE TEMP TABLE texts AS
    SELECT ${name} AS text, count(*) AS n FROM ${relation} WHERE ${name} IS NOT NULL GROUP BY ALL`);
  const [{ texts, count, min, max, sum } = { texts: 0, count: 0, min: 0, max: 0, sum: 0 }] = await db.rows(
    `SELECT count(*) AS texts, coalesce(sum(n), 0) AS count, coalesce(min(length(text)), 0) AS min,
      coalesce(max(length(text)), 0) AS max, coalesce(sum(length(text) * n), 0) AS sum FROM texts`,
    summary,
  );
  const isFew = texts <= fewTexts;
  const most = await db.rows(
    `SELECT ${labelText("text")} AS text, n
      FROM (FROM texts ORDER BY n DESC, text LIMIT ${isFew ? fewTexts : keptTexts + 1})`,
    counted,
  );
  const found = most.map(({ text, n }): BoundedText => ({ text, atLeast: n, atMost: n }));
  const values: TextsProfile = {
    kind: "texts",
    ...(count > 0 && { length: { min, max, sum } }),
    ...keepTop(found, { unlisted: 0, limit: isFew ? fewTexts : keptTexts }),
    ...(!isFew && { distinct: await sketchTexts(db) }),
  };
  await db.run("DROP TABLE texts");
  return { count, values };
}

/** Takes the first 64 bits of the MD5 of each text for its hash, as `hashLabel` does: the greatest rank is the least number. */
async function sketchTexts(db: DuckDb): Promise<string> {
  const registers = await db.rows(
    `SELECT left(digest, 3) AS index, min(substr(digest, 9, 8)) AS least
      FROM (SELECT md5(text) AS digest FROM texts) GROUP BY ALL`,
    register,
  );
  const sketch = makeDistinctSketch();
  for (const { index, least } of registers)
    addHash(sketch, Number.parseInt(index, 16) * 2 ** 20, Number.parseInt(least, 16));
  return encodeDistinct(sketch);
}
