import { describe, expect, it } from "vitest";
import { measure } from "../../framework/evaluation/bootstrap.ts";
import { createDraw, fillPoissonWeights } from "../../framework/models/random.ts";

/** Labels that are true with the predicted probability. */
function drawSample(rows: number, seed: number) {
  const draw = createDraw(seed);
  const predictions = Float64Array.from({ length: rows }, () => draw() / 2 ** 32);
  return { predictions, labels: predictions.map((p) => (draw() / 2 ** 32 < p ? 1 : 0)) };
}

describe("random weights", () => {
  it("are Poisson(1) by their frequencies", () => {
    const weights = new Uint8Array(400_000);
    fillPoissonWeights(weights, createDraw(7));
    for (let k = 0, expected = Math.exp(-1); k < 6; k++, expected /= k) {
      const share = weights.filter((weight) => weight === k).length / weights.length;
      // Five standard deviations of a share.
      expect(Math.abs(share - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / weights.length));
    }
  });

  it("repeat with the seed and differ without it", () => {
    const take = (seed: number) => Array.from({ length: 5 }, createDraw(seed));
    expect(take(1)).toEqual(take(1));
    expect(take(1)).not.toEqual(take(2));
  });
});

describe("measure", () => {
  it("gives the same interval for the same rows, to the last bit", async () => {
    const question = { metric: "auc", ...drawSample(500, 3) };
    expect(await measure([question])).toEqual(await measure([question]));
  });

  it("gives an interval as wide as theory says", async () => {
    const { labels, predictions } = drawSample(20_000, 5);
    const [brier] = await measure([{ metric: "brier", labels, predictions }]);
    const losses = labels.map((label, row) => (label - (predictions[row] ?? 0)) ** 2);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / losses.length);
    const width = (2 * 1.96 * deviation) / Math.sqrt(losses.length);
    expect(brier?.value).toBeCloseTo(mean, 12);
    expect(((brier?.high ?? 0) - (brier?.low ?? 0)) / width).toBeGreaterThan(0.8);
    expect(((brier?.high ?? 0) - (brier?.low ?? 0)) / width).toBeLessThan(1.2);
  });

  it("covers the truth about as often as it claims", async () => {
    // The AUC of labels drawn with probability p, p uniform on [0, 1], is 5/6.
    const covered: boolean[] = [];
    for (let seed = 1; seed <= 100; seed++) {
      const [auc] = await measure([{ metric: "auc", ...drawSample(400, seed) }]);
      covered.push(auc !== undefined && auc.low <= 5 / 6 && 5 / 6 <= auc.high);
    }
    expect(covered.filter(Boolean).length).toBeGreaterThanOrEqual(88);
  });

  it("resamples the same rows for everything it is asked together", async () => {
    const sample = drawSample(300, 11);
    const [own, other] = await measure([
      { metric: "mae", ...sample },
      { metric: "mae", ...sample },
    ]);
    expect(own).toEqual(other);
  });

  it("says nothing where a metric is not defined", async () => {
    const labels = new Float64Array(50).fill(1);
    const predictions = new Float64Array(50).fill(0.5);
    const [auc, brier] = await measure([
      { metric: "auc", labels, predictions },
      { metric: "brier", labels, predictions },
    ]);
    expect(auc).toBeUndefined();
    expect(brier).toEqual({ metric: "brier", value: 0.25, low: 0.25, high: 0.25, rows: 50 });
  });

  it("ends early when told to", async () => {
    const question = { metric: "auc", ...drawSample(200_000, 1) };
    await expect(measure([question], { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});
