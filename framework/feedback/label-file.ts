/**
 * A file of labels, Parquet, CSV or JSON: its rows as they would be sent, each checked before any is.
 * @module
 */
import { stat } from "node:fs/promises";
import { z } from "zod";
import type { DuckDb } from "../data/duckdb.ts";
import { quoteName, quotePath, quoteText } from "../data/sql.ts";
import { streamChunks } from "../data/stream-chunks.ts";
import type { LabelSpec } from "../definitions/feedback-spec.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { type LabelItem, type LabelTerms, readLabel } from "../serving/feedback/label-item.ts";
import { describeLabelProblem } from "../serving/feedback/refused-labels.ts";

/** Which column says what. */
export interface LabelFileColumns {
  readonly id: string;
  readonly label: string;
  /** @default every label is of row 0 */
  readonly row?: string | undefined;
  /** @default every label became true now */
  readonly time?: string | undefined;
  /** Whom a label says something of, where the endpoint encrypts it for them. @default no label says so */
  readonly subject?: string | undefined;
}

/** The most problems that are told of a file. */
const mostProblems = 20;

/** What reads a file as SQL, given its path as SQL and what its columns are read as, as SQL too, once they are known. */
const readers: readonly (readonly [RegExp, (path: string, columns?: string) => string])[] = [
  [/\.parquet$/i, (path) => `read_parquet(${path}, hive_partitioning = false)`],
  [/\.(?:csv|tsv)(?:\.gz)?$/i, (path) => `read_csv(${path}, all_varchar = true)`],
  [
    /\.(?:json|jsonl|ndjson)(?:\.gz)?$/i,
    (path, columns) => `read_json(${path}${columns === undefined ? "" : `, columns = {${columns}}`})`,
  ],
];

/**
 * Reads a file into the table `sent`, and checks every row.
 *
 * @returns how many labels it has
 * @throws StewardError `feedback-refused` with what is wrong with the file, or with its rows, none of which counts then
 */
