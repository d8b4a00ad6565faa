import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepReport, locateReports } from "../../../framework/training/kept-reports.ts";
import type { Intermediate } from "../../../framework/training/tuning/study.ts";
import { joinReports, openTrialReports } from "../../../framework/training/tuning/trial-reports.ts";

const identity = "a".repeat(64);
let workFolder: string;
let attempts: number;
beforeEach(async () => {
  workFolder = await mkdtemp(join(tmpdir(), "steward-reports-"));
  await mkdir(dirname(locateReports(workFolder, identity)));
  attempts = 0;
});
afterEach(() => rm(workFolder, { recursive: true, force: true }));

const reports = (...pairs: readonly (readonly [number, number])[]): Intermediate[] =>
  pairs.map(([step, value]) => ({ step, value }));
const open = (of = identity) => openTrialReports({ workFolder, identity: of, metric: "loss" });

/** An attempt whose job keeps what it reports, and whose worker is ended before it reads the last line. */
async function attempt(...added: readonly Intermediate[]): Promise<readonly Intermediate[]> {
  const opened = await open();
  const place = { file: locateReports(workFolder, identity), attempt: `${++attempts}` };
  for (const [at, { step, value }] of added.entries()) {
    const report = { step, metrics: { loss: value, auc: 0.5 } };
    keepReport(place, report);
    if (at < added.length - 1) expect(opened.add(report)).toBe(true);
  }
  return opened.all;
}

describe("what a trial has reported", () => {
  it("is known to its next attempt, the line too that nobody read, and is none of another trial's", async () => {
    expect(await attempt(...reports([1, 0.5], [2, 0.4]))).toEqual(reports([1, 0.5]));
    expect(await attempt()).toEqual(reports([1, 0.5], [2, 0.4]));
    expect((await open("b".repeat(64))).all).toEqual([]);
  });

  it("goes on where it went on from a checkpoint", async () => {
    await attempt(...reports([1, 0.5], [2, 0.4], [3, 0.3]));
    await attempt(...reports([3, 0.31]));
    expect(await attempt(...reports([4, 0.2], [5, 0.1]))).toEqual(reports([1, 0.5], [2, 0.4], [3, 0.31], [4, 0.2]));
  });

  it("is replaced by what was done again from the beginning", async () => {
    await attempt(...reports([1, 0.5], [2, 0.4], [3, 0.3]));
    await attempt(...reports([1, 0.6]));
    expect(await attempt()).toEqual(reports([1, 0.6]));
  });

  it("is what it said of the objective", async () => {
    const opened = await open();
    expect(opened.add({ step: 1, metrics: { auc: 0.5 } })).toBe(false);
    expect(opened.all).toEqual([]);
  });

  it("counts as it was reported, where the steps of one attempt go back", () => {
    expect(joinReports(reports([1, 9], [5, 8]), reports([3, 7], [2, 6]))).toEqual(reports([1, 9], [3, 7], [2, 6]));
    expect(joinReports(reports([1, 9]), [])).toEqual(reports([1, 9]));
  });
});
