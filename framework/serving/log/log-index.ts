/**
 * Indexes of ids: sorted 64-bit hashes, each with the part and the place in it of the record of that id. As hashes are spread
 * evenly, a few pieces of a few kilobytes tell where a record is among any number. Small indexes are merged into larger ones, so
 * that there are few. Pure.
 *
 * An entry is four numbers of 32 bits, little-endian: the upper and the lower half of the hash, the part, and the record's number
 * less that of the part's first. Behind the entries stand the parts' places, each in `placeBytes`.
 * @module
 */
import { hash } from "node:crypto";

export const entryBytes = 16;
const entryNumbers = 4;
/** The place of a part, filled with spaces. */
const placeBytes = 128;

/** The hash of an id: the first 64 bits of its SHA-256, as two numbers of 32. */
export interface IdHash {
  readonly upper: number;
  readonly lower: number;
}

export function hashId(id: string): IdHash {
  const digest = hash("sha256", id, "buffer");
  return { upper: digest.readUInt32BE(0), lower: digest.readUInt32BE(4) };
}

/** Where the record of an id is. */
export interface FoundEntry {
  /** The place of its part in the index. */
  readonly part: number;
  /** The record's number less that of the part's first. */
  readonly offset: number;
}

/** Indexes the records of one part. @param place of the part, behind `logName` */
export function createIndex(
  records: readonly { readonly id: string; readonly offset: number }[],
  place: string,
): Buffer {
  const hashes = records.map(({ id }) => hashId(id));
  const order = Uint32Array.from(records, (_, i) => i).sort((a, b) => {
    const [x, y] = [hashes[a] as IdHash, hashes[b] as IdHash];
    return x.upper - y.upper || x.lower - y.lower || a - b;
  });
  const entries = new Uint32Array(records.length * entryNumbers);
  let at = 0;
  for (const i of order) {
    const { upper, lower } = hashes[i] as IdHash;
    entries[at++] = upper;
    entries[at++] = lower;
    entries[at++] = 0;
    entries[at++] = (records[i] as { readonly offset: number }).offset;
  }
  return Buffer.concat([asBytes(entries), writePlaces([place])]);
}

/** An index as bytes, with what is known of it. */
export interface WholeIndex {
  readonly bytes: Buffer;
  readonly entries: number;
  readonly parts: number;
}

/** Merges indexes, the oldest first, into one. */
export function mergeIndexes(indexes: readonly WholeIndex[]): Buffer {
  let parts = 0;
  let runs = indexes.map((index) => {
    const entries = readEntries(index.bytes, index.entries);
    for (let i = 2; i < entries.length; i += entryNumbers) entries[i] = (entries[i] as number) + parts;
    parts += index.parts;
    return entries;
  });
  while (runs.length > 1) {
    const next: Uint32Array[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [left, right] = [runs[i], runs[i + 1]];
      if (left) next.push(right ? mergeRuns(left, right) : left);
    }
    runs = next;
  }
  const places = indexes.map(({ bytes, entries }) => bytes.subarray(entries * entryBytes));
  return Buffer.concat([asBytes(runs[0] ?? new Uint32Array()), ...places]);
}

function mergeRuns(left: Uint32Array, right: Uint32Array): Uint32Array {
  const merged = new Uint32Array(left.length + right.length);
  let [l, r] = [0, 0];
  for (let at = 0; at < merged.length; at += entryNumbers) {
    const order = (left[l] as number) - (right[r] as number) || (left[l + 1] as number) - (right[r + 1] as number);
    const takesLeft = r >= right.length || (l < left.length && order <= 0);
    const [from, start] = takesLeft ? [left, l] : [right, r];
    for (let i = 0; i < entryNumbers; i++) merged[at + i] = from[start + i] as number;
    if (takesLeft) l += entryNumbers;
    else r += entryNumbers;
  }
  return merged;
}

/** Some consecutive entries of an index. */
export interface IndexWindow {
  readonly bytes: Buffer;
  /** Which entry it begins with. */
  readonly start: number;
}

/** Where to look next: from which entry on, and how many. */
export interface WindowRange {
  readonly start: number;
  readonly length: number;
}

const windowEntries = 512;

