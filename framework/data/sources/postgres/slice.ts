/**
 * Slices: the files that a version has of a query with a cursor. Each is a range of the cursor, and says so in its name, so that
 * a later version knows where to go on. Pure.
 * @module
 */
import { digestOf, shortDigest } from "../../../plan/digest.ts";

/** Rows whose cursor is above `from` and not above `to`; both are texts that PostgreSQL reads back exactly. */
export interface SliceRange {
  /** @default from the beginning */
  readonly from?: string;
  readonly to: string;
}

/** A slice as a version has it. */
export interface Slice extends SliceRange {
  /** Counts from 1, so that the order of names is the order of ranges whatever the texts look like. */
  readonly number: number;
  /** What tells the query that it is of. */
  readonly query: string;
}

/** What the rows of a range are, as the server sums them up: their number, and the sum of a hash of each. */
export interface RangeContent {
  readonly rows: string;
  readonly hash: string;
}

/** What tells one query from another in the name of a slice. */
export function identifyQuery(query: {
  readonly url: string;
  readonly query: string;
  readonly cursor: string;
}): string {
  return shortDigest(digestOf(query));
}

/** `00000002@1f2e3d4c5b6a 2024-01-01 00:00:00+00..2024-02-01 00:00:00+00`. */
export function nameSlice({ number, query, from = "", to }: Slice): string {
  return `${String(number).padStart(8, "0")}@${query} ${from}..${to}`;
}

/** The slice of a name; nothing where it is none of this query. */
export function parseSlice(name: string, query: string): Slice | undefined {
  const [, number, said, from = "", to = ""] = /^(\d{8,})@([0-9a-f]+) (.*?)\.\.(.+)$/su.exec(name) ?? [];
  if (number === undefined || said !== query) return undefined;
  return { number: Number(number), query, ...(from !== "" && { from }), to };
}

/** Ranges that follow on each other, from where the last one ended. */
export function cutRanges(from: string | undefined, ends: readonly string[]): SliceRange[] {
  return ends.map((to, index) => {
    const begin = index === 0 ? from : ends[index - 1];
    return { ...(begin !== undefined && { from: begin }), to };
  });
}
