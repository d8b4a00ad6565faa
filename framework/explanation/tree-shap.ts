/**
 * What each column adds to the sum of an ensemble of trees: Shapley values in polynomial time by the paths of the trees
 * (TreeSHAP, path-dependent; Lundberg, Erion and Lee 2018, algorithm 2). A column that is not known is as the rows were that
 * came through each node. Pure.
 * @module
 */
import { type TreeEnsemble, takesTrue } from "../models/tree-ensemble.ts";

/** One sum of an ensemble, ready to be explained. */
export interface TreeExplainer {
  /** The sum when nothing is known of a row: the mean over the rows that were counted. */
  readonly expected: number;
  /** About how many steps one row takes. */
  readonly steps: number;
  /** Adds to `into`, by column, what each adds to the sum of the row that begins at `at`. */
  readonly explain: (matrix: ArrayLike<number>, at: number, into: Float64Array) => void;
}

export interface TreeExplainerOptions {
  readonly trees: TreeEnsemble;
  /** How many rows came through each node; see `countCovers`. */
  readonly covers: Float64Array;
  /** Which sum. @default 0 */
  readonly target?: number;
}

/** Makes room once for what every row needs. */
export function createTreeExplainer({ trees, covers, target = 0 }: TreeExplainerOptions): TreeExplainer {
  const { columns, whenTrue, whenFalse, leaves, targets } = trees;
  const shares = shareCovers(trees, covers);
  const extent = measureTrees(trees, shares, target);
  // Each level of a tree has its own copy of the path to it, which is as long as the level at most.
  const stride = extent.depth + 2;
  const room = stride * stride;
  const [pathColumns, zeros, ones, weights] = [
    new Int32Array(room),
    new Float64Array(room),
    new Float64Array(room),
    new Float64Array(room),
  ];
  let matrix: ArrayLike<number> = [];
  let begin = 0;
  let into = new Float64Array(0);

  /** Goes to a node by the `length` columns of the level above and one more, which `enter` has said. */
  const descend = (node: number, level: number, length: number): void => {
    const at = level * stride;
    if (level > 0) copyPath(at, length);
    extend(at, length);
    const asked = columns[node] as number;
    if (asked < 0) {
      addLeaf(at, length, leaves[node * targets + target] as number);
      return;
    }
    const isTrue = takesTrue(trees, node, matrix[begin + asked] as number);
    const near = (isTrue ? whenTrue[node] : whenFalse[node]) as number;
    const far = (isTrue ? whenFalse[node] : whenTrue[node]) as number;
    let [knownZero, knownOne, left] = [1, 1, length + 1];
    for (let i = 1; i <= length; i++) {
      if (pathColumns[at + i] !== asked) continue;
      knownZero = zeros[at + i] as number;
      knownOne = ones[at + i] as number;
      unwind(at, length, i);
      left = length;
      break;
    }
    const [nearZero, farZero] = [knownZero * (shares[near] as number), knownZero * (shares[far] as number)];
    // Where neither the row nor any of the others comes there is nothing to be added.
    const next = at + stride + left;
    if (nearZero > 0 || knownOne > 0) {
      pathColumns[next] = asked;
      enter(next, nearZero, knownOne);
      descend(near, level + 1, left);
    }
    if (farZero > 0) {
      pathColumns[next] = asked;
      enter(next, farZero, 0);
      descend(far, level + 1, left);
    }
  };

  /**
   * Says how the next level is come to.
   *
   * @param zero the share of rows that come this way where the column is not known
   * @param one 1 where the row comes this way, else 0
   */
  const enter = (at: number, zero: number, one: number): void => {
    zeros[at] = zero;
    ones[at] = one;
  };

  const copyPath = (at: number, length: number): void => {
    const from = at - stride;
    for (let i = 0; i < length; i++) {
      pathColumns[at + i] = pathColumns[from + i] as number;
      zeros[at + i] = zeros[from + i] as number;
      ones[at + i] = ones[from + i] as number;
      weights[at + i] = weights[from + i] as number;
    }
  };

  /** One more column: the weight of each number of known columns, of all orders in which they may become known. */
  const extend = (at: number, length: number): void => {
    const [zero, one] = [zeros[at + length] as number, ones[at + length] as number];
    weights[at + length] = length === 0 ? 1 : 0;
    const scale = 1 / (length + 1);
    for (let i = length - 1; i >= 0; i--) {
      const weight = weights[at + i] as number;
      if (one !== 0) weights[at + i + 1] = (weights[at + i + 1] as number) + weight * (i + 1) * scale;
      weights[at + i] = zero * weight * (length - i) * scale;
    }
  };

  /** Takes a column back out, which is asked for once more. @param last the place of the last column */
  const unwind = (at: number, last: number, index: number): void => {
    const [zero, one] = [zeros[at + index] as number, ones[at + index] as number];
    let next = weights[at + last] as number;
    for (let i = last - 1; i >= 0; i--) {
      const weight = weights[at + i] as number;
      if (one !== 0) {
        const without = (next * (last + 1)) / (i + 1);
        weights[at + i] = without;
        next = weight - (without * zero * (last - i)) / (last + 1);
      } else weights[at + i] = (weight * (last + 1)) / (zero * (last - i));
    }
    for (let i = index; i < last; i++) {
      pathColumns[at + i] = pathColumns[at + i + 1] as number;
      zeros[at + i] = zeros[at + i + 1] as number;
      ones[at + i] = ones[at + i + 1] as number;
    }
  };

  const addLeaf = (at: number, last: number, value: number): void => {
    if (value === 0) return;
    // Columns by which the row comes another way all take the same: their own share cancels out.
    let away = 0;
    for (let i = last - 1; i >= 0; i--) away += ((weights[at + i] as number) * (last + 1)) / (last - i);
    for (let index = 1; index <= last; index++) {
      const column = pathColumns[at + index] as number;
      const added = ones[at + index] === 0 ? -away : sumUnwound(at, last, index) * (1 - (zeros[at + index] as number));
      into[column] = (into[column] as number) + added * value;
    }
  };

  /** What the weights add up to without a column by which the row comes this way. */
  const sumUnwound = (at: number, last: number, index: number): number => {
    const zero = zeros[at + index] as number;
    let [next, total] = [weights[at + last] as number, 0];
    for (let i = last - 1; i >= 0; i--) {
      const without = (next * (last + 1)) / (i + 1);
      total += without;
      next = (weights[at + i] as number) - (without * zero * (last - i)) / (last + 1);
    }
    return total;
  };

  return {
    expected: extent.expected + (trees.base[target] as number),
    steps: extent.steps,
    explain: (rows, at, sums) => {
      matrix = rows;
      begin = at;
      into = sums as Float64Array<ArrayBuffer>;
      for (const root of extent.used) {
        pathColumns[0] = -1;
        enter(0, 1, 1);
        descend(root, 0, 0);
      }
    },
  };
}

