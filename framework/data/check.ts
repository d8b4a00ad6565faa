/**
 * The check: one pass over a source that converts, checks and orders its rows into a table of the working database.
 * @module
 */
import { z } from "zod";
import { listReads } from "../definitions/expression-kind.ts";
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";
import { isStrict, planKept, planRowRules, planRules, type Rule } from "./contract.ts";
import { convertColumn, findBand, isTotal, type SourceColumn, showRaw } from "./conversion.ts";
import { type CopyOptions, copyOptionsOf, type DuckDb } from "./duckdb.ts";
import { type Breach, type Findings, showValue } from "./refusal.ts";
import type { Source } from "./source.ts";
import { quoteName, quoteText } from "./sql.ts";

/** Examples of each reason that are kept for messages. */
const keptExamples = 3;

/**
 * How a spec's columns and rules meet in the table `checked`: the good rows first, in the order in which they are stored. Of
 * several files at once each has its rows together, so, and all say which file they are of as `file`.
 */
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
  /** How its good rows are written. */
  readonly copying: CopyOptions;
  /** SQL: the value of each column, by its name. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnSpec["type"]; readonly value: string }[];
  /** A query that only judges: one row with the counts of `rows` and of `broken` ones. */
  readonly judgement: string;
}

/** A column of the schema as it is found in the check's query. */
interface CheckedColumn {
  readonly column: ColumnSpec;
  readonly raw: SourceColumn;
  /** SQL: its value from the raw one. */
  readonly conversion: string;
  /** The name of that value. */
  readonly value: string;
}

/** Plans the check of a source. Pure. */
export function planCheck(spec: DatasetSpec, source: Source): CheckPlan {
  const columns = spec.columns.flatMap((column, index): CheckedColumn[] => {
    const raw = source.columns[index];
    const conversion = raw && convertColumn(column, raw);
    return raw && conversion ? [{ column, raw, conversion, value: `value${index}` }] : [];
  });
  const places = columns.map(({ column, raw, value }) => ({
    raw: raw.sql,
    value,
    isTotal: isTotal(column.type, raw),
    band: findBand(column.type, raw),
  }));
  const rowRules = planRowRules(spec, { row: "named", repeated: "repeated" });
  const rules = [...planRules(spec, places), ...rowRules];
  const values = columns.map(({ value }) => value);
  const time = columns.find(({ column }) => column.name === spec.eventTime)?.value ?? "NULL";
  const kept = [...planKept(spec, places), ...rowRules.map(({ broken }) => `(${broken} IS NOT TRUE)`)].join(" AND ");
  // Which rules are broken, and the texts, are asked of bad rows alone, which are few.
  const judged = `SELECT *, NOT coalesce(${kept || "true"}, false) AS bad FROM ${planRows(spec, source, columns)}`;
  const numbers = rules.map(({ broken }, number) => `CASE WHEN ${broken} THEN ${number} END`).join(", ");
  const keys = [...filesOf(source), "bad", time, ...values.filter((value) => value !== time)];
  const order = keys.map((key) => `${key} ASC NULLS LAST`);
  const repeated = rules.some(({ said }) => said !== undefined) ? ["repeated"] : [];
  return {
    rules,
    time,
    copying: copyOptionsOf(spec.columns),
    columns: columns.map(({ column: { name, type }, value }) => ({ name, type, value })),
    statement: `
      CREATE ${source.isMany ? "TEMP " : ""}TABLE checked AS
      SELECT ${[...filesOf(source), ...values, "position", ...repeated].join(", ")},
        CASE WHEN bad THEN list_filter([${numbers}], lambda number: number IS NOT NULL) END AS broken,
        CASE WHEN bad THEN [${columns.map(({ raw }) => showRaw(raw)).join(", ")}] END AS raw
      FROM (${judged})
      ORDER BY ${order.join(", ")}`,
    judgement: `SELECT count(*) AS rows, count_if(bad) AS broken FROM (${judged})`,
    values: columns.map(({ column, value }) => `${value} AS ${quoteName(column.name)}`).join(", "),
    quarantined: [
      ...columns.map(({ column }, index) => `raw[${index + 1}] AS ${quoteName(column.name)}`),
      "position AS __position",
      `list_transform(broken, lambda number: [${rules.map(sayRule).join(", ")}][number + 1]) AS __reasons`,
    ].join(", "),
  };
}

/** What tells the files of a source apart. */
function filesOf({ isMany }: Source): readonly string[] {
  return isMany ? ["file"] : [];
}

