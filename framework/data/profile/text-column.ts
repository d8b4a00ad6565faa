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
const inPart = { part: z.coerce.number() };

/** SQL for a SELECT from texts and how often each occurs. */
const summarizeTexts = `count(*) AS texts, coalesce(sum(n), 0) AS count, coalesce(min(length(text)), 0) AS min,
  coalesce(max(length(text)), 0) AS max, coalesce(sum(length(text) * n), 0) AS sum`;
/** SQL for a SELECT from the digests of texts, grouped by all else. */
const leastHash = "left(digest, 3) AS index, min(substr(digest, 9, 8)) AS least";

interface TextsFound {
  readonly count: number;
  readonly values: TextsProfile;
}

/** Profiles the texts of a column. @param relation SQL: what holds the column */
export async function profileTexts(db: DuckDb, relation: string, column: string): Promise<TextsFound> {
  const name = quoteName(column);
  await db.run(`CREATE OR REPLACE TEMP TABLE texts AS
    SELECT ${name} AS text, count(*) AS n FROM ${relation} WHERE ${name} IS NOT NULL GROUP BY ALL`);
  const [{ texts, count, min, max, sum } = { texts: 0, count: 0, min: 0, max: 0, sum: 0 }] = await db.rows(
    `SELECT ${summarizeTexts} FROM texts`,
    summary,
  );
  const most = await db.rows(
    `SELECT ${labelText("text")} AS text, n
      FROM (FROM texts ORDER BY n DESC, text LIMIT ${texts <= fewTexts ? fewTexts : keptTexts + 1})`,
    counted,
  );
  const registers =
    texts <= fewTexts
      ? []
      : await db.rows(`SELECT ${leastHash} FROM (SELECT md5(text) AS digest FROM texts) GROUP BY ALL`, register);
  await db.run("DROP TABLE texts");
  return describeTexts({ texts, count, length: { min, max, sum }, most, registers });
}

/** What a column has in one of several parts, where it has no text in it. */
const noTexts = { texts: 0, count: 0, min: 0, max: 0, sum: 0 };

/** A column of several parts. */
interface TextsOfParts {
  /** SQL, after FROM: what holds the column. */
  readonly from: string;
  /** SQL: the number of a row's part. */
  readonly part: string;
  /** SQL: the column. */
  readonly value: string;
  /** The numbers of the parts, as keys. */
  readonly rows: ReadonlyMap<number, unknown>;
}

/** Profiles the texts of a column in each of several parts. @returns by the parts' numbers */
export async function profileTextsOfParts(
  db: DuckDb,
  { from, part, value, rows }: TextsOfParts,
): Promise<ReadonlyMap<number, TextsFound>> {
  await db.run(`CREATE OR REPLACE TEMP TABLE texts AS
    SELECT part, text, count(*) AS n FROM (SELECT ${part} AS part, ${value} AS text FROM ${from})
    WHERE text IS NOT NULL GROUP BY ALL`);
  const summaries = await db.rows(`SELECT part, ${summarizeTexts} FROM texts GROUP BY part`, summary.extend(inPart));
  const most = await db.rows(
    `SELECT part, ${labelText("text")} AS text, n FROM (
       SELECT *, count(*) OVER (PARTITION BY part) AS texts,
         row_number() OVER (PARTITION BY part ORDER BY n DESC, text) AS place
       FROM texts
     ) WHERE place <= CASE WHEN texts <= ${fewTexts} THEN ${fewTexts} ELSE ${keptTexts + 1} END ORDER BY part, place`,
    counted.extend(inPart),
  );
  const registers = summaries.some(({ texts }) => texts > fewTexts)
    ? await db.rows(
        `SELECT part, ${leastHash} FROM (SELECT part, md5(text) AS digest FROM texts) GROUP BY ALL`,
        register.extend(inPart),
      )
    : [];
  await db.run("DROP TABLE texts");
  const [mostByPart, registersByPart] = [Map.groupBy(most, numberOfPart), Map.groupBy(registers, numberOfPart)];
  const summaryByPart = new Map(summaries.map((row) => [row.part, row]));
  return new Map(
    Array.from(rows.keys(), (part) => {
      const { texts, count, min, max, sum } = summaryByPart.get(part) ?? noTexts;
      const found = { most: mostByPart.get(part) ?? [], registers: registersByPart.get(part) ?? [] };
      return [part, describeTexts({ texts, count, length: { min, max, sum }, ...found })];
    }),
  );
}

function numberOfPart({ part }: { readonly part: number }): number {
  return part;
}

/** What DuckDB has found of texts. */
interface GroupedTexts {
  /** How many different ones there are. */
  readonly texts: number;
  readonly count: number;
  readonly length: { readonly min: number; readonly max: number; readonly sum: number };
  /** The most frequent ones. */
  readonly most: readonly z.output<typeof counted>[];
  /** Of the sketch; none where all texts are kept. */
  readonly registers: readonly z.output<typeof register>[];
}

function describeTexts({ texts, count, length, most, registers }: GroupedTexts): TextsFound {
  const isFew = texts <= fewTexts;
  const found = most.map(({ text, n }): BoundedText => ({ text, atLeast: n, atMost: n }));
  const values: TextsProfile = {
    kind: "texts",
    ...(count > 0 && { length }),
    ...keepTop(found, { unlisted: 0, limit: isFew ? fewTexts : keptTexts }),
    ...(!isFew && { distinct: sketchTexts(registers) }),
  };
  return { count, values };
}

/** Takes the first 64 bits of the MD5 of each text for its hash, as `hashLabel` does: the greatest rank is the least number. */
function sketchTexts(registers: readonly z.output<typeof register>[]): string {
  const sketch = makeDistinctSketch();
  for (const { index, least } of registers)
    addHash(sketch, Number.parseInt(index, 16) * 2 ** 20, Number.parseInt(least, 16));
  return encodeDistinct(sketch);
}
