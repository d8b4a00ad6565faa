/**
 * Which records of a log were not shown yet.
 * @module
 */
import type { RecordRow } from "../serving/log/record-columns.ts";

/**
 * Takes the rows that are new, and notes how far each replica has come. Rows stand in the order of their times, which is not that of
 * their numbers where some requests took longer than others.
 * @param shown the last number of each replica that was shown; what is new is noted in it
 */
export function takeNew(rows: readonly RecordRow[], shown: Map<string, number>): readonly RecordRow[] {
  const fresh = rows.filter(({ replica, sequence }) => Number(sequence) > (shown.get(String(replica)) ?? 0));
  for (const { replica, sequence } of fresh)
    shown.set(String(replica), Math.max(Number(sequence), shown.get(String(replica)) ?? 0));
  return fresh;
}
