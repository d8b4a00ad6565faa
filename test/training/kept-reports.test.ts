import { appendFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  bringReportsToDisk,
  keepReport,
  locateReports,
  readKeptReports,
} from "../../framework/training/kept-reports.ts";

const run = "a".repeat(64);
const report = (step: number) => ({ step, metrics: { auc: step / 10 } });
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-reports-"));
  file = locateReports(folder, run);
  await mkdir(dirname(file));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the reports that a run has kept", () => {
  it("are told apart by their attempts, the oldest first, and are none of another run's", async () => {
    for (const step of [1, 2]) expect(keepReport({ file, attempt: "one" }, report(step))).toBe(true);
    expect(keepReport({ file, attempt: "two" }, report(2))).toBe(true);
    await bringReportsToDisk({ file });
    expect(await readKeptReports(folder, run)).toEqual([[report(1), report(2)], [report(2)]]);
    expect(await readKeptReports(folder, "b".repeat(64))).toEqual([]);
  });

  it("lack no more than the line that was being written", async () => {
    keepReport({ file, attempt: "one" }, report(1));
    await appendFile(file, '\n{"attempt":"one","step":2,"met');
    keepReport({ file, attempt: "two" }, report(2));
    expect(await readKeptReports(folder, run)).toEqual([[report(1)], [report(2)]]);
  });

  it("are those with metrics, as far as there is room", async () => {
    await bringReportsToDisk({ file });
    expect(keepReport({ file, attempt: "one" }, { step: 1, metrics: {} })).toBe(false);
    expect(keepReport({ file: "/dev/full", attempt: "one" }, report(1))).toBe(false);
    expect(await readKeptReports(folder, run)).toEqual([]);
  });
});
