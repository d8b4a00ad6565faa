/**
 * What a trial has reported, in a file beside its checkpoints: one that goes on after its worker was lost, from a checkpoint or anew, is
 * judged by all that was reported of it.
 * @module
 */
import { appendFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Digest } from "../../plan/digest.ts";
import { type Intermediate, intermediateSchema } from "./study.ts";

const lineSchema = intermediateSchema.extend({ attempt: z.int().min(1) });
type Line = z.output<typeof lineSchema>;

export interface TrialReports {
  /** What all attempts together have reported, in order. */
  readonly all: readonly Intermediate[];
  /** Adds a report of this attempt. */
  add(report: Intermediate): void;
}

/**
 * Opens the reports of a trial, as the next attempt of it.
 *
 * @param workFolder the folder that outlives attempts
 * @param identity the identity of the trial's run
 */
export async function openTrialReports(workFolder: string, identity: Digest): Promise<TrialReports> {
  const folder = join(workFolder, "reports");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${identity}.jsonl`);
  const lines = readLines(await readFile(path, "utf8").catch(() => ""));
  const attempt = (lines.at(-1)?.attempt ?? 0) + 1;
  const earlier = joinAttempts(lines);
  const own: Intermediate[] = [];
  let all = earlier;
  return {
    get all() {
      return all;
    },
    add(report) {
      own.push(report);
      all = joinReports(earlier, own);
      try {
        // On a line of its own, should the last one have been cut off.
        appendFileSync(path, `\n${JSON.stringify({ attempt, ...report } satisfies Line)}\n`);
      } catch {
        // A disk that is full shows where the trial ends; until then it is no reason to end it.
      }
    },
  };
}

/**
 * What two attempts have reported together: one that went on from a checkpoint has what was reported before it as well, and what
 * one did again is its own.
 */
export function joinReports(earlier: readonly Intermediate[], later: readonly Intermediate[]): readonly Intermediate[] {
  const first = Math.min(...later.map(({ step }) => step));
  return [...earlier.filter(({ step }) => step < first), ...later];
}

/** Of the lines of all attempts, in order. */
function joinAttempts(lines: readonly Line[]): readonly Intermediate[] {
  const attempts = Map.groupBy(lines, ({ attempt }) => attempt);
  const reports = [...attempts.values()].map((own) => own.map(({ step, value }) => ({ step, value })));
  return reports.reduce<readonly Intermediate[]>(joinReports, []);
}

/** The lines that are whole: a write that was cut off tells nothing. */
function readLines(text: string): readonly Line[] {
  return text.split("\n").flatMap((line) => {
    try {
      return lineSchema.safeParse(JSON.parse(line)).data ?? [];
    } catch {
      return [];
    }
  });
}
