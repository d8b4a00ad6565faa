import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { formatIntake, formatStatus } from "../../framework/cli/commands/status.ts";
import type { LogState } from "../../framework/cli/log-state.ts";
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
const reference = { sha256: "", size: 0 };
const policy = { from: ["ops-lead", "ml-lead"], count: 1 };
const won = { model: "bigger", version: 4, package: "", endpoint: "desk", experiment: "trees", look: "l", lost: [] };

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
    [
      "of an endpoint whose experiment was looked at",
      {
        kind: "endpoint",
        experiment: {
          name: "trees",
          look: "l",
          verdict: "continue",
          stopped: [],
          at: "2026-03-01T12:00:00.123Z",
          sentence: "So.",
        },
      },
      "● ready  endpoint visits  300 rows\n    experiment trees, looked at 2026-03-01 12:00:00 UTC: So.",
    ],
    [
      "of a model whose version won an experiment, and whose candidate has won the next",
      {
        kind: "model",
        live: {
          kind: "model",
          version: 2,
          package: "",
          evaluation: "",
          run: "",
          desired: {} as never,
          fence: 2,
          from: won,
        },
        candidate: {
          digest: "c".repeat(64),
          package: "",
          evaluation: "",
          run: "",
          desired: {} as never,
          policy,
          approvals: [],
          from: { ...won, version: 5, experiment: "forests" },
        },
      },
      "● ready  model visits  300 rows\n    version 2 is version 4 of bigger, which won experiment trees on desk\n    the candidate is version 5 of bigger, which won experiment forests on desk\n    candidate cccccccccccc waits; approve it with: npx steward approve visits --as ops-lead or ml-lead",
    ],
  ])("%s", (_title, given, text) => {
    expect(stripVTControlCharacters(formatStatus({ ...ready, ...given }, false))).toBe(text);
  });

  const digest = (letter: string) => letter.repeat(64);
  const model = {
    kind: "model",
    version: 3,
    package: digest("a"),
    evaluation: digest("b"),
    run: digest("c"),
    desired: {
      kind: "model",
      spec: reference,
      training: reference,
      trainer: reference,
      features: { routes: reference, weather: reference },
      datasets: { visits: { spec: reference, root: digest("d") } },
    },
    fence: 3,
  } as const;
  const dataset = {
    kind: "dataset",
    root: digest("e"),
    rows: 12_300,
    quarantined: 2,
    identity: "i",
    number: 4,
  } as const;
  const endpoint = { kind: "endpoint", address: "http://127.0.0.1:9012", package: digest("a"), version: 3 } as const;
  const log = {
    requests: 1234,
    labels: 1,
    missing: [{ replica: "0123456789ab", stream: "feedback", head: { missing: [{ from: 5, to: 7 }] } }],
  };

  it.each<[string, Pick<EntityStatus, "kind" | "live"> & { readonly log?: LogState }, readonly string[]]>([
    [
      "a dataset",
      { kind: "dataset", live: { ...dataset, upstream: { raw: digest("f") } } },
      ["version     4, root eeeeeeeeeeee", "rows        12,300", "quarantine  2 rows", "made from   raw ffffffffffff"],
    ],
    [
      "a model",
      { kind: "model", live: model },
      [
        "version     3, package aaaaaaaaaaaa",
        "evaluation  bbbbbbbbbbbb",
        "run         cccccccccccc",
        "trained on  visits dddddddddddd",
        "features    routes, weather",
      ],
    ],
    [
      "an endpoint, with its log and what is missing in it",
      { kind: "endpoint", live: endpoint, log },
      [
        "address  http://127.0.0.1:9012",
        "version  3, package aaaaaaaaaaaa",
        "log      1,234 requests and 1 label in the store",
        "✖ the log of feedback of replica 0123456789ab has gaps, 3 numbers without a record: 5 to 7",
      ],
    ],
    [
      "an endpoint whose log could not be read",
      { kind: "endpoint", live: endpoint },
      ["address  http://127.0.0.1:9012", "version  3, package aaaaaaaaaaaa"],
    ],
  ])("has what is live when it is asked for by name: %s", (_title, given, lines) => {
    expect(formatStatus({ ...ready, ...given }, false)).not.toContain("version ");
    const shown = stripVTControlCharacters(formatStatus({ ...ready, ...given }, true)).split("\n");
    expect(shown.slice(1)).toEqual(lines.map((line) => `    ${line}`));
  });
});

describe("where rows are pushed", () => {
  it("is said of each dataset, with the way to the token and without it", () => {
    const text = formatIntake({ clicks: "http://127.0.0.1:9013/datasets/clicks/rows" });
    expect(text).toContain("clicks: POST http://127.0.0.1:9013/datasets/clicks/rows");
    expect(text).toContain("npx pulumi stack output intakeToken --show-secrets");
  });
});
