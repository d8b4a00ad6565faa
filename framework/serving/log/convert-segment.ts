/**
 * From the lines of a segment to what is put into the store: its records as Parquet, and an index of their ids. What is no record,
 * such as a line that a dying machine wrote half, is left out, and its number is seen to be missing.
 * @module
 */
import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { copyToParquet, type DuckDb, withDuckDb } from "../../data/duckdb.ts";
import { quotePath, quoteText } from "../../data/sql.ts";
import { createIndex } from "./log-index.ts";
import { findMissing, type LogPart, partPlace } from "./log-part.ts";
import { selectRecords } from "./record-columns.ts";

export interface SegmentToConvert {
  readonly path: string;
  readonly replica: string;
  /** An empty folder of its own, where what is made is put. */
  readonly folder: string;
  /** The day of records that say no time: `2026-03-01`. */
  readonly today: string;
}

/** What was made of a segment. */
export interface ConvertedSegment extends Pick<LogPart, "first" | "last" | "records" | "gaps" | "lines" | "span"> {
  /** The place of the part, behind `logName`. */
  readonly place: string;
  readonly parquet: string;
  readonly index: string;
}

/** A record, as far as it matters here. */
const seenRecord = z.object({ sequence: z.int().min(1), id: z.unknown(), time: z.unknown() });
interface SeenLine {
  readonly sequence: number;
  readonly id: string | undefined;
  readonly time: string | undefined;
  readonly bytes: Buffer;
}

/** Converts a segment. @returns nothing for one without a record */
export async function convertSegment(segment: SegmentToConvert): Promise<ConvertedSegment | undefined> {
  const { path, replica, folder, today } = segment;
  const whole = await readFile(path);
  const lines = readLines(whole);
  const [head] = lines;
  if (!head) return undefined;
  const tail = lines.at(-1) ?? head;
  const times = lines.flatMap(({ time }) => (time === undefined ? [] : [time])).sort();
  const [from] = times;
  const facts = {
    first: head.sequence,
    last: tail.sequence,
    records: lines.length,
    gaps: findMissing([
      { first: 1, last: head.sequence },
      ...lines.map(({ sequence }) => ({ first: sequence, last: sequence })),
    ]),
    lines: hash("sha256", whole),
    ...(from !== undefined && { span: { from, to: times.at(-1) ?? from } }),
  };
  const place = partPlace({ ...facts, replica, day: (from ?? today).slice(0, 10) });
  const [parquet, index] = [join(folder, "part.parquet"), join(folder, "ids.index")];
  const ids = lines.flatMap(({ id, sequence }) => (id === undefined ? [] : [{ id, offset: sequence - head.sequence }]));
  await writeFile(index, createIndex(ids, place));
  await writeParquet(lines, { replica, folder, parquet });
  return { ...facts, place, parquet, index };
}

/** The records of a segment in the order of their numbers, each number once. Behind a first zero there are none. */
export function readLines(whole: Buffer): readonly SeenLine[] {
  const zero = whole.indexOf(0);
  const bytes = zero < 0 ? whole : whole.subarray(0, zero);
  const isText = isUtf8(bytes);
  const lines = new Map<number, SeenLine>();
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf("\n", start);
    if (end < 0) break;
    const line = readLine(bytes.subarray(start, end), isText);
    if (line) lines.set(line.sequence, line);
    start = end + 1;
  }
  return [...lines.values()].sort((a, b) => a.sequence - b.sequence);
}

/** Half of a pair of surrogates, which is no text in UTF-8, or a NUL. */
const oddEscape = /\\u(d[89a-f]|0000)/i;

function readLine(bytes: Buffer, isText: boolean): SeenLine | undefined {
  const text = bytes.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    const { sequence, id, time } = seenRecord.parse(value);
    const isOdd = oddEscape.test(text) || !(isText || isUtf8(bytes));
    return {
      sequence,
      id: typeof id === "string" ? mendText(id) : undefined,
      time: typeof time === "string" && !Number.isNaN(Date.parse(time)) ? time : undefined,
      bytes: isOdd ? Buffer.from(JSON.stringify(value, (_, inner) => mendValue(inner))) : bytes,
    };
  } catch {
    return undefined;
  }
}

/** A text as a table takes it: what is no character is replaced. */
export function mendText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

function mendValue(value: unknown): unknown {
  if (typeof value === "string") return mendText(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mendText(key), inner]));
}

interface Writing {
  readonly replica: string;
  readonly folder: string;
  readonly parquet: string;
}

/** So much of a segment is made columns of at a time, in bytes: that takes several times as much memory. */
const pieceBytes = 4 * 2 ** 20;
/** What DuckDB may hold: for pieces of that size, and for one record that is larger, of which it takes so many times the length. */
const usualMemory = 400;
const memoryPerLength = 40;

async function writeParquet(lines: readonly SeenLine[], { replica, folder, parquet }: Writing): Promise<void> {
  const longest = lines.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
  const reserve = `${usualMemory + Math.ceil((longest * memoryPerLength) / 1e6)}MB`;
  const path = join(folder, "lines.jsonl");
  const feed = Buffer.from("\n");
  const write = async (db: DuckDb) => {
    const query = selectLines({ path, longest, replica: quoteText(replica) });
    for (const [i, piece] of groupLines(lines).entries()) {
      await writeFile(path, Buffer.concat(piece.flatMap(({ bytes }) => [bytes, feed])));
      await db.run(i === 0 ? `CREATE TABLE records AS ${query}` : `INSERT INTO records ${query}`);
    }
    const numbers = Math.ceil(lines.reduce((sum, { bytes }) => sum + bytes.length, 0) / lines.length);
    await db.run(copyToParquet("SELECT * FROM records", parquet, { numbers }));
  };
  await withDuckDb(folder, write, { memory: `${usualMemory}MB`, reserve, threads: 1 });
}

/** Lines that follow one another, in pieces of so many bytes at most, or of one line. */
function groupLines(lines: readonly SeenLine[]): SeenLine[][] {
  const pieces: SeenLine[][] = [];
  let size = 0;
  for (const line of lines) {
    size += line.bytes.length;
    const last = pieces.at(-1);
    if (last && size <= pieceBytes) last.push(line);
    else {
      pieces.push([line]);
      size = line.bytes.length;
    }
  }
  return pieces;
}

/** The least that DuckDB reads lines with, in bytes. */
const leastLine = 2 ** 20;

/**
 * The records of a file of lines as a table, as SQL.
 * @param lines.longest the length of the longest line, in bytes
 * @param lines.replica who wrote them, as SQL
 */
export function selectLines(lines: {
  readonly path: string;
  readonly longest: number;
  readonly replica: string;
}): string {
  const size = Math.max(leastLine, lines.longest + 1);
  const read = `read_json_objects(${quotePath(lines.path)}, format = 'newline_delimited', maximum_object_size = ${size})`;
  return `${selectRecords(read, lines.replica)} ORDER BY sequence`;
}
