/**
 * What an error tells of a job that failed: as much as fits beside the rest in an error that a history keeps.
 * @module
 */
import { hideCredentials } from "../toolchain/command.ts";
import type { JobEnd, RunningJob } from "./runner.ts";

/** In lines, and in characters of each. */
const shown = { lines: 15, characters: 160 } as const;

/** The last lines that a job printed, each on a line of its own and set in; "" where it printed none. No credential is in them. */
export function quoteLastLines(running: Pick<RunningJob, "logs">): string {
  const lines = running
    .logs()
    .filter((line) => line.trim() !== "")
    .slice(-shown.lines);
  return lines.map((line) => `\n    ${hideCredentials(line).slice(0, shown.characters)}`).join("");
}

/** `after 12 s, using 310 MiB at most` */
export function describeUse({ seconds, peakBytes }: Pick<JobEnd, "seconds" | "peakBytes">): string {
  return `after ${Math.round(seconds)} s, using ${Math.ceil(peakBytes / 2 ** 20)} MiB at most`;
}
