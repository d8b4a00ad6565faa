/**
 * Ensembles of trees by chance, and rows for them, with missing values among them.
 * @module
 */
import { createDraw } from "../../framework/models/random.ts";
import type { TreeEnsemble } from "../../framework/models/tree-ensemble.ts";

export interface RandomTrees {
  readonly seed: number;
  readonly trees: number;
  readonly depth: number;
  readonly columns: number;
  /** @default 1 */
  readonly targets?: number;
}

interface Node {
  column: number;
  mode: number;
  threshold: number;
  missing: number;
  children: readonly [number, number];
  leaf: readonly number[];
}

/** Trees that compare in every way, often ask for one column again on the same path, and send missing values either way. */
export function drawTrees({ seed, trees, depth, columns, targets = 1 }: RandomTrees): TreeEnsemble {
  const draw = drawShares(seed);
  const nodes: Node[] = [];
  const grow = (level: number): number => {
    const at = nodes.length;
    const node: Node = { column: -1, mode: 0, threshold: 0, missing: 0, children: [-1, -1], leaf: [] };
    nodes.push(node);
    if (level === depth || (level > 0 && draw() < 0.2))
      node.leaf = Array.from({ length: targets }, () => draw() * 4 - 2);
    else {
      node.column = Math.floor(draw() * columns);
      node.mode = Math.floor(draw() * 6);
      node.threshold = Math.floor(draw() * 5);
      node.missing = draw() < 0.5 ? 1 : 0;
      node.children = [grow(level + 1), grow(level + 1)];
    }
    return at;
  };
  const roots = Array.from({ length: trees }, () => grow(0));
  return {
    input: "features",
    targets,
    roots: Int32Array.from(roots),
    columns: Int32Array.from(nodes, ({ column }) => column),
    modes: Uint8Array.from(nodes, ({ mode }) => mode),
    thresholds: Float64Array.from(nodes, ({ threshold }) => threshold),
    missingIsTrue: Uint8Array.from(nodes, ({ missing }) => missing),
    whenTrue: Int32Array.from(nodes, ({ children }) => children[0]),
    whenFalse: Int32Array.from(nodes, ({ children }) => children[1]),
    leaves: Float64Array.from(nodes.flatMap(({ leaf }) => Array.from({ length: targets }, (_, at) => leaf[at] ?? 0))),
    base: Float64Array.from({ length: targets }, () => draw()),
  };
}

/** Rows of small whole numbers, a tenth of them missing. */
export function drawRows({ seed, rows, width }: { seed: number; rows: number; width: number }) {
  const draw = drawShares(seed);
  const matrix = Float32Array.from({ length: rows * width }, () =>
    draw() < 0.1 ? Number.NaN : Math.floor(draw() * 6),
  );
  return { matrix, width };
}

function drawShares(seed: number): () => number {
  const bits = createDraw(seed);
  return () => bits() / 2 ** 32;
}
