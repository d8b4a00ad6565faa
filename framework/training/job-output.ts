/**
 * What a job prints: its reports are handed over, all of it goes to its log, and the last lines are kept.
 * @module
 */
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { type JobReport, jobReportSchema } from "./run.ts";

/** A line that is a report begins so. */
const reportPrefix = "steward:";
const keptLines = 40;
/** Where a log is cut, in bytes. */
const fullLog = 64 * 2 ** 20;

export interface JobOutput {
  /** Takes a line. @param mayReport whether it may be a report: of a process those on stdout alone @default true */
  take(line: string, mayReport?: boolean): void;
  /** The last lines, reports left out; at most 40. */
  last(): readonly string[];
  /** Ends the log. @throws Error where it could not be written */
  close(): Promise<void>;
}

/** Begins the log anew. @param path of the log @param watch gets each report */
export function openJobOutput(path: string, watch: (report: JobReport) => void): JobOutput {
  const log = openLog(path);
  const lastLines: string[] = [];
  return {
    take(line, mayReport = true) {
      log.write(line);
      const report = mayReport ? readReport(line) : undefined;
      if (report) watch(report);
      else if (lastLines.push(line) > keptLines) lastLines.shift();
    },
    last: () => [...lastLines],
    close: () => log.close(),
  };
}

/** The report in a line, or nothing when it is a line like any other. */
export function readReport(line: string): JobReport | undefined {
  if (!line.startsWith(reportPrefix)) return undefined;
  try {
    return jobReportSchema.safeParse(JSON.parse(line.slice(reportPrefix.length))).data;
  } catch {
    return undefined;
  }
}

/** A log that is cut rather than fill the disk. */
function openLog(path: string): { write(line: string): void; close(): Promise<void> } {
  const file = createWriteStream(path, { mode: 0o600 });
  // A disk that is full shows when the log is closed; until then it must not end the process that writes here.
  file.on("error", () => {});
  let size = 0;
  return {
    write(line) {
      if (size > fullLog) return;
      size += Buffer.byteLength(line) + 1;
      file.write(size > fullLog ? "… the log is cut here\n" : `${line}\n`);
    },
    close: () => finished(file.end()),
  };
}
