/**
 * Sources: files of Parquet, Arrow (IPC files and streams), CSV (RFC 4180: commas, UTF-8, one header line, `.gz` or not) and JSON
 * (an array of objects, or one object a line), as tables of raw columns with the position of each row.
 * @module
 */
import { z } from "zod";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { formatOfSource, type SourceFormat } from "../definitions/source-format.ts";
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";
import { convertColumn, type SourceColumn } from "./conversion.ts";
import type { DuckDb } from "./duckdb.ts";
import { ArrowFault } from "./reader/arrow/fault.ts";
import { listArrowColumns, loadArrow } from "./reader/arrow/load-arrow.ts";
import { quoteName, quotePath, quoteText } from "./sql.ts";

/** A source that has the columns of its dataset, each of a type that can be read, or nulls in place of those that it may lack. */
export interface Source {
  /** A query with `position`, counted from 1, and the raw columns `raw0`, `raw1`, … in the order of the schema. */
  readonly query: string;
  /** The raw columns in the order of the schema. */
  readonly columns: readonly SourceColumn[];
  /** What the source has beyond the schema; it is not read. */
  readonly dropped: readonly string[];
  /** Whether it is several files: then the query has `file` too, their number from 0, and counts positions in each. @default one */
  readonly isMany?: boolean;
}

/** Files that are read as one source, as they have the same columns. */
export interface SourceGroup {
  readonly source: Source;
  readonly files: readonly TextFile[];
}

interface TextFile {
  readonly location: string;
  /** The first line of a file of CSV, where it is known and plain: ASCII, without its end. @default it is looked for */
  readonly header?: string | undefined;
}

/** A column as the file has it: its name, its type, and how a query names it. */
interface FileColumn {
  readonly name: string;
  readonly type: SourceColumn["type"];
  readonly sql: string;
}

interface FileShape {
  readonly columns: readonly FileColumn[];
  /** SQL: the reading function, given the columns that are wanted, and files with the same columns as this one. */
  readonly table: (wanted: readonly FileColumn[], locations: readonly string[]) => string;
  /** SQL: the position of a row. */
  readonly position: string;
  /** Brings the columns that are wanted into `loadedTable`. @default they are read from the file by the query */
  readonly load?: (wanted: readonly FileColumn[]) => Promise<void>;
}

/** The table that a source may stand in until it is checked, of what DuckDB does not read by itself. */
export const loadedTable = "loaded";

/** What stands for a column that the file lacks. */
const absent = { type: "absent", sql: "CAST(NULL AS VARCHAR)" } as const;

/**
 * Looks at a file and decides how it is read.
 * @throws StewardError when it is not of its format, lacks columns, or has columns of a type that cannot be read.
 */
export async function openSource(db: DuckDb, spec: DatasetSpec, location: string): Promise<Source> {
  const place = { at: `${spec.name}.source`, file: location };
  const shape = await readingSource(place, () => shapes[formatOfSource(spec.source)](db, { location }));
  const { found, dropped } = findColumns(spec, shape, place);
  await readingSource(place, async () => shape.load?.(found.filter(({ type }) => type !== "absent")));
  return { ...selectColumns(found), dropped, query: queryFiles(shape, found, { locations: [location] }) };
}

/**
 * `openSource` of several files: those with the same columns are read as one.
 * @throws StewardError when one of them cannot be read
 * @throws TypeError when they cannot be read at once, for the name of a column or for their format
 */
export async function openSources(
  db: DuckDb,
  spec: DatasetSpec,
  files: readonly TextFile[],
): Promise<readonly SourceGroup[]> {
  const groups = new Map<string, { readonly shape: FileShape; readonly files: TextFile[] }>();
  for (const file of files) {
    const place = { at: `${spec.name}.source`, file: file.location };
    const shape = await readingSource(place, () => shapes[formatOfSource(spec.source)](db, file));
    if (shape.load) throw new TypeError("a file that is loaded is read by itself");
    const key = JSON.stringify([file.location.endsWith(".gz"), shape.columns]);
    const group = groups.get(key);
    if (group) group.files.push(file);
    else groups.set(key, { shape, files: [file] });
  }
  return [...groups.values()].map(({ shape, files }) => {
    const locations = files.map(({ location }) => location);
    const { found, dropped } = findColumns(spec, shape, { at: `${spec.name}.source`, file: locations[0] ?? "" });
    if (shape.columns.some(({ sql }) => sql.toLowerCase() === `"${fileNumber}"`))
      throw new TypeError(`a column is called "${fileNumber}", as is what tells several files apart`);
    const raw = found.map((_, index) => `raw${index}`).join(", ");
    const query = `SELECT file, position - min(position) OVER (PARTITION BY file) + 1 AS position, ${raw}
      FROM (${queryFiles(shape, found, { locations, fileNumber })})`;
    return { source: { ...selectColumns(found), dropped, query, isMany: true }, files };
  });
}