/** What is known of where an id may be: among the entries from `low` up to and without `high`. */
export interface IdSearch {
  readonly low: number;
  readonly high: number;
  /** The hashes of the entries before `low` and at `high`, as fractions of all hashes. */
  readonly below: number;
  readonly above: number;
}

/** The search in an index of so many entries, as it begins. */
export function beginSearch(entries: number): IdSearch {
  return { low: 0, high: entries, below: 0, above: 1 };
}

/** The entries to look at next; nothing where there are none left. */
export function chooseWindow({ low, high, below, above }: IdSearch, sought: IdHash): WindowRange | undefined {
  if (high <= low) return undefined;
  const share = above > below ? (fractionOf(sought) - below) / (above - below) : 0.5;
  const middle = low + Math.floor((high - low) * Math.min(Math.max(share, 0), 1));
  const start = Math.max(low, Math.min(middle - windowEntries / 2, high - windowEntries));
  return { start, length: Math.min(windowEntries, high - start) };
}

/** What a window says: entries of the hash, and what is left to be searched. */
export function searchWindow(
  window: IndexWindow,
  sought: IdHash,
  search: IdSearch,
): { readonly found: readonly FoundEntry[]; readonly left: IdSearch } {
  const length = Math.floor(window.bytes.length / entryBytes);
  const entries = readEntries(window.bytes, length);
  const found: FoundEntry[] = [];
  let before = 0;
  for (let i = 0; i < entries.length; i += entryNumbers) {
    const order = (entries[i] as number) - sought.upper || (entries[i + 1] as number) - sought.lower;
    if (order < 0) before++;
    if (order === 0) found.push({ part: entries[i + 2] as number, offset: entries[i + 3] as number });
  }
  const end = window.start + length;
  const hashAt = (index: number) =>
    fractionOf({ upper: entries[index * entryNumbers] as number, lower: entries[index * entryNumbers + 1] as number });
  // Entries of one hash stand together, and may go on beyond either end of a window.
  if (found.length > 0 && before === 0 && window.start > search.low && found.length < length)
    return { found, left: { ...search, high: window.start, above: hashAt(0) } };
  if (found.length > 0 && before + found.length === length && end < search.high)
    return { found, left: { ...search, low: end, below: hashAt(length - 1) } };
  if (found.length > 0) return { found, left: { ...search, high: search.low } };
  if (before === 0) return { found, left: { ...search, high: window.start, above: hashAt(0) } };
  if (before === length) return { found, left: { ...search, low: end, below: hashAt(length - 1) } };
  return { found, left: { ...search, high: search.low } };
}

/** Where in an index the place of a part stands, in bytes. */
export function placeRange({ entries }: Pick<WholeIndex, "entries">, part: number): WindowRange {
  return { start: entries * entryBytes + part * placeBytes, length: placeBytes };
}

export function readPlace(bytes: Buffer): string {
  return bytes.toString("latin1").trimEnd();
}

function writePlaces(places: readonly string[]): Buffer {
  return Buffer.from(places.map((place) => place.padEnd(placeBytes)).join(""), "latin1");
}

function fractionOf({ upper, lower }: IdHash): number {
  return upper / 2 ** 32 + lower / 2 ** 64;
}

/** Every machine that this runs on is little-endian, as the entries are. The bytes are copied: their place may not be a multiple of 4. */
function readEntries(bytes: Buffer, entries: number): Uint32Array {
  const copy = new Uint32Array(entries * entryNumbers);
  asBytes(copy).set(bytes.subarray(0, entries * entryBytes));
  return copy;
}

function asBytes(entries: Uint32Array): Buffer {
  return Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength);
}

/** So many indexes of one size become one. */
const fanIn = 8;
/** An index of so many entries is merged with no other: it would be more than a process should hold. */
const largestIndex = 8_000_000;

/** Which indexes at the end of a list are to be merged; 0 where none are. */
export function chooseMerge(indexes: readonly { readonly parts: number; readonly entries: number }[]): number {
  const levels = indexes.map(({ parts }) => Math.floor(Math.log(parts) / Math.log(fanIn) + 1e-9));
  const last = levels.at(-1);
  let same = 0;
  while (same < indexes.length && levels[levels.length - 1 - same] === last) same++;
  if (same < fanIn) return 0;
  const merged = indexes.slice(-same).reduce((sum, { entries }) => sum + entries, 0);
  return merged <= largestIndex ? same : 0;
}
