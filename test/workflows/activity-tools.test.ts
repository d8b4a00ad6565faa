import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncLocalStorage, type Context } from "@temporalio/activity";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Progress } from "../../framework/data/progress.ts";
import {
  type ActivityToolsOptions,
  createActivityTools,
  formatProgress,
  type LongWork,
} from "../../workflows/activity-tools.ts";

const reading = { phase: "reading", unit: "rows" } as const;

it.each<[Progress, string]>([
  [{ phase: "windows", done: 1_200_000, total: 3_000_000, unit: "rows" }, "windows: 1,200,000 of 3,000,000 rows"],
  [{ phase: "joining", done: 12.4, unit: "percent" }, "joining: 12 percent"],
  [
    { ...reading, done: 1_200_000, files: { done: 3, total: 40 }, bytes: { done: 85_000_000, total: 1_200_000_000 } },
    "reading 3 of 40 files, 1,200,000 rows, 85 MB of 1.2 GB",
  ],
  [{ ...reading, done: 0, files: { done: 0, total: 1 }, bytes: { done: 5_000, total: 9_000 } }, "reading 5 kB of 9 kB"],
  // Of a derived dataset no bytes are counted.
  [{ ...reading, done: 0, files: { done: 0, total: 1 }, bytes: { done: 0, total: 0 } }, "reading"],
  [{ ...reading, done: 7, files: { done: 0, total: 1 }, bytes: { done: 0, total: 0 } }, "reading 7 rows"],
])("progress is one line: %j", (progress, line) => {
  expect(formatProgress(progress)).toBe(line);
});

/** Has work done as the engine would, without one. @returns what it said in heartbeats */
async function performLong(work: (long: LongWork, said: readonly unknown[]) => Promise<void>): Promise<unknown[]> {
  const workRoot = await mkdtemp(join(tmpdir(), "steward-work-"));
  onTestFinished(() => rm(workRoot, { recursive: true, force: true }));
  const tools = createActivityTools({ workRoot, inputs: {} } as Partial<ActivityToolsOptions> as ActivityToolsOptions);
  const said: unknown[] = [];
  const context = {
    info: { activityId: "1", attempt: 1 },
    heartbeat: (line: unknown) => said.push(line),
    cancellationSignal: new AbortController().signal,
  } as unknown as Context;
  await asyncLocalStorage.run(context, () => tools.performLong("train", (long) => work(long, said)));
  return said;
}

/** By the machine's clock all work is long where the machine is busy. */
function holdTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
}

it("short work keeps its progress to itself", async () => {
  holdTime();
  const work = async ({ show }: LongWork): Promise<void> => {
    show("begun");
    show("ended");
  };
  expect(await performLong(work)).toEqual([]);
});

it("longer work says what it has shown last, and from then on what it shows", async () => {
  holdTime();
  const said = await performLong(async ({ show }, sofar) => {
    show("reading");
    show("fitting");
    vi.advanceTimersByTime(100);
    expect(sofar).toHaveLength(1);
    show("writing");
  });
  expect(said).toEqual([{ line: "fitting" }, { line: "writing" }]);
});