/** Of the rows that come to the parent of a node, the share that comes to it: half where none comes to the parent. */
function shareCovers({ columns, whenTrue, whenFalse }: TreeEnsemble, covers: Float64Array): Float64Array {
  const shares = new Float64Array(columns.length).fill(1);
  for (const [node, column] of columns.entries()) {
    if (column < 0) continue;
    for (const child of [whenTrue[node] as number, whenFalse[node] as number]) {
      const all = covers[node] as number;
      shares[child] = all > 0 ? (covers[child] as number) / all : 0.5;
    }
  }
  return shares;
}

/** How deep the trees are, about how many steps a row takes, what they say of no row at all, and which have a say at all. */
function measureTrees(trees: TreeEnsemble, shares: Float64Array, target: number) {
  const { roots, columns, whenTrue, whenFalse, leaves, targets } = trees;
  const used = new Set<number>();
  let [depth, steps, expected] = [0, 0, 0];
  for (const root of roots) {
    let ofTree = 0;
    const waiting = [{ node: root, level: 0, share: 1 }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { node, level, share } = next;
      depth = Math.max(depth, level);
      ofTree += 2 * level + 4;
      if ((columns[node] as number) < 0) {
        const value = leaves[node * targets + target] as number;
        if (value !== 0) used.add(root);
        expected += share * value;
        ofTree += level * level;
        continue;
      }
      for (const child of [whenTrue[node] as number, whenFalse[node] as number])
        waiting.push({ node: child, level: level + 1, share: share * (shares[child] as number) });
    }
    // A tree that adds to other sums alone is not gone through.
    if (used.has(root)) steps += ofTree;
  }
  return { depth, steps, expected, used };
}
