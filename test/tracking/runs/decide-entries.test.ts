import { expect, it } from "vitest";
import { decideEntries } from "../../../framework/tracking/runs/decide-entries.ts";
import type { RunEntry } from "../../../framework/tracking/runs/run-entry.ts";

const known = [
  { run_id: "a", lifecycle_stage: "active", seals: 0 },
  { run_id: "d", lifecycle_stage: "deleted", seals: 0 },
];
const stored = [{ run_id: "a", key: "p", value: "1" }];
const entry = (runId: string, params: Record<string, string>): RunEntry => ({
  runId,
  actor: "anna",
  metrics: [],
  params: Object.entries(params).map(([key, value]) => ({ key, value })),
  tags: [],
});

it.each([
  ["a run that is not there", [entry("x", {})], [0], []],
  ["a deleted run", [entry("d", {})], [0], []],
  ["a parameter that is there with this value", [entry("a", { p: "1" })], [], []],
  ["a parameter that is there with another", [entry("a", { q: "1", p: "2" })], [0], []],
  ["two values for a new parameter", [entry("a", { q: "1" }), entry("a", { q: "2" })], [1], [["q", "1"]]],
  ["one value twice", [entry("a", { q: "1" }), entry("a", { q: "1" })], [], [["q", "1"]]],
  [
    "a value that only a refused entry gave",
    [entry("a", { q: "1", p: "2" }), entry("a", { q: "3" })],
    [0],
    [["q", "3"]],
  ],
])("decides on %s", (_name, entries, failed, params) => {
  const decided = decideEntries(entries, { known, stored });
  expect([...decided.failures.keys()]).toEqual(failed);
  expect(decided.accepted).toEqual(entries.filter((_entry, index) => !(failed as number[]).includes(index)));
  expect(decided.params.map(({ key, value }) => [key, value])).toEqual(params);
});