/** What DuckDB calls the number of a file among those that a function reads. */
const fileNumber = "file_index";

function queryFiles(
  shape: FileShape,
  found: readonly FileColumn[],
  { locations, fileNumber }: { readonly locations: readonly string[]; readonly fileNumber?: string },
): string {
  const there = found.filter(({ type }) => type !== "absent");
  const raw = found.map(({ sql }, index) => `${sql} AS raw${index}`);
  const file = fileNumber === undefined ? [] : [`${fileNumber} AS file`];
  return `SELECT ${[...file, `${shape.position} AS position`, ...raw].join(", ")} FROM ${shape.table(there, locations)}`;
}

function selectColumns(found: readonly FileColumn[]): Pick<Source, "columns"> {
  return { columns: found.map(({ type }, index) => ({ type, sql: `raw${index}` })) };
}

/** Finds the columns of a schema among those of a file. @throws StewardError when some cannot be read */
function findColumns(
  spec: DatasetSpec,
  shape: FileShape,
  place: { readonly at: string; readonly file: string },
): { readonly found: readonly FileColumn[]; readonly dropped: readonly string[] } {
  const problems: Problem[] = [];
  const missing: string[] = [];
  const found: FileColumn[] = [];
  const { evolution } = spec.contract;
  for (const column of spec.columns) {
    const matches = shape.columns.filter(({ name }) => name === column.name);
    const match = matches[0];
    if (!match && evolution === "add-columns" && column.nullable && column.name !== spec.eventTime)
      found.push({ name: column.name, ...absent });
    else if (!match) missing.push(column.name);
    else if (matches.length > 1) problems.push({ ...place, ...describeTwice(column.name) });
    else if (convertColumn(column, match) === undefined) problems.push({ ...place, ...describeType(column, match) });
    else found.push(match);
  }
  if (missing.length > 0) {
    problems.unshift({
      ...place,
      code: "source-columns-missing",
      what: `The source lacks ${missing.map((name) => `"${name}"`).join(", ")}`,
      got: shape.columns.map(({ name }) => JSON.stringify(name)).join(", ") || "no columns",
      expected: spec.columns.map(({ name }) => JSON.stringify(name)).join(", "),
      fix: "name the columns in the schema as the source does, letter by letter, or prepare a source that has them",
    });
  }
  const dropped = shape.columns.filter((column) => !found.includes(column)).map(({ name }) => name);
  if (evolution === "freeze" && dropped.length > 0) problems.push({ ...place, ...describeAdded(dropped) });
  if (problems.length > 0) throw new StewardError(problems);
  return { found, dropped };
}

const aboutFile =
  /^(Invalid Input|Invalid|IO|Conversion|Binder|Serialization|Not implemented|Out of Range|INTERNAL|FATAL) Error/;
const aboutMachine = /no space left|cannot allocate/i;

/** Tells DuckDB's complaint about a file in a person's terms; lack of memory or disk is not the file's fault. */
export async function readingSource<T>(place: { at: string; file: string }, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArrowFault) throw unreadable(place, error.message, error);
    if (!(error instanceof Error) || !aboutFile.test(error.message) || aboutMachine.test(error.message)) throw error;
    // What follows is advice about options that a team cannot set, and the place in a query it has not written.
    const [said = ""] = error.message.split(/\n(?:Possible|The search space|LINE|Try setting|\n)/);
    throw unreadable(place, said.split("\n").filter(Boolean).join("; "), error);
  }
}

function unreadable(place: { at: string; file: string }, got: string, cause: Error): StewardError {
  return new StewardError(
    {
      code: "source-unreadable",
      ...place,
      what: "The source cannot be read in its format",
      got,
      fix: 'mend the file, or correct the "format" of the source',
    },
    { cause },
  );
}

const described = z.object({ column_name: z.string(), column_type: z.string() });

/** How text files are opened: compressed or not by their names alone, and no folder of their paths taken for a column. */
function openText(locations: readonly string[]): string {
  const isGzip = locations.every((location) => location.endsWith(".gz"));
  return `${quotePaths(locations)}, compression = '${isGzip ? "gzip" : "uncompressed"}', hive_partitioning = false`;
}

