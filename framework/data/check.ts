/**
 * The check: one pass over a source that converts, checks and orders its rows into a table of the working database.
 * @module
 */
import { z } from "zod";
import type { DatasetSpec } from "../definitions/spec.ts";
import { planRules, type Rule } from "./contract.ts";
import { convertColumn, showRaw } from "./conversion.ts";
import type { DuckDb } from "./duckdb.ts";
import type { Breach, Findings } from "./refusal.ts";
import type { Source } from "./source.ts";
import { quoteName, quoteText } from "./sql.ts";

/** Examples of each reason that are kept for messages. */
const keptExamples = 3;

/** How a spec's columns and rules meet in the table `checked`: the good rows first, in the order in which they are stored. */
export interface CheckPlan {
  /** Fills the table `checked`. */
  readonly statement: string;
  readonly rules: readonly Rule[];
  /** SQL for a SELECT from `checked`: the columns of a good row, under their names. */
  readonly values: string;
  /** SQL for a SELECT from `checked`: a bad row as it came, as texts, with `__position` and `__reasons`. */
  readonly quarantined: string;
  /** SQL: the event time of a row. */
  readonly time: string;
}

/** Plans the check of a source. Pure. */
export function planCheck(spec: DatasetSpec, source: Source): CheckPlan {
  const columns = spec.columns.flatMap((column, index) => {
    const raw = source.columns[index];
    const conversion = raw && convertColumn(column.type, raw);
    return raw && conversion ? [{ name: column.name, raw, conversion, value: `value${index}` }] : [];
  });
  const rules = planRules(
    spec,
    columns.map(({ raw, value }) => ({ raw: raw.sql, value })),
  );
  const values = columns.map(({ value }) => value);
  const time = columns.find(({ name }) => name === spec.eventTime)?.value ?? "NULL";
  // The list of broken rules and the texts are made only for bad rows, which are few.
  const anyBroken = `coalesce(${rules.map(({ broken }) => broken).join(" OR ")}, false)`;
  const numbers = rules.map(({ broken }, number) => `CASE WHEN ${broken} THEN ${number} END`).join(", ");
  const order = ["bad", time, ...values.filter((value) => value !== time)].map((key) => `${key} ASC NULLS LAST`);
  return {
    rules,
    time,
    statement: `
      CREATE TABLE checked AS
      SELECT ${values.join(", ")}, position,
        CASE WHEN bad THEN list_filter([${numbers}], lambda number: number IS NOT NULL) END AS broken,
        CASE WHEN bad THEN [${columns.map(({ raw }) => showRaw(raw)).join(", ")}] END AS raw
      FROM (
        SELECT *, ${anyBroken} AS bad
        FROM (SELECT *, ${columns.map(({ conversion, value }) => `${conversion} AS ${value}`).join(", ")} FROM (${source.query})))
      ORDER BY ${order.join(", ")}`,
    values: columns.map(({ name, value }) => `${value} AS ${quoteName(name)}`).join(", "),
    quarantined: [
      ...columns.map(({ name }, index) => `raw[${index + 1}] AS ${quoteName(name)}`),
      "position AS __position",
      `list_transform(broken, lambda number: [${rules.map(nameRule).join(", ")}][number + 1]) AS __reasons`,
    ].join(", "),
  };
}

function nameRule({ column, reason }: Rule): string {
  return quoteText(`${column} ${reason}`);
}

const countRow = z.object({ rows: z.coerce.number(), broken: z.coerce.number() });
const breachRow = z.object({
  rule: z.coerce.number(),
  rows: z.coerce.number(),
  examples: z.array(z.object({ position: z.coerce.number(), raw: z.array(z.string().nullable()) })),
});

/** Counts what the check has found, each rule by itself, most frequent first. */
export async function readFindings(db: DuckDb, spec: DatasetSpec, { rules }: CheckPlan): Promise<Findings> {
  const [counts] = await db.rows("SELECT count(*) AS rows, count(broken) AS broken FROM checked", countRow);
  const byRule = await db.rows(
    `SELECT rule, count(*) AS rows, min_by({position: position, raw: raw}, position, ${keptExamples}) AS examples
     FROM (SELECT unnest(broken) AS rule, position, raw FROM checked WHERE broken IS NOT NULL)
     GROUP BY rule ORDER BY rows DESC, rule`,
    breachRow,
  );
  const breaches = byRule.flatMap(({ rule: number, rows, examples }): Breach[] => {
    const rule = rules[number];
    if (!rule) return [];
    const index = spec.columns.findIndex(({ name }) => name === rule.column);
    const shown = examples.map(({ position, raw }) => ({ position, value: raw[index] ?? undefined }));
    return [{ ...rule, rows, examples: shown }];
  });
  return { rows: counts?.rows ?? 0, broken: counts?.broken ?? 0, breaches };
}
