import { describe, expect, it } from "vitest";
import { compileBlockTrees, openBlockTrees } from "../../framework/models/block-trees.ts";
import { sumTrees, type TreeEnsemble } from "../../framework/models/tree-ensemble.ts";
import { compileTrees } from "../../framework/models/tree-kernel.ts";
import { drawRows, drawTrees } from "./random-trees.ts";

/** Trees that compare in the four ways that have one threshold. */
function drawOrdered(options: Parameters<typeof drawTrees>[0]): TreeEnsemble {
  const trees = drawTrees(options);
  return { ...trees, modes: trees.modes.map((mode) => mode % 4) };
}

interface Rows {
  readonly matrix: Float32Array;
  readonly width: number;
}

function sum(trees: TreeEnsemble, { matrix, width }: Rows, target = 0): Float32Array | undefined {
  const compiled = compileBlockTrees(trees, { width, target });
  const into = new Float32Array(matrix.length / width);
  if (compiled) openBlockTrees(compiled).sum(matrix, into.length, into);
  return compiled && into;
}

/** A tree of one question. */
function ask(threshold: number, { mode = 0, missing = 0, leaf = 1 } = {}): TreeEnsemble {
  return {
    input: "features",
    targets: 1,
    roots: Int32Array.of(0),
    columns: Int32Array.of(0, -1, -1),
    modes: Uint8Array.of(mode, 0, 0),
    thresholds: Float64Array.of(threshold, 0, 0),
    missingIsTrue: Uint8Array.of(missing, 0, 0),
    whenTrue: Int32Array.of(1, -1, -1),
    whenFalse: Int32Array.of(2, -1, -1),
    leaves: Float64Array.of(0, leaf, 2),
    base: Float64Array.of(0.5),
  };
}

const edges = Float32Array.of(0.1, Math.fround(0.1) - 2 ** -27, 0, -0, 2 ** -149, 3e38, Infinity, -Infinity, NaN);

describe("trees compiled for many rows", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "add up to what the trees say, to the last bit: ensemble %i",
    (seed) => {
      const trees = drawOrdered({ seed, trees: 1 + (seed % 9), depth: seed % 7, columns: 4, targets: 1 + (seed % 3) });
      // A whole block of rows and a part of one, and every remainder of eight.
      const rows = drawRows({ seed, rows: 257 + seed, width: 4 });
      for (let target = 0; target < trees.targets; target++)
        expect(sum(trees, rows, target)).toEqual(Float32Array.from(sumTrees(trees, rows, { target, rounded: true })));
    },
  );

  it.each([0.1, Math.fround(0.1), 0, 1e-60, -1e-60, 3.4e38, -3.4e38])(
    "tell apart the numbers on either side of %d, and those that are missing",
    (threshold) => {
      for (const mode of [0, 1, 2, 3])
        for (const missing of [0, 1]) {
          const trees = ask(threshold, { mode, missing });
          const rows = { matrix: edges, width: 1 };
          expect([mode, missing, ...(sum(trees, rows) ?? [])]).toEqual([
            mode,
            missing,
            ...sumTrees(trees, rows, { target: 0, rounded: true }),
          ]);
        }
    },
  );

  it("are the walk of a few rows where a leaf has 64 bits", () => {
    const trees = ask(0, { leaf: 0.1 + 2 ** -40 });
    const own = new Float32Array(edges.length);
    compileTrees(trees, { width: 1, target: 0 })?.sum(edges, edges.length, own);
    expect(sum(trees, { matrix: edges, width: 1 })).toEqual(own);
  });

  it("are given up where a missing value would be taken for the largest, or a comparison has no one threshold", () => {
    expect(sum(ask(Infinity), { matrix: edges, width: 1 })).toBeUndefined();
    expect(sum(ask(Infinity, { missing: 1 }), { matrix: edges, width: 1 })).toBeDefined();
    expect(sum(ask(1, { mode: 4 }), { matrix: edges, width: 1 })).toBeUndefined();
  });

  it("answer no row, and rows of a tree that is one leaf", () => {
    const leaf = { ...ask(0), columns: Int32Array.of(-1), leaves: Float64Array.of(3), missingIsTrue: Uint8Array.of(0) };
    expect(sum(leaf, { matrix: new Float32Array(0), width: 1 })).toEqual(new Float32Array(0));
    expect(sum(leaf, { matrix: edges, width: 1 })).toEqual(new Float32Array(edges.length).fill(3.5));
  });
});
