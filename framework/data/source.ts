/**
 * Sources: files of Parquet, CSV (RFC 4180: commas, UTF-8, one header line, `.gz` or not) and JSON (an array of objects, or
 * one object a line), as tables of raw columns with the position of each row.
 * @module
 */
import { z } from "zod";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { ColumnSpec, DatasetSpec } from "../definitions/spec.ts";
import { convertColumn, type SourceColumn } from "./conversion.ts";
import type { DuckDb } from "./duckdb.ts";
import { quoteName, quotePath, quoteText } from "./sql.ts";

/** A source that has the columns of its dataset, each of a type that can be read, or nulls in place of those that it may lack. */
export interface Source {
  /** A query with `position`, counted from 1, and the raw columns `raw0`, `raw1`, … in the order of the schema. */
  readonly query: string;
  /** The raw columns in the order of the schema. */
  readonly columns: readonly SourceColumn[];
  /** What the source has beyond the schema; it is not read. */
  readonly dropped: readonly string[];
}

/** A column as the file has it: its name, its type, and how a query names it. */
interface FileColumn {
  readonly name: string;
  readonly type: SourceColumn["type"];
  readonly sql: string;
}

interface FileShape {
  readonly columns: readonly FileColumn[];
  /** SQL: the reading function, given the columns that are wanted. */
  readonly table: (wanted: readonly FileColumn[]) => string;
  /** SQL: the position of a row. */
  readonly position: string;
}

/** What stands for a column that the file lacks. */
const absent = { type: "absent", sql: "CAST(NULL AS VARCHAR)" } as const;

/**
 * Looks at a file and decides how it is read.
 * @throws StewardError when it is not of its format, lacks columns, or has columns of a type that cannot be read.
 */
export async function openSource(db: DuckDb, spec: DatasetSpec, location: string): Promise<Source> {
  const place = { at: `${spec.name}.source`, file: location };
  const shape = await readingSource(place, () => shapes[spec.source.format](db, location));
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
    else if (convertColumn(column.type, match) === undefined)
      problems.push({ ...place, ...describeType(column, match) });
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
  const there = found.filter(({ type }) => type !== "absent");
  const raw = found.map(({ sql }, index) => `${sql} AS raw${index}`);
  return {
    query: `SELECT ${[`${shape.position} AS position`, ...raw].join(", ")} FROM ${shape.table(there)}`,
    columns: found.map(({ type }, index) => ({ type, sql: `raw${index}` })),
    dropped,
  };
}

const aboutFile =
  /^(Invalid Input|Invalid|IO|Conversion|Binder|Serialization|Not implemented|Out of Range|INTERNAL|FATAL) Error/;
const aboutMachine = /no space left|cannot allocate/i;

/** Tells DuckDB's complaint about a file in a person's terms; lack of memory or disk is not the file's fault. */
export async function readingSource<T>(place: { at: string; file: string }, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error) || !aboutFile.test(error.message) || aboutMachine.test(error.message)) throw error;
    // What follows is advice about options that a team cannot set, and the place in a query it has not written.
    const [said = ""] = error.message.split(/\n(?:Possible|The search space|LINE|Try setting|\n)/);
    throw new StewardError(
      {
        code: "source-unreadable",
        ...place,
        what: "The source cannot be read in its format",
        got: said.split("\n").filter(Boolean).join("; "),
        fix: 'mend the file, or correct the "format" of the source',
      },
      { cause: error },
    );
  }
}

const described = z.object({ column_name: z.string(), column_type: z.string() });

/** How a text file is opened: compressed or not by its name alone, and no folder of its path taken for a column. */
function openText(location: string): string {
  return `${quotePath(location)}, compression = '${location.endsWith(".gz") ? "gzip" : "uncompressed"}', hive_partitioning = false`;
}

type ShapeReader = (db: DuckDb, location: string) => Promise<FileShape>;

const shapes: Readonly<Record<DatasetSpec["source"]["format"], ShapeReader>> = {
  parquet: async (db, location) => {
    const table = `read_parquet(${quotePath(location)}, hive_partitioning = false, file_row_number = true)`;
    const columns = await db.rows(`DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${table}`, described);
    return {
      columns: columns.map(({ column_name: name, column_type: type }) => ({ name, type, sql: quoteName(name) })),
      table: () => table,
      position: "file_row_number + 1",
    };
  },

  json: async (db, location) => {
    // All of it is looked at: a field may come late.
    const guessed = `read_json(${openText(location)}, sample_size = -1, maximum_depth = 1, map_inference_threshold = -1)`;
    const columns = await db.rows(`DESCRIBE SELECT * FROM ${guessed}`, described);
    return {
      columns: columns.map(({ column_name: name }) => ({ name, type: "json", sql: quoteName(name) })),
      table: (wanted) => {
        const types = wanted.map(({ name }) => `${quoteText(name)}: 'JSON'`).join(", ");
        return `read_json(${openText(location)}, columns = {${types}})`;
      },
      position: "row_number() OVER ()",
    };
  },

  csv: async (db, location) => {
    // Nothing is guessed. The header is read as a line, by a delimiter that no text has, and split here.
    const read = (columns: string, options: string) =>
      `read_csv(${openText(location)}, auto_detect = false, columns = {${columns}}, ${options})`;
    const plain = "header = false, delim = '\\x01', quote = '', escape = ''";
    const [first] = await db.rows(
      `SELECT line FROM ${read("'line': 'VARCHAR'", plain)} LIMIT 1`,
      z.object({ line: z.string().nullable() }),
    );
    const names = first?.line ? splitHeader(first.line) : [];
    const types = names.map((_, index) => `'column${index}': 'VARCHAR'`).join(", ");
    const rfc4180 = `header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false`;
    return {
      columns: names.map((name, index) => ({ name, type: "text", sql: `column${index}` })),
      table: () => read(types, rfc4180),
      position: "row_number() OVER ()",
    };
  },
};

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
