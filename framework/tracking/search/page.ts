/**
 * Pages of a search: tokens that say where the next one begins, and that a client takes as they are. Pure.
 * @module
 */
import { z } from "zod";
import { invalid } from "../tracking-failure.ts";

const tokenSchema = z.object({ offset: z.int().min(0) });

/** @throws TrackingFailure 400 for a token that none of this server is. @default 0 for none */
export function readPageToken(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(token, "base64").toString("utf8"))).offset;
  } catch {
    throw invalid("Invalid page token, it is none that this server gave");
  }
}

/** A page, and the token of the next one where there is one. */
export interface Page<T> {
  readonly items: readonly T[];
  /** @default this is the last page */
  readonly token?: string;
}

/** Cuts a page from what was found from its offset on; one more than it has was looked for, to learn whether there are more. */
export function cutPage<T>(found: readonly T[], { offset, size }: { offset: number; size: number }): Page<T> {
  if (found.length <= size) return { items: found };
  const token = Buffer.from(JSON.stringify({ offset: offset + size })).toString("base64");
  return { items: found.slice(0, size), token };
}

/** @throws TrackingFailure 400 unless it is from 1 to the most */
export function checkPageSize(size: number, most: number): number {
  if (size >= 1 && size <= most) return size;
  throw invalid(`Invalid value ${size} for parameter 'max_results' supplied. It must be from 1 to ${most}.`);
}
