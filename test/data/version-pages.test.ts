import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VersionFile } from "../../framework/data/dataset-version.ts";
import type { SourceFile } from "../../framework/data/source-files.ts";
import { planPages, summarize, summarizeFile } from "../../framework/data/version-pages.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import { testSpec } from "./ingesting.ts";

const spec = testSpec([{ name: "amount", type: "integer" }]);
const file = (name: string, content = name): SourceFile => ({
  name,
  path: `/${name}`,
  fingerprint: digestBytes(content),
  size: 1,
});
const tenThousand = Array.from({ length: 10_000 }, (_, index) => file(`part-${String(index).padStart(5, "0")}.csv`));
const identities = (files: readonly SourceFile[], of = spec) => planPages(of, files).map(({ identity }) => identity);
const before = identities(tenThousand);

describe("the pages of many files", () => {
  it("hold all of them in order, a hundred or so each", () => {
    const pages = planPages(spec, tenThousand);
    expect(pages.flatMap(({ files }) => files)).toEqual(tenThousand);
    const sizes = pages.map(({ files }) => files.length);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(32);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(512);
    expect(10_000 / pages.length).toBeGreaterThan(90);
    expect(10_000 / pages.length).toBeLessThan(170);
  });

  it.each<[string, (at: number) => SourceFile[], number]>([
    ["has other content", (at) => tenThousand.with(at, file(tenThousand[at]?.name ?? "", "other")), 1],
    ["goes", (at) => tenThousand.toSpliced(at, 1), 4],
    ["comes", (at) => tenThousand.toSpliced(at, 0, file(`${tenThousand[at - 1]?.name}-b`)), 4],
  ])("are all but a few the same when a file %s", (_, change, most) => {
    const counts = [1, 77, 1_234, 4_999, 7_777, 9_998].map(
      (at) => identities(change(at)).filter((identity) => !before.includes(identity)).length,
    );
    expect(Math.max(...counts)).toBeLessThanOrEqual(most);
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeLessThanOrEqual(2);
  });

  it("are all others under another contract", () => {
    const other = testSpec([{ name: "amount", type: "integer", min: 1 }]);
    expect(identities(tenThousand, other).filter((identity) => before.includes(identity))).toEqual([]);
  });
});

const read = (rows: number, change: Partial<VersionFile> = {}): VersionFile => ({
  name: "x",
  fingerprint: "",
  identity: "",
  rows,
  from: "2024-01-01T00:00:00Z",
  to: "2024-01-01T00:00:00Z",
  parts: [],
  ...change,
});
const object = { sha256: "0".repeat(64), size: 0 };
const reason = (column: string, rows: number) => ({ column, reason: "is null", rows });

describe("what is said of several files", () => {
  it("adds their rows and reasons, the most frequent first, and spans their times", () => {
    const files = [
      read(2, { quarantine: { object, rows: 3, reasons: [reason("a", 2), reason("b", 1)] } }),
      read(0, { from: "", to: "", quarantine: { object, rows: 1, reasons: [reason("c", 1)] } }),
      read(5, { from: "2023-12-31T23:59:59.5Z", to: "2024-01-01T00:00:00.25Z" }),
      read(1, { quarantine: { object, rows: 2, reasons: [reason("b", 2)] } }),
    ];
    expect(summarize(files.map(summarizeFile))).toEqual({
      rows: 8,
      from: "2023-12-31T23:59:59.5Z",
      to: "2024-01-01T00:00:00.25Z",
      quarantined: { rows: 6, reasons: [reason("b", 3), reason("a", 2), reason("c", 1)] },
    });
  });

  it("is what is said of one, and of none", () => {
    const quarantined = { rows: 2, reasons: [reason("b", 1), reason("a", 1)] };
    const one = summarizeFile(read(3, { quarantine: { object, ...quarantined } }));
    expect(summarize([one])).toEqual(one);
    expect(summarize([summarizeFile(read(0, { from: "", to: "" }))])).toEqual({ rows: 0, from: "", to: "" });
  });

  it("spans times in the order of time", () => {
    // Close to each other, so that some differ in a fraction of a second alone; and around the end of a millennium.
    const time = fc
      .tuple(fc.constantFrom("1999-12-31T23:59:58Z", "2024-02-29T00:00:00Z"), fc.nat(16))
      .map(([start, steps]) => new Date(Date.parse(start) + steps * 250));
    fc.assert(
      fc.property(fc.array(time, { minLength: 1 }), (times) => {
        const show = (date: Date) => date.toISOString().replace(/\.?0*Z$/, "Z");
        const sorted = times.toSorted((a, b) => a.getTime() - b.getTime());
        const { from, to } = summarize(times.map((at) => ({ rows: 1, from: show(at), to: show(at) })));
        expect([from, to]).toEqual([sorted[0], sorted.at(-1)].map((at) => at && show(at)));
      }),
    );
  });
});
