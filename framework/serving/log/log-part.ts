/**
 * Parts: the records of a log that lie in the store. A segment becomes one part, a Parquet object under a write-once name; a ref for
 * each replica says how far its log has come. Pure.
 * @module
 */
import { z } from "zod";
import { versioned } from "../../definitions/versioned.ts";
import { referenceSchema } from "../../store/reference.ts";

const number = z.int().min(1);
const count = z.int().min(0);

/** Numbers from one to another, both included. */
const numberRange = z.strictObject({ from: number, to: number });
export type NumberRange = z.output<typeof numberRange>;

export const logPartSchema = versioned("log-part", {
  endpoint: z.string(),
  /** What the records are: `requests`, `feedback`. */
  stream: z.string(),
  /** Who wrote them. */
  replica: z.string(),
  /** The numbers of its first and its last record. */
  first: number,
  last: number,
  records: number,
  /** The numbers between them that no record has. */
  gaps: z.array(numberRange),
  /** The times of the first and the last of its records by time, RFC 3339. @default no record says one */
  span: z.strictObject({ from: z.string(), to: z.string() }).optional(),
  /** The records as Parquet, with the columns of `recordColumns`, in the order of their numbers. */
  object: referenceSchema,
  /** The digest of the lines that it was made of: the same lines are shipped once. */
  lines: z.string(),
});
export type LogPart = z.output<typeof logPartSchema>;

/** An index of ids: which part, and where in it, has the record of an id. See `log-index.ts`. */
const idIndexSchema = z.strictObject({
  object: referenceSchema,
  /** How many ids it has, and of how many parts. */
  entries: count,
  parts: number,
});
export type IdIndex = z.output<typeof idIndexSchema>;

export const logHeadSchema = versioned("log-head", {
  /** How many parts there are, which is the ref's generation, and how many records are in them. */
  parts: number,
  records: count,
  /** The last number that is in the store. */
  last: number,
  /** The numbers below it that no record has, in order. */
  missing: z.array(numberRange),
  /** The days of its first and its last part: `2026-03-01`. */
  days: z.strictObject({ from: z.string(), to: z.string() }),
  /** The name of its last part, behind `logName`. */
  latest: z.string(),
  /** Of all parts, the oldest first. */
  indexes: z.array(idIndexSchema),
});
export type LogHead = z.output<typeof logHeadSchema>;

/** A stream of records of an endpoint. */
export interface LogAddress {
  readonly endpoint: string;
  readonly stream: string;
}

/** What the names of the parts of a stream begin with, and that of its replicas' refs and entries. */
export function logName({ endpoint, stream }: LogAddress): string {
  return `inference-log/${endpoint}/${stream}`;
}

/** The ref of a replica's head. */
export function logHeadName(address: LogAddress, replica: string): string {
  return `${logName(address)}/${replica}`;
}

/** The write-once name that says that there is such a replica. */
export function replicaName(address: LogAddress, replica: string): string {
  return `${replicaPrefix(address)}${replica}`;
}

export function replicaPrefix({ endpoint, stream }: LogAddress): string {
  return `inference-log-replicas/${endpoint}/${stream}/`;
}

/** The place of a part behind `logName`: `2026-03-01/1f2e3d4c/0000000000000001-0000000000000100-9a8b7c6d`. */
export function partPlace({
  day,
  replica,
  first,
  last,
  lines,
}: Pick<LogPart, "replica" | "first" | "last" | "lines"> & { readonly day: string }): string {
  return `${day}/${replica}/${padNumber(first)}-${padNumber(last)}-${lines.slice(0, 8)}`;
}

/** What the place of a part says of it. */
export interface PlacedPart {
  readonly place: string;
  readonly day: string;
  readonly replica: string;
  readonly first: number;
  readonly last: number;
}

/** Reads the place of a part; nothing for what is none. */
export function parsePartPlace(place: string): PlacedPart | undefined {
  const [, day, replica, first, last] = /^(\d{4}-\d\d-\d\d)\/([^/]+)\/(\d{16})-(\d{16})-[0-9a-f]{8}$/.exec(place) ?? [];
  if (day === undefined || replica === undefined) return undefined;
  return { place, day, replica, first: Number(first), last: Number(last) };
}

/** So that names sort as numbers do. */
export function padNumber(value: number): string {
  return String(value).padStart(16, "0");
}

/** The ranges that are missing from 1, or the first that is there, up to the last; ranges may overlap and come in any order. */
export function findMissing(present: readonly { readonly first: number; readonly last: number }[]): NumberRange[] {
  const missing: NumberRange[] = [];
  let next = 1;
  for (const { first, last } of present.toSorted((a, b) => a.first - b.first)) {
    if (first > next) missing.push({ from: next, to: first - 1 });
    next = Math.max(next, last + 1);
  }
  return missing;
}

/** The most ranges that are named. */
const mostRanges = 10;

/** `5 to 7, 9`; of many the first. */
export function sayRanges(ranges: readonly NumberRange[]): string {
  const said = ranges.slice(0, mostRanges).map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`));
  return [...said, ...(ranges.length > mostRanges ? ["…"] : [])].join(", ");
}

/** How many numbers ranges have. */
export function countNumbers(ranges: readonly NumberRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** The numbers of a part that have a record, in order. */
function listPresent({ first, last, gaps }: Pick<LogPart, "first" | "last" | "gaps">): NumberRange[] {
  const present: NumberRange[] = [];
  let from = first;
  for (const gap of gaps) {
    if (gap.from > from) present.push({ from, to: gap.from - 1 });
    from = gap.to + 1;
  }
  return from <= last ? [...present, { from, to: last }] : present;
}

/**
 * The numbers that are missing once a part is there: those that were, and those up to its last that are new, less its own.
 * @param known what was missing before, in order, up to the number `before`
 */
export function findStillMissing(
  part: Pick<LogPart, "first" | "last" | "gaps">,
  { known, before }: { readonly known: readonly NumberRange[]; readonly before: number },
): NumberRange[] {
  const fresh = part.last > before ? [{ from: before + 1, to: part.last }] : [];
  let missing = [...known, ...fresh];
  for (const { from, to } of listPresent(part))
    missing = missing.flatMap((range) => {
      if (range.to < from || range.from > to) return [range];
      return [
        ...(range.from < from ? [{ from: range.from, to: from - 1 }] : []),
        ...(range.to > to ? [{ from: to + 1, to: range.to }] : []),
      ];
    });
  return joinRanges(missing);
}

function joinRanges(ranges: readonly NumberRange[]): NumberRange[] {
  const joined: NumberRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && last.to + 1 === range.from) joined[joined.length - 1] = { from: last.from, to: range.to };
    else joined.push(range);
  }
  return joined;
}
