import { describe, expect, it } from "vitest";
import { measurePermutation } from "../../framework/explanation/permutation-importance.ts";
import { createDraw } from "../../framework/models/random.ts";

const width = 3;
const count = 2_000;
const bits = createDraw(5);
const matrix = Float32Array.from({ length: count * width }, () => bits() / 2 ** 31 - 1);
const predict = async (rows: Float32Array, n: number) =>
  Float32Array.from({ length: n }, (_, row) => 3 * (rows[row * width] ?? 0) - (rows[row * width + 1] ?? 0));
const labels = await predict(matrix, count);
const given = { rows: { matrix, width }, labels, predict, seed: 1 };

describe("measurePermutation", () => {
  it("measures what a linear model loses without each feature, and which way each goes", async () => {
    const [first, second, third] = await measurePermutation(given);
    // Two independent values of variance 1/3 each: the squared difference is 2/3 on the mean, times the squared weight.
    expect(first?.importance).toBeCloseTo(6, 0);
    expect(second?.importance).toBeCloseTo(2 / 3, 1);
    expect(first?.direction).toBeCloseTo(1, 5);
    expect(second?.direction).toBeCloseTo(-1, 5);
    expect(third).toEqual({ importance: 0, spread: 0 });
    expect(first?.spread).toBeGreaterThan(0);
    expect(first?.spread).toBeLessThan(0.5);
  });

  it("finds the same again with the same seed, and something else with another", async () => {
    const found = await measurePermutation(given);
    expect(await measurePermutation(given)).toEqual(found);
    expect(await measurePermutation({ ...given, seed: 2 })).not.toEqual(found);
  });

  it("sums the errors of several classes", async () => {
    const classes = async (rows: Float32Array, n: number) =>
      Float32Array.from({ length: n * 2 }, (_, at) => {
        const isSecond = (rows[Math.floor(at / 2) * width] ?? 0) > 0;
        return Number(isSecond === (at % 2 === 1));
      });
    const places = Float64Array.from({ length: count }, (_, row) => Number((matrix[row * width] ?? 0) > 0));
    const [first, second] = await measurePermutation({ ...given, labels: places, predict: classes });
    // Half of the rows change sides, and are wrong about both classes then.
    expect(first?.importance).toBeCloseTo(1, 1);
    expect(first?.direction).toBeGreaterThan(0.5);
    expect(second?.importance).toBe(0);
  });

  it("leaves out answers that are no numbers", async () => {
    const broken = async (rows: Float32Array, n: number) =>
      (await predict(rows, n)).map((answer, row) => ((rows[row * width] ?? 0) > 0.9 ? Number.NaN : answer));
    const [first] = await measurePermutation({ ...given, predict: broken });
    expect(first?.importance).toBeGreaterThan(3);
  });

  it("tells how far it is, and ends early when told to", async () => {
    const done: number[] = [];
    await measurePermutation({ ...given, onFeature: (each) => done.push(each) });
    expect(done).toEqual([1, 2, 3]);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(measurePermutation({ ...given, signal })).rejects.toThrow("enough");
  });
});
