import { describe, expect, it } from "vitest";
import {
  addSeen,
  countSlower,
  findQuantile,
  nothingSeen,
  type Reading,
  type Seen,
} from "../../../framework/serving/variants/evidence-window.ts";

const bounds = [10, 100, 1000];
/** A reading of a server that answered so many, all of them within 10 ms but for the slow. */
const reading = (
  answered: number,
  failed = 0,
  { slow = 0, rows = 0, disagreed = 0, unanswered = 0 } = {},
): Reading => ({
  answered,
  failed,
  latency: { bounds, counts: [answered - slow, answered - slow, answered, answered] },
  compared: { rows, disagreed, failed: unanswered, skipped: 0 },
});

describe("what is seen between two readings", () => {
  it("is by how much the counters grew, and adds up", () => {
    const first = addSeen(nothingSeen, reading(100, 2), reading(150, 3, { slow: 5, rows: 8, disagreed: 1 }));
    expect(first).toMatchObject({ answered: 50, failed: 1, rows: 8, disagreed: 1, counts: [45, 45, 50, 50] });
    const second = addSeen(first, reading(150, 3, { slow: 5 }), reading(160, 3, { slow: 6 }));
    expect(second).toMatchObject({ answered: 60, failed: 1, counts: [54, 54, 60, 60] });
  });

  it("counts from zero where another process began to count anew", () => {
    expect(addSeen(nothingSeen, reading(100, 2), reading(7, 3))).toMatchObject({ answered: 7, failed: 3 });
    // One counter that is lower is enough: the others have grown past where they were.
    expect(addSeen(nothingSeen, reading(100, 2), reading(400, 1))).toMatchObject({ answered: 400, failed: 1 });
  });

  it("counts nothing compared where nothing was, and other buckets from zero", () => {
    const { compared: _compared, ...bare } = reading(5);
    expect(addSeen(nothingSeen, bare, { ...bare, answered: 6 })).toMatchObject({ answered: 1, rows: 0 });
    const before = addSeen(nothingSeen, reading(0), reading(9));
    const other = { ...reading(4), latency: { bounds: [50], counts: [3, 4] } };
    expect(addSeen(before, reading(9), other)).toMatchObject({ answered: 13, bounds: [50], counts: [3, 4] });
  });
});

describe("the time of a share of answers", () => {
  const seen = (counts: readonly number[]): Seen => ({ ...nothingSeen, bounds, counts });

  it.each<[string, readonly number[], number, number | undefined]>([
    ["none", [0, 0, 0, 0], 0.99, undefined],
    ["one in the first bucket", [1, 1, 1, 1], 0.99, 9.9],
    ["the middle of a bucket", [0, 100, 100, 100], 0.5, 55],
    ["an edge", [99, 100, 100, 100], 0.99, 10],
    ["a hundredth that is slow", [98, 98, 100, 100], 0.99, 550],
    ["beyond all bounds", [0, 0, 0, 100], 0.99, Infinity],
  ])("of %s", (_title, counts, share, expected) => {
    expect(findQuantile(seen(counts), share)?.value).toEqual(expected);
  });

  it("counts as slower only what surely was", () => {
    const counts = [90, 95, 99, 100];
    expect(countSlower(seen(counts), 10)).toBe(10);
    expect(countSlower(seen(counts), 50)).toBe(5);
    expect(countSlower(seen(counts), 1000)).toBe(1);
    expect(countSlower(seen(counts), 5000)).toBe(0);
  });
});
