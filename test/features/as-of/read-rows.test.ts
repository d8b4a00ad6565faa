import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planReads } from "../../../framework/features/as-of/read-rows.ts";

const plan = (rows: readonly number[], moments: readonly number[]) => [
  ...planReads(Float64Array.from(rows), Uint32Array.from(moments)),
];

describe("planReads", () => {
  it("reads nothing where there are no moments", () => {
    expect(plan([0, 10, 20], [0, 0, 0])).toEqual([]);
  });

  it("reads over small gaps, and begins anew behind large ones", () => {
    expect(plan([0, 10, 20, 30], [0, 1, 1, 2])).toEqual([{ from: 0, to: 3 }]);
    expect(plan([0, 10, 5000, 5010], [0, 1, 1, 2])).toEqual([
      { from: 0, to: 1 },
      { from: 2, to: 3 },
    ]);
  });

  it("reads every segment with moments once, in order, and no more at once than a block holds", () => {
    const segments = fc.array(fc.record({ rows: fc.integer({ min: 1, max: 65_536 }), moments: fc.nat({ max: 2 }) }));
    const sum = (numbers: readonly number[]) => {
      const sums = [0];
      for (const number of numbers) sums.push((sums.at(-1) ?? 0) + number);
      return sums;
    };
    const property = fc.property(segments, (given) => {
      const rows = sum(given.map((one) => one.rows));
      const reads = plan(rows, sum(given.map((one) => one.moments)));
      const read = reads.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
      expect(read).toEqual([...new Set(read)].sort((a, b) => a - b));
      for (const [i, { moments }] of given.entries()) if (moments > 0) expect(read).toContain(i);
      for (const { from, to } of reads) expect((rows[to] ?? 0) - (rows[from] ?? 0)).toBeLessThanOrEqual(131_072);
    });
    fc.assert(property);
  });
});
