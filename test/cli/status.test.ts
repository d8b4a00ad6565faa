import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { formatIntake, formatStatus } from "../../framework/cli/commands/status.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";

const desired = { kind: "dataset", spec: { sha256: "", size: 0 }, location: "", fingerprint: "" } as const;
const ready: EntityStatus = {
  format: "entity-status/1",
  kind: "dataset",
  name: "visits",
  owner: "shop/local",
  generation: 1,
  settled: 1,
  state: "ready",
  summary: "300 rows",
  reasons: [],
  digest: "",
  desired,
  durations: {},
};
const policy = { from: ["ops-lead", "ml-lead"], count: 1 };

describe("a status", () => {
  it.each<[string, Partial<EntityStatus> & { readonly progress?: string }, string]>([
    ["that is ready", {}, "● ready  dataset visits  300 rows"],
    [
      "at work, with its live progress",
      { state: "working", summary: "ingesting", progress: "200 of 300 rows" },
      "● working  dataset visits  ingesting\n    200 of 300 rows",
    ],
    [
      "whose progress says nothing new",
      { state: "working", summary: "ingesting", progress: "ingesting" },
      "● working  dataset visits  ingesting",
    ],
    [
      "that failed, with its reasons",
      { state: "failed", summary: "One.", reasons: ["One.", "Two,\nin lines."] },
      "● failed  dataset visits  One.\n    ✖ Two,\n      in lines.",
    ],
    [
      "that waits, with what to type",
      {
        state: "awaiting-approval",
        summary: "awaiting approval",
        candidate: {
          digest: "c".repeat(64),
          package: "",
          evaluation: "",
          run: "",
          desired: {} as never,
          policy,
          approvals: [],
        },
      },
      "● awaiting-approval  dataset visits  awaiting approval\n    candidate cccccccccccc waits; approve it with: npx steward approve visits --as ops-lead or ml-lead",
    ],
    [
      "with a schedule that has not had its turn",
      { desired: { ...desired, every: "1 hour" } },
      "● ready  dataset visits  300 rows\n    looks for something new every 1 hour, not yet",
    ],
    [
      "with a schedule, and when it looked last",
      { desired: { ...desired, every: "1 hour" }, looked: "2024-05-01T12:30:00.123Z" },
      "● ready  dataset visits  300 rows\n    looks for something new every 1 hour, last at 2024-05-01 12:30:00 UTC",
    ],
  ])("%s", (_title, given, text) => {
    expect(stripVTControlCharacters(formatStatus({ ...ready, ...given }, false))).toBe(text);
  });

  it("has what is live when it is asked for by name", () => {
    const live = { kind: "dataset", root: "r", rows: 300, quarantined: 0, identity: "i" } as const;
    expect(formatStatus({ ...ready, live }, false)).not.toContain("quarantined");
    expect(formatStatus({ ...ready, live }, true)).toContain('\n      "quarantined": 0,\n');
  });
});

describe("where rows are pushed", () => {
  it("is said of each dataset, with the way to the token and without it", () => {
    const text = formatIntake({ clicks: "http://127.0.0.1:9013/datasets/clicks/rows" });
    expect(text).toContain("clicks: POST http://127.0.0.1:9013/datasets/clicks/rows");
    expect(text).toContain("npx pulumi stack output intakeToken --show-secrets");
  });
});
