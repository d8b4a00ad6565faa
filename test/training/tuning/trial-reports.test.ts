import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Intermediate } from "../../../framework/training/tuning/study.ts";
import { joinReports, openTrialReports } from "../../../framework/training/tuning/trial-reports.ts";

const run = "a".repeat(64);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-reports-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const reports = (...pairs: readonly (readonly [number, number])[]): Intermediate[] =>
  pairs.map(([step, value]) => ({ step, value }));

async function attempt(...added: readonly Intermediate[]): Promise<readonly Intermediate[]> {
  const opened = await openTrialReports(folder, run);
  for (const report of added) opened.add(report);
  return opened.all;
}

describe("what a trial has reported", () => {
  it("is known to its next attempt, and is none of another trial's", async () => {
    await attempt(...reports([1, 0.5], [2, 0.4]));
    expect(await attempt()).toEqual(reports([1, 0.5], [2, 0.4]));
    expect((await openTrialReports(folder, "b".repeat(64))).all).toEqual([]);
  });

  it("goes on where it went on from a checkpoint", async () => {
    await attempt(...reports([1, 0.5], [2, 0.4], [3, 0.3]));
    expect(await attempt(...reports([3, 0.31]))).toEqual(reports([1, 0.5], [2, 0.4], [3, 0.31]));
    expect(await attempt(...reports([4, 0.2]))).toEqual(reports([1, 0.5], [2, 0.4], [3, 0.31], [4, 0.2]));
  });

  it("is replaced by what was done again from the beginning", async () => {
    await attempt(...reports([1, 0.5], [2, 0.4], [3, 0.3]));
    expect(await attempt(...reports([1, 0.6]))).toEqual(reports([1, 0.6]));
    expect(await attempt()).toEqual(reports([1, 0.6]));
  });

  it("loses no more than the line that was being written when its worker was killed", async () => {
    await attempt(...reports([1, 0.5], [2, 0.4]));
    await appendFile(join(folder, "reports", `${run}.jsonl`), '\n{"attempt":1,"step":3,"val');
    expect(await attempt(...reports([3, 0.3]))).toEqual(reports([1, 0.5], [2, 0.4], [3, 0.3]));
    expect(await attempt()).toEqual(reports([1, 0.5], [2, 0.4], [3, 0.3]));
  });

  it("counts as it was reported, where the steps of one attempt go back", () => {
    expect(joinReports(reports([1, 9], [5, 8]), reports([3, 7], [2, 6]))).toEqual(reports([1, 9], [3, 7], [2, 6]));
    expect(joinReports(reports([1, 9]), [])).toEqual(reports([1, 9]));
  });
});
