/**
 * Filters of records, as SQL over the columns of `recordColumns`. A condition is about the rows of a request: a request of several
 * rows is one record, which is let through when the condition holds for one of them. Pure.
 * @module
 */
import { quoteName, quoteText } from "../../data/sql.ts";
import { mendText } from "./convert-segment.ts";
import { type RecordRow, recordColumns } from "./record-columns.ts";

export interface RecordFilter {
  /** @default all */
  readonly id?: string | undefined;
  /** Records of this moment and later. @default all */
  readonly since?: Date | undefined;
  /** By replica the last number that is not meant. @default all are meant */
  readonly after?: ReadonlyMap<string, number> | undefined;
  /** The name of the variant that answered. @default all */
  readonly variant?: string | undefined;
  /** The version of the model, by its number. @default all */
  readonly version?: string | undefined;
  /** A condition in SQL over what was asked and answered, and over the columns of a record. @default all */
  readonly where?: string | undefined;
}

/** A name that a condition may use for a value of a row. */
export interface RowName {
  readonly name: string;
  /** Where the values are: `inputs`. */
  readonly column: (typeof places)[number];
  readonly type: "DOUBLE" | "BOOLEAN" | "VARCHAR";
}

/** A name stands for what was asked before what the model was given, and that before what it answered. */
const places = ["request", "inputs", "outputs"] as const;

/** The names that records have values by, as some of them show. What is a column of all records is none. */
export function listRowNames(rows: readonly RecordRow[]): readonly RowName[] {
  const names = new Map<string, RowName>();
  const taken = new Set<string>(recordColumns.map((name) => name.toLowerCase()));
  for (const row of rows)
    for (const column of places)
      for (const [name, values] of Object.entries(parse(row[column])))
        if (!taken.has(name.toLowerCase()) && !names.has(name)) names.set(name, { name, column, type: typeOf(values) });
  return [...names.values()];
}

function parse(text: unknown): object {
  const value: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
  return typeof value === "object" && value !== null ? value : {};
}

function typeOf(values: unknown): RowName["type"] {
  const [first] = Array.isArray(values) ? values.filter((value) => value !== null) : [];
  if (typeof first === "boolean") return "BOOLEAN";
  return typeof first === "string" ? "VARCHAR" : "DOUBLE";
}

/** The records that a filter lets through, as SQL. @param records the records, as SQL */
export function compileFilter(records: string, filter: RecordFilter, names: readonly RowName[]): string {
  const { id, since, after = new Map<string, number>(), variant, version, where } = filter;
  const conditions = [
    id !== undefined && `id = ${quoteText(mendText(id))}`,
    since && `time >= TIMESTAMPTZ ${quoteText(since.toISOString())}`,
    ...[...after].map(([replica, last]) => `NOT (replica = ${quoteText(replica)} AND sequence <= ${last})`),
    variant !== undefined && `variant = ${quoteText(variant)}`,
    version !== undefined && `version = ${quoteText(version)}`,
  ].filter((condition) => typeof condition === "string");
  const plain = conditions.length > 0 ? `SELECT * FROM (${records}) WHERE ${conditions.join(" AND ")}` : records;
  return where === undefined ? plain : compileWhere(plain, where, names);
}

function compileWhere(records: string, where: string, names: readonly RowName[]): string {
  const pointer = (name: string) => quoteText(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  const lengths = names.map(({ name, column }) => `coalesce(json_array_length(${column}, ${pointer(name)}), 0)`);
  const values = names.map(
    ({ name, column, type }) =>
      `TRY_CAST(json_extract(${column}, ${pointer(name)})->>__row AS ${type}) AS ${quoteName(name)}`,
  );
  const rows = `SELECT *, unnest(range(CAST(greatest(${["1", ...lengths].join(", ")}) AS BIGINT))) AS __row FROM __records`;
  const named = `SELECT ${["*", ...values].join(", ")} FROM (${rows})`;
  // The condition ends its own line, so that a comment at its end hides nothing.
  const fitting = `SELECT replica, sequence FROM (${named}) WHERE (${where}\n)`;
  return `WITH __records AS (${records}) SELECT * FROM __records WHERE (replica, sequence) IN (${fitting})`;
}
