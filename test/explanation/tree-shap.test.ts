import { describe, expect, it } from "vitest";
import { createTreeExplainer } from "../../framework/explanation/tree-shap.ts";
import { countCovers, sumTrees, type TreeEnsemble, takesTrue } from "../../framework/models/tree-ensemble.ts";
import { drawRows, drawTrees } from "../models/random-trees.ts";

interface Case {
  readonly trees: TreeEnsemble;
  readonly covers: Float64Array;
  readonly row: Float32Array;
}

/** What the trees say of a row of which only some columns are known: by the shares of the rows that came each way. */
function askKnowing({ trees, covers, row }: Case, known: number, target: number): number {
  const visit = (node: number): number => {
    const column = trees.columns[node] ?? -1;
    if (column < 0) return trees.leaves[node * trees.targets + target] ?? 0;
    const [yes, no] = [trees.whenTrue[node] ?? 0, trees.whenFalse[node] ?? 0];
    if (known & (1 << column)) return visit(takesTrue(trees, node, row[column] ?? Number.NaN) ? yes : no);
    const all = covers[node] ?? 0;
    const share = all > 0 ? (covers[yes] ?? 0) / all : 0.5;
    return share * visit(yes) + (1 - share) * visit(no);
  };
  return trees.roots.reduce((sum, root) => sum + visit(root), trees.base[target] ?? 0);
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Shapley values by their definition: over all sets of columns. */
function explainByDefinition(given: Case, width: number, target: number): readonly number[] {
  const answers = Array.from({ length: 1 << width }, (_, known) => askKnowing(given, known, target));
  return Array.from({ length: width }, (_, column) => {
    let sum = 0;
    for (let known = 0; known < 1 << width; known++) {
      if (known & (1 << column)) continue;
      const size = known.toString(2).replaceAll("0", "").length;
      const weight = (factorial(size) * factorial(width - size - 1)) / factorial(width);
      sum += weight * ((answers[known | (1 << column)] ?? 0) - (answers[known] ?? 0));
    }
    return sum;
  });
}

describe("createTreeExplainer", () => {
  it.each([
    { seed: 1, trees: 1, depth: 2, columns: 2 },
    { seed: 2, trees: 3, depth: 4, columns: 3 },
    { seed: 3, trees: 2, depth: 6, columns: 4 },
    { seed: 4, trees: 4, depth: 5, columns: 8 },
    { seed: 5, trees: 3, depth: 9, columns: 6 },
    { seed: 6, trees: 3, depth: 4, columns: 5, targets: 3 },
  ])("gives the Shapley values of their definition: %o", (given) => {
    const trees = drawTrees(given);
    const width = given.columns;
    // So few rows that some nodes are come to by none of them, and explained rows come to such nodes.
    const covers = countCovers(trees, drawRows({ seed: given.seed + 100, rows: 30, width }));
    const rows = drawRows({ seed: given.seed + 200, rows: 20, width });
    for (let target = 0; target < trees.targets; target++) {
      const { explain, expected } = createTreeExplainer({ trees, covers, target });
      expect(expected).toBeCloseTo(askKnowing({ trees, covers, row: rows.matrix }, 0, target), 12);
      const sums = sumTrees(trees, rows, { target });
      for (let row = 0; row < 20; row++) {
        const found = new Float64Array(width);
        explain(rows.matrix, row * width, found);
        const values = rows.matrix.subarray(row * width, (row + 1) * width);
        const defined = explainByDefinition({ trees, covers, row: values }, width, target);
        for (const [column, value] of defined.entries()) expect(found[column]).toBeCloseTo(value, 10);
        expect(found.reduce((sum, each) => sum + each, expected)).toBeCloseTo(sums[row] ?? Number.NaN, 10);
      }
    }
  });

  it("expects what the trees say of the counted rows on the mean", () => {
    const trees = drawTrees({ seed: 8, trees: 5, depth: 6, columns: 4 });
    const rows = drawRows({ seed: 9, rows: 200, width: 4 });
    const { expected } = createTreeExplainer({ trees, covers: countCovers(trees, rows) });
    const sums = sumTrees(trees, rows, { target: 0 });
    expect(expected).toBeCloseTo(
      sums.reduce((sum, each) => sum + each / 200, 0),
      12,
    );
  });

  it("gives nothing to a column that no tree asks for, and all to the only one that is", () => {
    const trees = { ...drawTrees({ seed: 3, trees: 2, depth: 3, columns: 1 }) };
    const rows = drawRows({ seed: 4, rows: 50, width: 3 });
    const { explain, expected } = createTreeExplainer({ trees, covers: countCovers(trees, rows) });
    const found = new Float64Array(3);
    explain(rows.matrix, 3, found);
    expect([found[1], found[2]]).toEqual([0, 0]);
    expect((found[0] ?? 0) + expected).toBeCloseTo(sumTrees(trees, rows, { target: 0 })[1] ?? 0, 12);
  });

  it("stays exact for deep trees of many columns", () => {
    const trees = drawTrees({ seed: 12, trees: 2, depth: 11, columns: 40 });
    const rows = drawRows({ seed: 13, rows: 300, width: 40 });
    const { explain, expected } = createTreeExplainer({ trees, covers: countCovers(trees, rows) });
    const sums = sumTrees(trees, rows, { target: 0 });
    for (let row = 0; row < 20; row++) {
      const found = new Float64Array(40);
      explain(rows.matrix, row * 40, found);
      expect(found.reduce((sum, each) => sum + each, expected)).toBeCloseTo(sums[row] ?? Number.NaN, 10);
    }
  });
});
