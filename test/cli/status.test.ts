import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { formatStatus } from "../../framework/cli/commands/status.ts";
import type { EntityStatus } from "../../framework/engine/messages.ts";

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
  ])("%s", (_title, given, text) => {
    expect(stripVTControlCharacters(formatStatus({ ...ready, ...given }, false))).toBe(text);
  });

  it("has what is live when it is asked for by name", () => {
    const live = { kind: "dataset", root: "r", rows: 300, quarantined: 0, identity: "i" } as const;
    expect(formatStatus({ ...ready, live }, false)).not.toContain("quarantined");
    expect(formatStatus({ ...ready, live }, true)).toContain('\n      "quarantined": 0,\n');
  });
});
