/**
 * The columns that records have as a table: what all records say has a column of its own, what only some say stands together as
 * JSON in the last, so that nothing is lost. Pure.
 * @module
 */

/** What records say as texts. */
const texts = ["id", "endpoint", "variant", "model", "version", "package", "unit", "caller"] as const;
/** What they say as JSON: values by the names of columns, inputs or outputs. */
const documentNames = ["request", "inputs", "outputs", "tables"] as const;
/** What records say as JSON. A record may also say it as the text of that JSON. */
export const documents: readonly string[] = documentNames;

/** The names of the columns, in their order. */
export const recordColumns = [
  "sequence",
  "replica",
  "time",
  ...texts,
  "latencyMicroseconds",
  ...documentNames,
  "more",
] as const;

/** A record as a row of such a table; times as DuckDB writes them in UTC. */
export type RecordRow = Readonly<Record<(typeof recordColumns)[number], unknown>>;

const known = ["sequence", "time", ...texts, "latencyMicroseconds", ...documentNames];

/** What is taken out of a record as text, in this order. */
const scalars = ["sequence", "time", ...texts, "latencyMicroseconds"] as const;

/**
 * Records as a table, as SQL. Each is read three times, for all texts, for all documents and for what is left, and not once for each
 * column: every reading of a record of many rows takes several times its length in memory.
 * @param from records, as SQL: a relation with their JSON in the column `json`
 * @param replica who wrote them, as SQL
 */
export function selectRecords(from: string, replica: string): string {
  const left = JSON.stringify(Object.fromEntries(known.map((name) => [name, null])));
  const paths = (names: readonly string[]) => `[${names.map((name) => `'$.${name}'`).join(", ")}]`;
  const scalar = (name: (typeof scalars)[number]) => `__scalars[${scalars.indexOf(name) + 1}]`;
  const columns = [
    `TRY_CAST(${scalar("sequence")} AS BIGINT) AS sequence`,
    `${replica} AS replica`,
    `TRY_CAST(${scalar("time")} AS TIMESTAMPTZ) AS time`,
    ...texts.map((name) => `${scalar(name)} AS ${name}`),
    `TRY_CAST(${scalar("latencyMicroseconds")} AS BIGINT) AS "latencyMicroseconds"`,
    ...documentNames.map((name, i) => `__documents[${i + 1}] AS ${name}`),
    `nullif(CAST(__left AS VARCHAR), '{}') AS more`,
  ];
  const read = [
    `json->>${paths(scalars)} AS __scalars`,
    `json->>${paths(documentNames)} AS __documents`,
    `json_merge_patch(json, '${left}') AS __left`,
  ];
  return `SELECT ${columns.join(", ")} FROM (SELECT ${read.join(", ")} FROM ${from})`;
}

/**
 * What tells a record from all others, and is the same of one that was brought into the store twice. Its id alone is not: callers may
 * give one to several requests.
 */
export function sameRecord({ replica, sequence, id }: RecordRow): string {
  return `${replica} ${sequence} ${id}`;
}

/** The columns of parts as they are read. */
export const readColumns = recordColumns.map((name) => `"${name}"`).join(", ");

/** A record as it was logged, from its row. */
export function toRecord(row: RecordRow): Record<string, unknown> {
  const { sequence, replica, time, latencyMicroseconds, more, ...others } = row;
  const parse = (text: unknown) => (typeof text === "string" ? (JSON.parse(text) as unknown) : undefined);
  const said = [
    ["id", others.id],
    ["time", formatRowTime(time)],
    ...texts.slice(1).map((name) => [name, others[name]] as const),
    ...documentNames.map((name) => [name, parse(others[name])] as const),
    ["latencyMicroseconds", latencyMicroseconds === null ? undefined : Number(latencyMicroseconds)],
    ...Object.entries((parse(more) as object | undefined) ?? {}),
    ["replica", replica],
    ["sequence", Number(sequence)],
  ] as const;
  return Object.fromEntries(said.filter(([, value]) => value !== null && value !== undefined));
}

/** `2026-03-01 09:30:00.5+00` as `2026-03-01T09:30:00.500Z`. */
function formatRowTime(time: unknown): string | undefined {
  const [, day, second, fraction = ""] = /^(\S+) ([\d:]+)(?:\.(\d+))?\+00$/.exec(String(time)) ?? [];
  return day === undefined ? undefined : `${day}T${second}.${fraction.padEnd(3, "0")}Z`;
}
