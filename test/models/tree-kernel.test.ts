import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCompiledSession } from "../../framework/models/compiled-session.ts";
import { openSession } from "../../framework/models/session.ts";
import { sumTrees, type TreeEnsemble } from "../../framework/models/tree-ensemble.ts";
import { compileTrees } from "../../framework/models/tree-kernel.ts";
import { drawRows, drawTrees } from "./random-trees.ts";
import { createTreeOnnx } from "./tree-onnx.ts";

/** Trees that compare in the four ways that have one threshold. */
function drawOrdered(options: Parameters<typeof drawTrees>[0]): TreeEnsemble {
  const trees = drawTrees(options);
  return {
    ...trees,
    modes: trees.modes.map((mode) => mode % 4),
    thresholds: trees.thresholds.map((each) => each - 2 + 1e-9 * each),
  };
}

function sum(
  trees: TreeEnsemble,
  { matrix, width }: { matrix: Float32Array; width: number },
  target = 0,
): Float32Array {
  const rows = matrix.length / width;
  const into = new Float32Array(rows);
  compileTrees(trees, { width, target })?.sum(matrix, rows, into);
  return into;
}

describe("compiled trees", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "add up to what the trees say, to the last bit: ensemble %i",
    (seed) => {
      const trees = drawOrdered({ seed, trees: 1 + (seed % 9), depth: seed % 7, columns: 4, targets: 1 + (seed % 3) });
      // A whole block of rows and a part of one, and every remainder of four.
      const rows = drawRows({ seed, rows: 257 + seed, width: 4 });
      for (let target = 0; target < trees.targets; target++)
        expect(sum(trees, rows, target)).toEqual(Float32Array.from(sumTrees(trees, rows, { target, rounded: true })));
    },
  );

  it("tell apart the numbers of 32 bits on either side of a threshold that is none of them", () => {
    const values = Float32Array.of(
      0.1,
      Math.fround(0.1) - 2 ** -27,
      0,
      -0,
      2 ** -149,
      -(2 ** -149),
      3e38,
      Infinity,
      -Infinity,
      NaN,
    );
    for (const threshold of [0.1, Math.fround(0.1), 0, 1e-60, -1e-60, 3.4e38, -3.4e38, Infinity])
      for (const mode of [0, 1, 2, 3])
        for (const missing of [0, 1]) {
          const trees: TreeEnsemble = {
            input: "features",
            targets: 1,
            roots: Int32Array.of(0),
            columns: Int32Array.of(0, -1, -1),
            modes: Uint8Array.of(mode, 0, 0),
            thresholds: Float64Array.of(threshold, 0, 0),
            missingIsTrue: Uint8Array.of(missing, 0, 0),
            whenTrue: Int32Array.of(1, -1, -1),
            whenFalse: Int32Array.of(2, -1, -1),
            leaves: Float64Array.of(0, 1, 2),
            base: Float64Array.of(0),
          };
          const rows = { matrix: values, width: 1 };
          expect([threshold, mode, missing, ...sum(trees, rows)]).toEqual([
            threshold,
            mode,
            missing,
            ...sumTrees(trees, rows, { target: 0 }),
          ]);
        }
  });

  it("are none where a comparison has no order", () => {
    const trees = drawTrees({ seed: 1, trees: 3, depth: 3, columns: 2 });
    expect(compileTrees({ ...trees, modes: trees.modes.fill(4) }, { width: 2, target: 0 })).toBeUndefined();
  });
});

describe("a session that may walk trees itself", () => {
  const converted = join(import.meta.dirname, "converted");
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-compiled-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Answers of both, row by row. */
  async function answerBoth(file: string, width: number, scale: number) {
    const { matrix } = drawRows({ seed: 3, rows: 300, width });
    const rows = matrix.map((each) => each * scale);
    const [own, theirs] = [await openCompiledSession({ file, width }), await openSession(file, width)];
    const answers = [await own.predict(rows, 300), await theirs.predict(rows, 300)] as const;
    await Promise.all([own.close(), theirs.close()]);
    return { engine: own.engine, answers };
  }

  it.each([
    "lightgbm.binary",
    "lightgbm.regression",
    "sklearn-boosting.binary",
    "sklearn-forest.binary",
    "xgboost.binary",
  ])("answers as the runtime does, whoever of the two it is: %s", async (name) => {
    const { answers } = await answerBoth(join(converted, `${name}.onnx`), 3, 500);
    for (const [row, answer] of answers[0].entries())
      expect(Math.abs(answer - (answers[1][row] ?? 0))).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(answer)));
  });

  it("leaves to the runtime a model that is no ensemble, and one with sums that the runtime has otherwise", async () => {
    expect((await answerBoth(join(converted, "sklearn-logistic.binary.onnx"), 3, 1)).engine).toBe("onnxruntime");
    const unordered = drawTrees({ seed: 5, trees: 50, depth: 5, columns: 3 });
    const file = join(folder, "unordered.onnx");
    await writeFile(file, createTreeOnnx({ trees: unordered, width: 3 }));
    expect((await answerBoth(file, 3, 1)).engine).toBe("onnxruntime");
  });

  it("walks a large ensemble itself, and refuses a matrix of another size", async () => {
    const file = join(folder, "large.onnx");
    await writeFile(
      file,
      createTreeOnnx({ trees: drawOrdered({ seed: 9, trees: 200, depth: 6, columns: 30 }), width: 30 }),
    );
    const session = await openCompiledSession({ file, width: 30 });
    expect(session.engine).toBe("trees");
    await expect(session.predict(new Float32Array(31), 1)).rejects.toThrow(
      "the matrix has 31 values, expected 1 rows of 30",
    );
    await session.close();
  });
});