export async function loadLabelFile(
  db: DuckDb,
  { path, columns }: { readonly path: string; readonly columns: LabelFileColumns },
  terms: LabelTerms,
): Promise<number> {
  const read = readers.find(([name]) => name.test(path))?.[1];
  if (!read)
    throw refuse({
      what: "a file of labels is told by its name",
      got: path,
      expected: ".parquet, .csv or .json",
      fix: "name a file of one of these kinds",
    });
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw refuse({ what: "there is no such file", got: path, fix: "mend the path" });
  const refuseUnread = (error: unknown): never => {
    const [said = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
    throw refuse({ what: "the file cannot be read", got: said });
  };
  reportMissing(columns, await listColumns(db, read(quotePath(path))).catch(refuseUnread));
  // The texts of JSON as they stand: an id that looks like a time or a UUID would be written anew, and be another one.
  const named = Object.values(columns).filter((name) => name !== undefined);
  const texts = [...new Set(named)].map((name) => `${quoteText(name)}: 'VARCHAR'`).join(", ");
  await db.run(`CREATE TEMP TABLE file AS FROM ${read(quotePath(path), texts)}`).catch(refuseUnread);
  await db.run(
    `CREATE TEMP TABLE sent AS SELECT row_number() OVER () AS place, ${selectItem(columns, terms)} FROM file`,
  );
  const problems: Problem[] = [];
  let [labels, wrong] = [0, 0];
  for await (const { place, item } of streamItems(db, terms)) {
    labels++;
    const result = readLabel(item, terms);
    if (!("problems" in result)) continue;
    wrong++;
    if (problems.length < mostProblems)
      problems.push({
        code: "feedback-refused",
        at: `row ${place}`,
        what: result.problems.map((one) => describeLabelProblem(one)).join("; "),
        file: path,
      });
  }
  if (problems.length === 0) return labels;
  const left = wrong - problems.length;
  const more: Problem = {
    code: "feedback-refused",
    at: "",
    what: `${left} more rows of the file are wrong`,
    file: path,
  };
  throw new StewardError(left > 0 ? [...problems, more] : problems);
}

/** The labels of the file that was loaded, in its order, so many at a time. */
export async function* streamLabels(db: DuckDb, terms: LabelTerms, most: number): AsyncGenerator<readonly LabelItem[]> {
  let batch: LabelItem[] = [];
  for await (const { item } of streamItems(db, terms)) {
    batch.push(readLabel(item, terms) as LabelItem);
    if (batch.length < most) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const described = z.object({ column_name: z.string() });

async function listColumns(db: DuckDb, file: string): Promise<readonly string[]> {
  const found = await db.rows(`SELECT column_name FROM (DESCRIBE FROM ${file})`, described);
  return found.map(({ column_name: name }) => name);
}

function reportMissing(columns: LabelFileColumns, present: readonly string[]): void {
  const missing = Object.entries(columns).filter(([, name]) => name !== undefined && !present.includes(name));
  if (missing.length === 0) return;
  throw new StewardError(
    missing.map(([field, name]): Problem => {
      const what = `the file has no column "${name}", which "--${field}" names`;
      const fix = `name the column that says it: --${field} <column>`;
      return { code: "feedback-refused", at: "", what, expected: `one of ${present.join(", ")}`, fix };
    }),
  );
}

/** What of a row is what, as texts. */
function selectItem({ id, label, row, time, subject }: LabelFileColumns, { label: { type } }: LabelTerms): string {
  const text = (name: string) => `CAST(${quoteName(name)} AS VARCHAR)`;
  const number = `TRY_CAST(${text(label)} AS DOUBLE)`;
  // Of the numbers 0 and 1 alone are true or false, and not whatever is no 0.
  const truth = `CASE WHEN ${number} IN (0, 1) THEN ${number} = 1 ELSE TRY_CAST(${text(label)} AS BOOLEAN) END`;
  const value = { boolean: truth, integer: number, number, string: text(label) }[type];
  // Times without a zone are in UTC.
  const moment = (name: string) => `strftime(TRY_CAST(${quoteName(name)} AS TIMESTAMPTZ), '%Y-%m-%dT%H:%M:%S.%gZ')`;
  const since = (name: string) => `coalesce(${moment(name)}, ${text(name)})`;
  return [
    `${text(id)} AS id`,
    `${text(label)} AS label`,
    `CAST(${value} AS VARCHAR) AS value`,
    `${row === undefined ? "'0'" : text(row)} AS row`,
    `${time === undefined ? "''" : since(time)} AS time`,
    `${subject === undefined ? "NULL" : text(subject)} AS subject`,
  ].join(", ");
}

/** A row of the file as it would be sent. */
interface FileItem {
  /** From 1. */
  readonly place: number;
  readonly item: Readonly<Record<string, unknown>>;
}

async function* streamItems(db: DuckDb, { label: { type } }: LabelTerms): AsyncGenerator<FileItem> {
  const query = "SELECT place::DOUBLE, id, label, value, row, time, subject FROM sent ORDER BY place";
  for await (const chunk of streamChunks(db, query, undefined)) {
    for (const [place, id, label, value, row, time, subject] of chunk.getRows()) {
      const item = {
        id,
        // What cannot be read as a label stays a text, which the check then refuses by name.
        label: value === null ? label : readValue(String(value), type),
        row: /^\d{1,9}(?:\.0)?$/.test(String(row)) ? Number(row) : row,
        ...(time !== "" && { time }),
        ...(subject !== null && { subject }),
      };
      yield { place: Number(place), item };
    }
  }
}

function readValue(text: string, type: LabelSpec["type"]): boolean | number | string {
  if (type === "string") return text;
  return type === "boolean" ? text === "true" : Number(text);
}

function refuse(problem: Omit<Problem, "code" | "at">): StewardError {
  return new StewardError({ code: "feedback-refused", at: "", ...problem });
}
