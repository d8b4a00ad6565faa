/**
 * What a run's job has reported, in one file that outlives its attempts. The job keeps each report there before it prints it, so that
 * none is lost with a worker that was ended before it read the line; of a job that does not, the worker does.
 * @module
 */
import { appendFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Digest } from "../plan/digest.ts";

/** Where a job keeps what it reports. */
export const reportPlaceSchema = z.strictObject({
  /** A file of lines, one for each report with metrics: `{ attempt, step, metrics }`. Its folder outlives an attempt. */
  file: z.string(),
  /** What the lines of this attempt are told apart by. */
  attempt: z.string(),
});
export type ReportPlace = z.output<typeof reportPlaceSchema>;

const lineSchema = z.strictObject({
  attempt: z.string(),
  step: z.int(),
  metrics: z.record(z.string(), z.number()),
});

/** A report that was kept. */
export type KeptReport = Omit<z.output<typeof lineSchema>, "attempt">;

/** The file of a run. @param workFolder the folder that outlives attempts */
export function locateReports(workFolder: string, identity: Digest): string {
  return join(workFolder, "reports", `${identity}.jsonl`);
}

/**
 * Keeps a report, unless it has no metrics.
 *
 * The line is the system's before this returns, and outlives every process; `bringReportsToDisk` has it outlive the machine.
 *
 * @returns whether it is kept; not on a disk that is full, which shows where the run ends and is no reason to end it here
 */
export function keepReport({ file, attempt }: ReportPlace, { step, metrics }: KeptReport): boolean {
  if (Object.keys(metrics).length === 0) return false;
  const line: z.input<typeof lineSchema> = { attempt, step, metrics };
  try {
    // On a line of its own, should the last one have been cut off.
    appendFileSync(file, `\n${JSON.stringify(line)}\n`, { mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

/** Brings what was kept to the disk: a checkpoint must not be there without what was reported before it. */
export async function bringReportsToDisk({ file }: Pick<ReportPlace, "file">): Promise<void> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What each attempt of a run has reported, the oldest first. A line that was cut off tells nothing. */
export async function readKeptReports(
  workFolder: string,
  identity: Digest,
): Promise<readonly (readonly KeptReport[])[]> {
  const text = await readFile(locateReports(workFolder, identity), "utf8").catch(() => "");
  const attempts = Map.groupBy(text.split("\n").flatMap(readLine), ({ attempt }) => attempt);
  return [...attempts.values()].map((lines) => lines.map(({ step, metrics }) => ({ step, metrics })));
}

function readLine(line: string): z.output<typeof lineSchema>[] {
  try {
    const { data } = lineSchema.safeParse(JSON.parse(line));
    return data ? [data] : [];
  } catch {
    return [];
  }
}
