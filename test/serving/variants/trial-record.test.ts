import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EndedTrials } from "../../../framework/serving/processes/ended-trials.ts";
import { mergeEvidence } from "../../../framework/serving/processes/merge-evidence.ts";
import { TrialRecord, type TriedVariant, takeEndedTrials } from "../../../framework/serving/variants/trial-record.ts";
import { keyOfTried } from "../../../framework/serving/variants/trials.ts";

const canary: TriedVariant = { name: "canary", model: "late", version: 2, package: "p2", weight: 500 };
const shadow: TriedVariant = { name: "shadow-far", model: "far", version: 7, package: "p7", weight: 0 };

let folder: string;
const lines: string[] = [];
const report = (line: string) => void lines.push(line);
beforeEach(async () => {
  lines.length = 0;
  folder = await mkdtemp(join(tmpdir(), "steward-trials-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the record of a trial", () => {
  it("says what a version was asked for when its process ended, and is taken once", () => {
    const record = new TrialRecord(folder, canary, report);
    record.begin({ requests: 3, unseen: 0 });
    record.begin({ requests: 0, unseen: 16 });
    record.end({ requests: 1, unseen: 0 });
    expect(takeEndedTrials(folder)).toEqual([{ variant: canary, requests: 2, unseen: 16 }]);
    expect(takeEndedTrials(folder)).toEqual([]);
  });

  it("says nothing of a version that was asked nothing, or that is on trial no more", async () => {
    const record = new TrialRecord(folder, canary, report);
    record.begin({ requests: 1, unseen: 0 });
    record.end({ requests: 1, unseen: 0 });
    const left = new TrialRecord(folder, shadow, report);
    left.begin({ requests: 0, unseen: 1 });
    left.close();
    // A run that ends when its record is closed writes nothing.
    left.end({ requests: 0, unseen: 1 });
    expect(takeEndedTrials(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is passed over where it is cut short, and other files stay", async () => {
    await writeFile(join(folder, "trial-99.bin"), "x");
    await writeFile(join(folder, "requests-0000000000000001.jsonl"), "{}");
    expect(takeEndedTrials(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual(["requests-0000000000000001.jsonl"]);
    expect(takeEndedTrials(join(folder, "none"))).toEqual([]);
  });

  it("keeps nobody from answering where it cannot be written, and says so once", async () => {
    await writeFile(join(folder, "file"), "");
    const record = new TrialRecord(join(folder, "file"), canary, report);
    record.begin({ requests: 1, unseen: 0 });
    record.end({ requests: 1, unseen: 0 });
    record.close();
    expect(lines).toEqual([expect.stringMatching(/^a trial cannot be recorded: /)]);
  });

  it("leaves nothing once it cannot be written on: what it said last is true no more", async () => {
    const record = new TrialRecord(folder, canary, report);
    record.begin({ requests: 3, unseen: 0 });
    // More than its place holds.
    record.begin({ requests: 2 ** 32, unseen: 0 });
    record.end({ requests: 2 ** 32, unseen: 0 });
    expect(await readdir(folder)).toEqual([]);
    expect(lines).toEqual([expect.stringMatching(/^a trial cannot be recorded: /)]);
  });

  it("that cannot be removed keeps nobody from going on", async () => {
    await mkdir(join(folder, "trial-99.bin"));
    expect(takeEndedTrials(folder)).toEqual([]);
  });
});

describe("the end of a process", () => {
  /** What ends of processes come to, each with what was asked then and whether it hung. */
  function end(
    trials: EndedTrials,
    asked: { variant: TriedVariant; requests?: number; unseen?: number },
    isHung = false,
  ) {
    const record = new TrialRecord(folder, asked.variant, report);
    record.begin({ requests: asked.requests ?? 0, unseen: asked.unseen ?? 0 });
    return trials.take({ index: 0, isHung });
  }
  const told = [keyOfTried(shadow)];

  it("counts against a canary what it was answering", () => {
    const { past, tell, says } = end(new EndedTrials("desk", folder), { variant: canary, requests: 3 }, true);
    const seen = { ...canary, answered: 90, failed: 1, latency: { bounds: [10], counts: [80, 90] } };
    const merged = mergeEvidence({
      values: [{ endpoint: "desk", generation: 4, variants: [seen] }],
      past: [past?.["evidence"] as never],
    });
    expect(merged).toEqual({ endpoint: "desk", generation: 4, variants: [{ ...seen, failed: 4, ended: 1 }] });
    expect(tell).toBeUndefined();
    expect(says).toEqual(['it ended while variant "canary", version 2 of late, was asked']);
  });

  it("counts once where all processes of a server ended together", async () => {
    for (const [own, requests] of [
      [folder, 2],
      [join(folder, "process-1"), 1],
      [join(folder, "process-2"), 0],
    ] as const)
      new TrialRecord(own, canary, report).begin({ requests, unseen: 0 });
    const trials = new EndedTrials("desk", folder);
    expect(await trials.takeBefore()).toEqual({
      past: {
        evidence: { endpoint: "desk", generation: 0, variants: [expect.objectContaining({ failed: 3, ended: 1 })] },
      },
      says: ['it ended while variant "canary", version 2 of late, was asked'],
    });
    expect(await trials.takeBefore()).toEqual({});
  });

  it("says nothing where nobody on trial was asked", () => {
    expect(new EndedTrials("desk", folder).take({ index: 0, isHung: true })).toEqual({});
    expect(end(new EndedTrials("desk", folder), { variant: canary })).toEqual({});
  });

  it.each<[string, readonly boolean[], readonly unknown[]]>([
    ["at once where it hung", [true], [told]],
    ["after the second one else", [false, false], [undefined, told]],
    ["once", [true, false, true], [told, undefined, undefined]],
  ])("has a version asked unseen no more, %s", (_title, ends, expected) => {
    const trials = new EndedTrials("desk", folder);
    expect(ends.map((isHung) => end(trials, { variant: shadow, unseen: 5 }, isHung).tell?.value)).toEqual(expected);
  });

  it("lets a canary be asked unseen on: its endpoint takes it back", () => {
    const trials = new EndedTrials("desk", folder);
    const { tell, past } = end(trials, { variant: canary, unseen: 5 }, true);
    expect(tell).toBeUndefined();
    expect(past).toMatchObject({ evidence: { variants: [{ failed: 0, compared: { failed: 5 }, ended: 1 }] } });
  });
});