function quotePaths(locations: readonly string[]): string {
  return locations.length === 1 ? locations.map(quotePath).join("") : `[${locations.map(quotePath).join(", ")}]`;
}

type ShapeReader = (db: DuckDb, file: TextFile) => Promise<FileShape>;

const shapes: Readonly<Record<SourceFormat, ShapeReader>> = {
  parquet: async (db, { location }) => {
    const table = (locations: readonly string[]) =>
      `read_parquet(${quotePaths(locations)}, hive_partitioning = false, file_row_number = true)`;
    const columns = await db.rows(`DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${table([location])}`, described);
    return {
      columns: columns.map(({ column_name: name, column_type: type }) => ({ name, type, sql: quoteName(name) })),
      table: (_, locations) => table(locations),
      position: "file_row_number + 1",
    };
  },

  arrow: async (db, { location }) => {
    const columns = await listArrowColumns(location);
    const own = columns.map(
      ({ name, type, index }): FileColumn => ({ name, type, sql: type === "absent" ? absent.sql : `column${index}` }),
    );
    return {
      columns: own,
      table: () => loadedTable,
      position: "rowid + 1",
      load: async (wanted) => {
        const chosen = columns.filter((_, index) => wanted.some((column) => column === own[index]));
        await loadArrow(db, { path: location, columns: chosen, table: loadedTable });
      },
    };
  },

  json: async (db, { location }) => {
    // All of it is looked at: a field may come late.
    const guessed = `read_json(${openText([location])}, sample_size = -1, maximum_depth = 1, map_inference_threshold = -1)`;
    const columns = await db.rows(`DESCRIBE SELECT * FROM ${guessed}`, described);
    return {
      columns: columns.map(({ column_name: name }) => ({ name, type: "json", sql: quoteName(name) })),
      table: (wanted, locations) => {
        const types = wanted.map(({ name }) => `${quoteText(name)}: 'JSON'`).join(", ");
        return `read_json(${openText(locations)}, columns = {${types}})`;
      },
      position: "row_number() OVER ()",
    };
  },

  csv: async (db, { location, header }) => {
    // Nothing is guessed. The header is read as a line, by a delimiter that no text has, and split here.
    const read = (columns: string, options: string, locations: readonly string[] = [location]) =>
      `read_csv(${openText(locations)}, auto_detect = false, columns = {${columns}}, ${options})`;
    // Read so, line ends within quotes are line ends like others, and may be of another kind: that is nothing to be strict about.
    const plain = "header = false, delim = '\\x01', quote = '', escape = '', strict_mode = false";
    const line = header ?? (await readLine(db, read("'line': 'VARCHAR'", plain)));
    const names = line ? splitHeader(line) : [];
    const types = names.map((_, index) => `'column${index}': 'VARCHAR'`).join(", ");
    const rfc4180 = `header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false`;
    return {
      columns: names.map((name, index) => ({ name, type: "text", sql: `column${index}` })),
      table: (_, locations) => read(types, rfc4180, locations),
      position: "row_number() OVER ()",
    };
  },
};

/** The first line of a table of lines, if it has any. */
async function readLine(db: DuckDb, table: string): Promise<string | null | undefined> {
  const [first] = await db.rows(`SELECT line FROM ${table} LIMIT 1`, z.object({ line: z.string().nullable() }));
  return first?.line;
}

/** Splits the header of a CSV file at its commas, those in quotes left alone. */
function splitHeader(line: string): string[] {
  const cells = `,${line.replace(/^\uFEFF/, "").replace(/\r$/, "")}`.matchAll(/,("(?:[^"]|"")*"|[^,]*)/g);
  return Array.from(cells, ([, cell = ""]) => cell.replace(/^"(.*)"$/s, "$1").replaceAll('""', '"'));
}

function describeTwice(name: string): Omit<Problem, "at"> {
  return {
    code: "source-unreadable",
    what: `The source has more than one column "${name}"`,
    fix: "give each column a name of its own",
  };
}

function describeAdded(dropped: readonly string[]): Omit<Problem, "at"> {
  return {
    code: "source-columns-frozen",
    what: '"evolution" of the contract is "freeze", and the source has columns that the schema lacks',
    got: dropped.map((name) => JSON.stringify(name)).join(", "),
    expected: "no columns but those of the schema",
  };
}

function describeType(column: ColumnSpec, found: FileColumn): Omit<Problem, "at"> {
  return {
    code: "source-column-type",
    what: `"${column.name}" has a type in the source that cannot be read as ${column.type}`,
    got: found.type,
    expected: `a type that keeps every value of a ${column.type}`,
    fix: "correct the column in the schema, or write it in another type",
  };
}
