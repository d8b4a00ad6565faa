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
import { documents, selectRecords } from "./record-columns.ts";
import { findLike, LikeLines, type SharedFacts } from "./short-record.ts";

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
interface SeenFacts {
  readonly sequence: number;
  readonly id: string | undefined;
  readonly time: string | undefined;
}

interface SeenLine extends SeenFacts {
  /** The record as a whole. */
  readonly bytes: Buffer;
  /** What that takes at most, in bytes. */
  readonly size: number;
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
  const wholes = new LikeLines();
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf("\n", start);
    if (end < 0) break;
    const line = readLine(bytes.subarray(start, end), { isText, wholes });
    if (line) lines.set(line.sequence, line);
    start = end + 1;
  }
  return [...lines.values()].sort((a, b) => a.sequence - b.sequence);
}

/**
 * A record of more bytes has its documents as texts, of which DuckDB takes a few times their length in memory; of values of JSON it
 * takes hundreds of bytes for each. Nobody but `JSON.stringify` writes such a record, so it is the same text.
 */
const longLine = 4 * 2 ** 20;

/** Half of a pair of surrogates, which is no text in UTF-8, or a NUL. */
const oddEscape = /\\u(d[89a-f]|0000)/i;

interface LineReading {
  /** Whether all lines are UTF-8. */
  readonly isText: boolean;
  /** The whole records before it. */
  readonly wholes: LikeLines;
}

function readLine(bytes: Buffer, { isText, wholes }: LineReading): SeenLine | undefined {
  const text = bytes.toString("utf8");
  const isBroken = !(isText || isUtf8(bytes));
  const like = findLike(text);
  if (like === undefined) {
    const seen = readSeen(text, isBroken);
    if (seen) wholes.add(seen.sequence, bytes);
    return seen && keepWhole(seen, seen.mended ?? bytes);
  }
  const facts = wholes.find(like);
  if (!facts?.fits(text)) return undefined;
  // Most are JSON as they should be, and need not be made whole to see what they say.
  const isPlain = !(
    isBroken ||
    oddEscape.test(facts.text) ||
    oddEscape.test(text) ||
    bytes.length + facts.size > longLine
  );
  const whole = isPlain ? undefined : (facts.expand(text) ?? "");
  const seen = readSeen(whole ?? text, isBroken);
  if (!seen) return undefined;
  if (whole === undefined) return new ShortLine(seen, { bytes, facts });
  return keepWhole(seen, seen.mended ?? Buffer.from(whole));
}

function keepWhole({ sequence, id, time }: SeenFacts, bytes: Buffer): SeenLine {
  return { sequence, id, time, bytes, size: bytes.length };
}

/** A short record, which is made whole whenever it is asked for: all those of a segment take many times its length. */
class ShortLine implements SeenLine {
  readonly sequence: number;
  readonly id: string | undefined;
  readonly time: string | undefined;
  readonly size: number;
  readonly #bytes: Buffer;
  readonly #facts: SharedFacts;

  constructor(
    { sequence, id, time }: SeenFacts,
    { bytes, facts }: { readonly bytes: Buffer; readonly facts: SharedFacts },
  ) {
    this.sequence = sequence;
    this.id = id;
    this.time = time;
    this.size = bytes.length + facts.size;
    this.#bytes = bytes;
    this.#facts = facts;
  }

  get bytes(): Buffer {
    return Buffer.from(this.#facts.expand(this.#bytes.toString("utf8")) ?? "");
  }
}

/** What a whole record says, and its bytes where they are to be others than it has. */
function readSeen(text: string, isBroken: boolean) {
  try {
    const value: unknown = JSON.parse(text);
    const { sequence, id, time } = seenRecord.parse(value);
    const isOdd = isBroken || oddEscape.test(text);
    const isLong = Buffer.byteLength(text) > longLine;
    const mend = isOdd ? (_: string, inner: unknown) => mendValue(inner) : undefined;
    return {
      sequence,
      id: typeof id === "string" ? mendText(id) : undefined,
      time: typeof time === "string" && !Number.isNaN(Date.parse(time)) ? time : undefined,
      mended:
        isLong || isOdd ? Buffer.from(JSON.stringify(isLong ? writeDocuments(value, mend) : value, mend)) : undefined,
    };
  } catch {
    return undefined;
  }
}

/** A text as a table takes it: what is no character is replaced. */
export function mendText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

type Mend = ((key: string, value: unknown) => unknown) | undefined;

function writeDocuments(value: unknown, mend: Mend): object {
  const fields = Object.entries(value as object).map(([name, inner]: readonly [string, unknown]) => {
    const isDocument = documents.includes(name) && typeof inner === "object" && inner !== null;
    return [name, isDocument ? JSON.stringify(inner, mend) : inner] as const;
  });
  return Object.fromEntries(fields);
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
  const longest = lines.reduce((most, { size }) => Math.max(most, size), 0);
  const reserve = `${usualMemory + Math.ceil((longest * memoryPerLength) / 1e6)}MB`;
  const path = join(folder, "lines.jsonl");
  const feed = Buffer.from("\n");
  const write = async (db: DuckDb) => {
    const query = selectLines({ path, longest, replica: quoteText(replica) });
    for (const [i, piece] of groupLines(lines).entries()) {
      await writeFile(path, Buffer.concat(piece.flatMap(({ bytes }) => [bytes, feed])));
      await db.run(i === 0 ? `CREATE TABLE records AS ${query}` : `INSERT INTO records ${query}`);
    }
    const numbers = Math.ceil(lines.reduce((sum, { size }) => sum + size, 0) / lines.length);
    await db.run(copyToParquet("SELECT * FROM records", parquet, { numbers }));
  };
  await withDuckDb(folder, write, { memory: `${usualMemory}MB`, reserve, threads: 1 });
}

/** Lines that follow one another, in pieces of so many bytes at most, or of one line. */
function groupLines(lines: readonly SeenLine[]): SeenLine[][] {
  const pieces: SeenLine[][] = [];
  let size = 0;
  for (const line of lines) {
    size += line.size;
    const last = pieces.at(-1);
    if (last && size <= pieceBytes) last.push(line);
    else {
      pieces.push([line]);
      size = line.size;
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
