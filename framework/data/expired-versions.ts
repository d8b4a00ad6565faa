/**
 * Retention: which versions of a dataset need not be kept for their own sake. Pure.
 * @module
 */
import type { DatasetSpec } from "../definitions/spec.ts";
import { toSeconds } from "../definitions/units.ts";
import type { Digest } from "../plan/digest.ts";
import type { VersionRecord } from "./version-log.ts";

export interface VersionsHeld {
  /** What the dataset says. @default every version is kept */
  readonly retention?: DatasetSpec["retention"];
  /** Its log, oldest first. */
  readonly records: readonly Pick<VersionRecord, "root" | "at">[];
  /** Versions of it that have names, whether they were ever live or not. */
  readonly named: Iterable<Digest>;
  /** @default nothing is live */
  readonly live?: Digest;
  /** RFC 3339. */
  readonly now: string;
}

/**
 * The versions that retention keeps no more: those that were never live, and those that were, but neither among the latest
 * nor within the time. A content that was live more than once is kept as long as one of its numbers is.
 */
export function findExpiredVersions({ retention, records, named, live, now }: VersionsHeld): Set<Digest> {
  if (!retention) return new Set();
  const { versions = 0, for: time } = retention;
  const since = time === undefined ? Number.POSITIVE_INFINITY : Date.parse(now) - toSeconds(time) * 1000;
  const kept = new Set(live === undefined ? [] : [live]);
  for (const [index, { root }] of records.entries()) {
    const next = records[index + 1];
    // The last one was live until now, even where nothing is live any more.
    const until = next ? Date.parse(next.at) : Date.parse(now);
    if (index >= records.length - versions || until >= since) kept.add(root);
  }
  return new Set([...records.map(({ root }) => root), ...named].filter((root) => !kept.has(root)));
}
