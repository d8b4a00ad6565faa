import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openExplainer } from "../../framework/explanation/explainer.ts";
import { InexactAttributions } from "../../framework/explanation/explanation.ts";
import { explainBySampling } from "../../framework/explanation/sampled-shapley.ts";
import { openSession } from "../../framework/models/session.ts";
import { sumTrees } from "../../framework/models/tree-ensemble.ts";
import type { Matrix } from "../../framework/models/tree-model.ts";
import { integerTensor, node } from "../models/onnx-bytes.ts";
import { drawRows, drawTrees } from "../models/random-trees.ts";
import { createTreeOnnx } from "../models/tree-onnx.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-explainer-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function explain(content: Uint8Array, background: Matrix, rows: Matrix) {
  const file = join(await mkdtemp(join(folder, "model-")), "model.onnx");
  await writeFile(file, content);
  const session = await openSession(file, rows.width);
  const explainer = await openExplainer({
    file,
    background,
    predict: (matrix, count) => session.predict(matrix, count),
  });
  const explained = await explainer.explain(rows);
  await explainer.close();
  await session.close();
  return { ...explainer, explained: explained.map(([one]) => one) };
}

const sum = (values: ArrayLike<number> = []) => Array.from(values).reduce((total, each) => total + each, 0);

describe("openExplainer", () => {
  it("explains an ensemble of trees by its trees, to the last digits of its sum", async () => {
    const trees = drawTrees({ seed: 1, trees: 8, depth: 5, columns: 4 });
    const rows = drawRows({ seed: 2, rows: 30, width: 4 });
    const background = drawRows({ seed: 3, rows: 200, width: 4 });
    const { method, why, unit, explained } = await explain(createTreeOnnx({ trees, width: 4 }), background, rows);
    expect([method, why, unit]).toEqual(["tree-shap", undefined, "answer"]);
    const sums = sumTrees(
      { ...trees, leaves: trees.leaves.map(Math.fround), base: trees.base.map(Math.fround) },
      rows,
      {
        target: 0,
      },
    );
    for (const [row, one] of explained.entries()) {
      expect(one?.value).toBeCloseTo(sums[row] ?? 0, 12);
      expect((one?.expected ?? 0) + sum(one?.attributions)).toBeCloseTo(one?.value ?? 0, 9);
    }
  });

  it("gives a feature what the columns add that were made of it", async () => {
    const seen = { ...drawTrees({ seed: 4, trees: 6, depth: 4, columns: 3 }), input: "seen" };
    const gather = node({
      op: "ArrayFeatureExtractor",
      domain: "ai.onnx.ml",
      inputs: ["features", "places"],
      outputs: ["seen"],
    });
    const rows = drawRows({ seed: 5, rows: 20, width: 2 });
    const { method, explained } = await explain(
      createTreeOnnx({
        trees: seen,
        width: 2,
        before: [gather],
        tensors: [integerTensor("places", [3], [1n, 0n, 1n])],
      }),
      rows,
      rows,
    );
    expect(method).toBe("tree-shap");
    for (const one of explained) {
      expect(one?.attributions).toHaveLength(2);
      expect((one?.expected ?? 0) + sum(one?.attributions)).toBeCloseTo(one?.value ?? 0, 9);
    }
  });

  it("tries any other model out, and says why", async () => {
    const rows = { matrix: Float32Array.of(1, 2, -3, 0.5), width: 2 };
    const { method, why, explained } = await explain(
      createLinearOnnx({ task: "regression", weights: [2, -1] }),
      rows,
      rows,
    );
    expect([method, why]).toEqual(["permutation", "it is no ensemble of trees"]);
    expect(explained[0]?.value).toBeCloseTo(0, 6);
  });
});

describe("explainBySampling", () => {
  const width = 3;
  const weights = [2, -1, 0];
  const predict = async (matrix: Float32Array, rows: number) =>
    Float32Array.from({ length: rows }, (_, row) =>
      weights.reduce((total, weight, at) => total + weight * (matrix[row * width + at] ?? 0), 0),
    );
  const numbers = (seed: number, rows: number): Matrix => {
    const drawn = drawRows({ seed, rows, width });
    return { width, matrix: drawn.matrix.map((each) => (Number.isNaN(each) ? 0 : each)) };
  };
  const background = numbers(1, 500);

  it("comes to a linear model's own attributions, within what it says it may be off", async () => {
    const [[one] = []] = await explainBySampling({ background, predict, seed: 1, orders: 400 }).explain({
      matrix: Float32Array.of(5, 1, 3),
      width,
    });
    for (const [feature, weight] of weights.entries()) {
      const values = background.matrix.filter((_, at) => at % width === feature);
      const mean = values.reduce((total, each) => total + each / values.length, 0);
      const exact = weight * (([5, 1, 3][feature] ?? 0) - mean);
      const error = one?.errors?.[feature] ?? Number.NaN;
      expect(Math.abs((one?.attributions[feature] ?? 0) - exact)).toBeLessThanOrEqual(4 * error);
      expect(error).toBeLessThan(0.2);
    }
    expect(one?.value).toBe(9);
    expect((one?.expected ?? 0) + sum(one?.attributions)).toBeCloseTo(9, 6);
  });

  it("shares out evenly what features do together alone", async () => {
    const product = async (matrix: Float32Array, rows: number) =>
      Float32Array.from({ length: rows }, (_, row) => (matrix[row * 2] ?? 0) * (matrix[row * 2 + 1] ?? 0));
    const zeros = { matrix: new Float32Array(2), width: 2 };
    const [[one] = []] = await explainBySampling({ background: zeros, predict: product, seed: 2 }).explain({
      matrix: Float32Array.of(3, 4),
      width: 2,
    });
    // Forth and back is enough: there is nothing left to chance.
    expect([...(one?.attributions ?? [])]).toEqual([6, 6]);
    expect([...(one?.errors ?? [])]).toEqual([0, 0]);
  });

  it("says the same of a row whichever rows it is among", async () => {
    const explainer = explainBySampling({ background, predict, seed: 1 });
    const rows = numbers(7, 3);
    const together = await explainer.explain(rows);
    const alone = await explainer.explain({ width, matrix: rows.matrix.slice(width, 2 * width) });
    expect(alone[0]).toEqual(together[1]);
  });

  it("leaves out what a model answers to rows that never were with no number, and says when nothing is left", async () => {
    const some = async (matrix: Float32Array, rows: number) =>
      (await predict(matrix, rows)).map((answer, row) =>
        matrix[row * width] === 5 && matrix[row * width + 1] === 2 ? Number.NaN : answer,
      );
    const row = { matrix: Float32Array.of(5, 1, 3), width };
    const [[one] = []] = await explainBySampling({ background, predict: some, seed: 1 }).explain(row);
    expect((one?.expected ?? 0) + sum(one?.attributions)).toBeCloseTo(9, 6);
    const none = async (_: Float32Array, rows: number) => new Float32Array(rows).fill(Number.NaN);
    await expect(explainBySampling({ background, predict: none, seed: 1 }).explain(row)).rejects.toThrow(
      InexactAttributions,
    );
  });
});
