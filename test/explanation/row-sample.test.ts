import { describe, expect, it } from "vitest";
import { createRowSample } from "../../framework/explanation/row-sample.ts";

/** Rows of two columns that hold their own number and its double. */
const matrixOf = (from: number, to: number) =>
  Float32Array.from({ length: (to - from) * 2 }, (_, at) => (from + Math.floor(at / 2)) * (1 + (at % 2)));

describe("createRowSample", () => {
  it("keeps the chosen rows, however the rows come by", () => {
    for (const batch of [1, 7, 100, 1000]) {
      const sample = createRowSample({ of: 1000, most: 50, width: 2, seed: 3 });
      for (let at = 0; at < 1000; at += batch) sample.take(matrixOf(at, Math.min(1000, at + batch)));
      expect(sample.rows).toHaveLength(50);
      expect([...sample.matrix]).toEqual(sample.rows.flatMap((row) => [row, 2 * row]));
    }
  });

  it("chooses the same by the same seed, rows in order, and all where there are few", () => {
    const choose = (seed: number) => createRowSample({ of: 500, most: 20, width: 1, seed }).rows;
    expect(choose(1)).toEqual(choose(1));
    expect(choose(1)).not.toEqual(choose(2));
    expect(choose(1)).toEqual(choose(1).toSorted((a, b) => a - b));
    expect(createRowSample({ of: 3, most: 20, width: 1, seed: 1 }).rows).toEqual([0, 1, 2]);
    expect(createRowSample({ of: 0, most: 20, width: 1, seed: 1 }).rows).toEqual([]);
  });

  it("gives every row the same chance", () => {
    const chosen = new Float64Array(10);
    for (let seed = 0; seed < 2000; seed++)
      for (const row of createRowSample({ of: 10, most: 3, width: 1, seed }).rows) chosen[row] = (chosen[row] ?? 0) + 1;
    for (const times of chosen) expect(Math.abs(times - 600)).toBeLessThan(100);
  });
});
