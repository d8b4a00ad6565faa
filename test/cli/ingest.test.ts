import { describe, expect, it } from "vitest";
import { describeOutcome } from "../../framework/cli/commands/ingest.ts";
import type { EntityStatus, LiveDataset } from "../../framework/engine/entity-status.ts";

const first: LiveDataset = { kind: "dataset", root: "r1", rows: 1200, quarantined: 0, identity: "i", number: 1 };
const second: LiveDataset = { ...first, root: "r2", quarantined: 3, number: 2 };
const status = (given: Partial<EntityStatus>) => ({ state: "ready", reasons: [], ...given }) as EntityStatus;

describe("what came of an ingest", () => {
  it.each<[string, Parameters<typeof describeOutcome>[1], string, boolean]>([
    [
      "a new version",
      { before: first, after: status({ live: second }) },
      "✔ flights: version 2, 1,200 rows, 3 quarantined",
      true,
    ],
    ["the first", { before: undefined, after: status({ live: first }) }, "✔ flights: version 1, 1,200 rows", true],
    [
      "nothing new",
      { before: first, after: status({ live: first }) },
      "✔ flights: nothing new: version 1 stays, 1,200 rows",
      false,
    ],
    [
      "a failure, with every reason",
      { before: first, after: status({ state: "failed", live: first, reasons: ["one", "two\nlines"] }) },
      "✖ flights: failed\n  ✖ one\n  ✖ two\n    lines",
      false,
    ],
    ["a dataset that has gone", { before: first, after: undefined }, "✖ flights: retired\n  ✖ it was retired", false],
  ])("%s", (_title, seen, text, isNew) => {
    const outcome = describeOutcome("flights", seen);
    expect(outcome.text).toBe(text);
    expect(outcome.facts.isNew).toBe(isNew);
  });
});