/** SQL: the rows with their values, and with what rules over several columns and over other rows read. */
function planRows(spec: DatasetSpec, source: Source, columns: readonly CheckedColumn[]): string {
  const conversions = columns.map(({ conversion, value }) => `${conversion} AS ${value}`).join(", ");
  const converted = `(SELECT *, ${conversions} FROM (${source.query}))`;
  const { unique = [], rules = [] } = isStrict(spec) ? spec.contract : {};
  const read = new Set(rules.flatMap(({ expression }) => listReads(expression).map(({ column }) => column)));
  const named = columns.filter(({ column }) => read.has(column.name)).map(nameValue);
  const keys = columns.filter(({ column }) => unique.includes(column.name)).map(({ value }) => value);
  if (named.length === 0 && keys.length === 0) return converted;
  const added = [
    ...(named.length > 0 ? [`struct_pack(${named.join(", ")}) AS named`] : []),
    ...(keys.length > 0 ? ["CASE WHEN position > first_position THEN first_position END AS repeated"] : []),
  ].join(", ");
  if (keys.length === 0) return `(SELECT *, ${added} FROM ${converted})`;
  const compared = [...filesOf(source), ...keys];
  const firsts = compared.map((key) => `${key} AS first_${key}`).join(", ");
  const whole = keys.map((key) => `${key} IS NOT NULL`).join(" AND ");
  const same = compared.map((key) => `${key} = first_${key}`).join(" AND ");
  // The columns of the key are read twice; what is kept of them is only what repeats.
  return `(
    SELECT *, ${added}
    FROM ${converted} LEFT JOIN (
      SELECT ${firsts}, min(position) AS first_position FROM ${converted}
      WHERE ${whole} GROUP BY ${compared.join(", ")} HAVING count(*) > 1
    ) ON ${same})`;
}

/** A value as expressions read it: under its name, a number as DOUBLE. */
function nameValue({ column, value }: CheckedColumn): string {
  return `${quoteName(column.name)} := ${column.type === "integer" ? `CAST(${value} AS DOUBLE)` : value}`;
}

/** SQL: what is said of a row that breaks a rule. */
function sayRule({ column, reason, said }: Rule): string {
  return said ?? quoteText(column === "" ? reason : `${column} ${reason}`);
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
  if (counts?.broken === 0) return { ...counts, breaches: [] };
  const byRule = await db.rows(
    `SELECT rule, ${countBreaches}
     FROM (SELECT unnest(broken) AS rule, position, raw FROM checked WHERE broken IS NOT NULL)
     GROUP BY rule ORDER BY rows DESC, rule`,
    breachRow,
  );
  return { rows: counts?.rows ?? 0, broken: counts?.broken ?? 0, breaches: describeBreaches(spec, rules, byRule) };
}

/** What was found in one of several files. */
export interface FileFindings extends Findings {
  /** Where its good rows begin in `checked`, as a `rowid`. */
  readonly start: number;
  /** First and last event time of its good rows, RFC 3339; both "" where there are none. */
  readonly from: string;
  readonly to: string;
}

/** SQL for a SELECT from `checked`: the first and last time of what is selected, RFC 3339 in UTC. */
export function planSpan(time: string): string {
  return `${showTime(`min(${time})`)} AS "from", ${showTime(`max(${time})`)} AS "to"`;
}

/** With a fraction of a second only where there is one. */
function showTime(timestamp: string): string {
  return `regexp_replace(strftime(${timestamp}, '%Y-%m-%dT%H:%M:%S.%f'), '\\.?0*$', '') || 'Z'`;
}

const fileRow = z.object({
  from: z
    .string()
    .nullable()
    .transform((time) => time ?? ""),
  to: z
    .string()
    .nullable()
    .transform((time) => time ?? ""),
  file: z.coerce.number(),
  start: z.coerce.number(),
  rows: z.coerce.number(),
  broken: z.coerce.number(),
});

/** Counts what the check has found in each of several files. @returns by the files' numbers; a file without rows is not there */
export async function readFileFindings(
  db: DuckDb,
  spec: DatasetSpec,
  { rules, time }: CheckPlan,
): Promise<ReadonlyMap<number, FileFindings>> {
  const counted = await db.rows(
    `SELECT file, min(rowid) AS start, count(*) AS rows, count(broken) AS broken,
       ${planSpan(`CASE WHEN broken IS NULL THEN ${time} END`)}
     FROM checked GROUP BY file`,
    fileRow,
  );
  const byRule = counted.some(({ broken }) => broken > 0)
    ? await db.rows(
        `SELECT file, rule, ${countBreaches}
         FROM (SELECT file, unnest(broken) AS rule, position, raw FROM checked WHERE broken IS NOT NULL)
         GROUP BY file, rule ORDER BY rows DESC, rule`,
        breachRow.extend({ file: z.coerce.number() }),
      )
    : [];
  return new Map(
    counted.map(({ file, ...counts }) => {
      const own = byRule.filter((row) => row.file === file);
      return [file, { ...counts, breaches: describeBreaches(spec, rules, own) }];
    }),
  );
}

/** SQL: how often a rule is broken, and the first rows that do. */
const countBreaches = `count(*) AS rows, min_by({position: position, raw: raw}, position, ${keptExamples}) AS examples`;

function describeBreaches(
  spec: DatasetSpec,
  rules: readonly Rule[],
  byRule: readonly z.output<typeof breachRow>[],
): readonly Breach[] {
  const names = spec.columns.map(({ name }) => name);
  return byRule.flatMap(({ rule: number, rows, examples }): Breach[] => {
    const rule = rules[number];
    if (!rule) return [];
    const { column, reason } = rule;
    const shown = examples.map(({ position, raw }) => ({
      position,
      value: showExample(rule, (name) => raw[names.indexOf(name)] ?? undefined),
    }));
    return [{ column, reason, rows, examples: shown }];
  });
}

/** The value that breaks a rule; of several, each with its name. */
function showExample({ column, columns }: Rule, find: (column: string) => string | undefined): string | undefined {
  if (columns.length === 1 && columns[0] === column) return find(column);
  return columns.map((name) => `${name} ${showValue(find(name))}`).join(", ");
}
