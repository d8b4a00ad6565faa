import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findExpiredVersions, type VersionsHeld } from "../../framework/data/expired-versions.ts";

const day = (number: number) => `2024-01-${String(number).padStart(2, "0")}T00:00:00.000Z`;
/** A version became live on each of these days. */
const log = (...roots: readonly string[]) => roots.map((root, index) => ({ root, at: day(index + 1) }));
const held = (change: Partial<VersionsHeld>): string[] =>
  [...findExpiredVersions({ records: [], named: [], now: day(10), ...change })].sort();

describe("retention", () => {
  it.each<[string, Partial<VersionsHeld>, string[]]>([
    ["keeps everything where none is said", { records: log("a", "b", "c"), named: ["x"], live: "c" }, []],
    ["keeps the latest", { records: log("a", "b", "c"), live: "c", retention: { versions: 2 } }, ["a"]],
    ["keeps all when there are fewer", { records: log("a", "b"), live: "b", retention: { versions: 9 } }, []],
    [
      "keeps the live one though it is none of the latest",
      { records: log("a", "b", "c"), live: "a", retention: { versions: 1 } },
      ["b"],
    ],
    ["keeps what was live again", { records: log("a", "b", "a"), live: "a", retention: { versions: 1 } }, ["b"]],
    [
      "keeps what was live within the time, however long before it became so",
      { records: log("a", "b", "c"), live: "c", retention: { for: "7 days" } },
      ["a"],
    ],
    [
      "keeps what was live until the very moment",
      { records: log("a", "b", "c"), live: "c", retention: { for: "8 days" } },
      [],
    ],
    [
      "keeps what either of the two says",
      { records: log("a", "b", "c", "d"), live: "d", retention: { versions: 2, for: "7 days" } },
      ["a"],
    ],
    ["keeps the last one of a retired dataset", { records: log("a", "b"), retention: { for: "1 day" } }, ["a"]],
    [
      "keeps no version that was never live",
      { records: log("a"), named: ["a", "x"], live: "a", retention: { versions: 5 } },
      ["x"],
    ],
    ["keeps the live one that has no number", { named: ["a", "x"], live: "a", retention: { versions: 1 } }, ["x"]],
  ])("%s", (_title, given, expired) => {
    expect(held(given)).toEqual(expired);
  });

  it("gives up ever less the more it is told to keep, and never what is live or among the latest", () => {
    const roots = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(roots, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 12 }), (all, versions, days) => {
        const given = { records: log(...all), ...(all.at(-1) && { live: all.at(-1) ?? "" }) };
        const by = (retention: VersionsHeld["retention"]) => held({ ...given, ...(retention && { retention }) });
        const both = by({ versions, for: `${days} days` });
        expect(by({ versions })).toEqual(expect.arrayContaining(both));
        expect(by({ for: `${days} days` })).toEqual(expect.arrayContaining(both));
        expect(by({ versions })).toEqual(expect.arrayContaining(by({ versions: versions + 1 })));
        for (const root of all.slice(-versions)) expect(by({ versions })).not.toContain(root);
      }),
    );
  });
});
