/**
 * Following a log: what is new is shown as it comes, each record once, and whatever cannot be shown is said.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type RecordRow, toRecord } from "../serving/log/record-columns.ts";
import type { RecordFilter } from "../serving/log/record-filter.ts";
import { takeNew } from "./new-records.ts";

export interface Following {
  /** The newest records that a filter lets through, the oldest of them first; parts of the log that were seen are not read again. */
  readonly read: (limit: number, filter: RecordFilter, seenParts: Set<string>) => Promise<readonly RecordRow[]>;
  readonly show: (row: RecordRow) => void;
  /** Told in one line of records that are not shown. */
  readonly warn: (line: string) => void;
  readonly filter: RecordFilter;
  /** How many are shown at first. */
  readonly limit: number;
  /** How many at most are shown of what came since the last look. @default 20000 */
  readonly mostNew?: number;
  /** How long it waits between two looks, in milliseconds. @default 1000 */
  readonly everyMilliseconds?: number;
  /** Ends it. @default nothing does */
  readonly signal?: AbortSignal;
}

const usualMost = 20_000;
const usualWait = 1000;
/** Records of before it begins may come so much later than others that were asked later, in milliseconds. */
const lateMilliseconds = 60_000;
/** Those of one replica are brought into the store so much later than what another has shown, in milliseconds: what is later still is not seen. */
const mostLate = 3_600_000;

/** Shows what is new, until it is ended. @throws what reading throws */
export async function followRequests(following: Following): Promise<void> {
  const { read, show, warn, mostNew = usualMost, everyMilliseconds = usualWait, signal } = following;
  const shown = new Map<string, number>();
  // Parts without a record that the filter lets through are not known by what was shown.
  const seenParts = new Set<string>();
  let { limit, filter } = following;
  let isFirst = true;
  const begun = Date.now();
  for (let newest = begun; !signal?.aborted; ) {
    const rows = takeNew(await read(limit, filter, seenParts), shown);
    if (!isFirst && rows.length >= limit)
      warn(
        `✖ ${limit.toLocaleString("en")} or more requests since the last look: those before the next line are not all shown`,
      );
    for (const row of rows) {
      show(row);
      newest = Math.max(newest, Date.parse(String(toRecord(row)["time"])) || 0);
    }
    isFirst = false;
    limit = mostNew;
    // The clock of a replica may be ahead, and must not hide what others have.
    newest = Math.min(newest, Date.now());
    const since = new Date(Math.max(begun - lateMilliseconds, newest - mostLate));
    const { since: asked } = following.filter;
    filter = { ...filter, since: asked && asked > since ? asked : since, after: shown };
    await sleep(everyMilliseconds, undefined, signal && { signal }).catch(() => undefined);
  }
}
