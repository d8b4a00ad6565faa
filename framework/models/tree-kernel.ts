/**
 * An ensemble of trees compiled to a list that is walked without a branch, four rows at a time, or four trees where fewer rows are
 * left: while one of them waits for memory the others go on. A leaf leads to itself, so that every walk takes as many steps as the
 * tree is deep.
 *
 * The layout follows what is known of such evaluators: Asadi, Lin, de Vries, "Runtime Optimizations for Tree-Based Machine
 * Learning Models", 2014. Pure.
 * @module
 */
import { type TreeEnsemble, takesTrue } from "./tree-ensemble.ts";

/** Sums up the trees of an ensemble. */
export interface TreeKernel {
  /**
   * The sum of one target for each row of a matrix, each step rounded to 32 bits as a runtime does.
   * @param into gets `rows` numbers
   */
  sum(matrix: Float32Array, rows: number, into: Float32Array): void;
}

/** Of one tree: where its first node begins, and how many steps its deepest leaf is away. */
interface Shape {
  readonly root: number;
  readonly depth: number;
}

/** @default undefined for an ensemble whose comparisons have no form in one threshold */
export function compileTrees(
  trees: TreeEnsemble,
  { width, target }: { readonly width: number; readonly target: number },
): TreeKernel | undefined {
  const count = trees.columns.length;
  const nodes = new Int32Array(count * nodeSize);
  const thresholds = new Float32Array(nodes.buffer);
  const leaves = new Float64Array(count);
  let asksMissing = false;
  for (let node = 0; node < count; node++) {
    const at = node * nodeSize;
    const column = trees.columns[node] ?? -1;
    if (column < 0) {
      thresholds[at + thresholdAt] = Number.POSITIVE_INFINITY;
      leaves[node] = trees.leaves[node * trees.targets + target] ?? 0;
      nodes.fill(at, at + lowAt, at + nodeSize);
      continue;
    }
    const split = describeSplit(trees, node);
    if (!split) return undefined;
    // A row's values are there twice: as they are, where a missing one is larger than any, and with the smallest in its place.
    nodes[at] = column + (split.missingIsLow ? width : 0);
    asksMissing ||= split.missingIsLow;
    thresholds[at + thresholdAt] = split.threshold;
    nodes[at + lowAt] = split.low * nodeSize;
    nodes[at + lowAt + 1] = split.high * nodeSize;
  }
  const shapes = Array.from(
    trees.roots,
    (root): Shape => ({ root: root * nodeSize, depth: measureDepth(trees, root) }),
  );
  const base = trees.base[target] ?? 0;
  return createKernel({ nodes, thresholds, leaves, shapes, base }, { width, asksMissing });
}

/**
 * A node is four numbers of 32 bits, one beside the other: the column, the threshold, and where the nodes begin that a value leads
 * to that is at most the threshold, and that any other leads to.
 */
const nodeBits = 2;
const nodeSize = 1 << nodeBits;
const [thresholdAt, lowAt, highAt] = [1, 2, 3];

/**
 * A comparison as one with "at most": the single-precision values on either side are the same.
 * @default undefined for one that has no form in one threshold
 */
export function describeSplit(trees: TreeEnsemble, node: number) {
  const [threshold, yes, no] = [trees.thresholds[node] ?? 0, trees.whenTrue[node] ?? 0, trees.whenFalse[node] ?? 0];
  const missingIsTrue = takesTrue(trees, node, Number.NaN);
  switch (trees.modes[node]) {
    case 0:
      return { threshold: roundDown(threshold), low: yes, high: no, missingIsLow: missingIsTrue };
    case 1:
      return { threshold: before(threshold), low: yes, high: no, missingIsLow: missingIsTrue };
    case 2:
      return { threshold: before(threshold), low: no, high: yes, missingIsLow: !missingIsTrue };
    case 3:
      return { threshold: roundDown(threshold), low: no, high: yes, missingIsLow: !missingIsTrue };
    default:
      return undefined;
  }
}

const word = new DataView(new ArrayBuffer(4));

/** The largest number of 32 bits that is not above a number. */
function roundDown(value: number): number {
  const near = Math.fround(value);
  return near > value ? stepDown(near) : near;
}

/** The largest number of 32 bits that is below a number. */
function before(value: number): number {
  const near = roundDown(value);
  return near === value ? stepDown(near) : near;
}

/** The number of 32 bits before one. */
function stepDown(value: number): number {
  if (value === Number.NEGATIVE_INFINITY) return value;
  if (value === 0) return -(2 ** -149);
  word.setFloat32(0, value);
  word.setInt32(0, word.getInt32(0) + (value > 0 ? -1 : 1));
  return word.getFloat32(0);
}

/** How many steps the deepest leaf of a tree is away. */
export function measureDepth(trees: TreeEnsemble, root: number): number {
  const open = [{ node: root, depth: 0 }];
  let deepest = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, depth } = next;
    deepest = Math.max(deepest, depth);
    if ((trees.columns[node] ?? -1) < 0) continue;
    for (const child of [trees.whenTrue[node], trees.whenFalse[node]])
      open.push({ node: child ?? 0, depth: depth + 1 });
  }
  return deepest;
}

interface Lists {
  readonly nodes: Int32Array;
  /** The same bytes as those of the nodes. */
  readonly thresholds: Float32Array;
  readonly leaves: Float64Array;
  readonly shapes: readonly Shape[];
  readonly base: number;
}

/** Rows, or trees, that are walked at once. */
const lanes = 4;
/** So many rows stay in the processor's nearest memory while all trees are walked. */
const blockRows = 256;

function createKernel(
  lists: Lists,
  { width, asksMissing }: { readonly width: number; readonly asksMissing: boolean },
): TreeKernel {
  const stride = asksMissing ? width * 2 : width;
  const block = new Float32Array(blockRows * stride);
  return {
    sum(matrix, rows, into) {
      for (let first = 0; first < rows; first += blockRows) {
        const count = Math.min(blockRows, rows - first);
        const sums = into.subarray(first, first + count).fill(0);
        const part = matrix.subarray(first * width, (first + count) * width);
        walkBlock(lists, asksMissing ? spread(part, { block, width }) : part, { sums, stride });
        for (let row = 0; row < count; row++) sums[row] = (sums[row] as number) + lists.base;
      }
    },
  };
}

/** Puts the values of rows twice: as they are, and with the smallest number in the place of a missing one. */
function spread(
  part: Float32Array,
  { block, width }: { readonly block: Float32Array; readonly width: number },
): Float32Array {
  let to = 0;
  for (let at = 0; at < part.length; at += width) {
    for (let column = 0; column < width; column++) {
      const value = part[at + column] as number;
      block[to + column] = value;
      block[to + width + column] = Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
    }
    to += width * 2;
  }
  return block;
}

function walkBlock(
  lists: Lists,
  block: Float32Array,
  { sums, stride }: { readonly sums: Float32Array; readonly stride: number },
): void {
  const whole = sums.length - (sums.length % lanes);
  if (whole > 0) walkRows(lists, block, { sums: sums.subarray(0, whole), stride });
  for (let row = whole; row < sums.length; row++) sums[row] = walkTrees(lists, block, row * stride);
}

/** As many rows as lanes go through each tree at once. */
function walkRows(
  { nodes, thresholds, leaves, shapes }: Lists,
  block: Float32Array,
  { sums, stride }: { readonly sums: Float32Array; readonly stride: number },
): void {
  const rows = sums.length;
  for (const { root, depth } of shapes) {
    for (let row = 0; row < rows; row += lanes) {
      const first = row * stride;
      const second = first + stride;
      const third = second + stride;
      const fourth = third + stride;
      let a = root;
      let b = root;
      let c = root;
      let d = root;
      for (let step = 0; step < depth; step++) {
        a = nodes[
          a +
            highAt -
            Number((block[first + (nodes[a] as number)] as number) <= (thresholds[a + thresholdAt] as number))
        ] as number;
        b = nodes[
          b +
            highAt -
            Number((block[second + (nodes[b] as number)] as number) <= (thresholds[b + thresholdAt] as number))
        ] as number;
        c = nodes[
          c +
            highAt -
            Number((block[third + (nodes[c] as number)] as number) <= (thresholds[c + thresholdAt] as number))
        ] as number;
        d = nodes[
          d +
            highAt -
            Number((block[fourth + (nodes[d] as number)] as number) <= (thresholds[d + thresholdAt] as number))
        ] as number;
      }
      sums[row] = (sums[row] as number) + (leaves[a >> nodeBits] as number);
      sums[row + 1] = (sums[row + 1] as number) + (leaves[b >> nodeBits] as number);
      sums[row + 2] = (sums[row + 2] as number) + (leaves[c >> nodeBits] as number);
      sums[row + 3] = (sums[row + 3] as number) + (leaves[d >> nodeBits] as number);
    }
  }
}

/** One row goes through as many trees as lanes at once. @returns its sum, rounded as if one came after the other */
function walkTrees({ nodes, thresholds, leaves, shapes }: Lists, block: Float32Array, at: number): number {
  const whole = shapes.length - (shapes.length % lanes);
  let sum = 0;
  for (let tree = 0; tree < whole; tree += lanes) {
    const [first, second, third, fourth] = [shapes[tree], shapes[tree + 1], shapes[tree + 2], shapes[tree + 3]] as [
      Shape,
      Shape,
      Shape,
      Shape,
    ];
    let a = first.root;
    let b = second.root;
    let c = third.root;
    let d = fourth.root;
    const depth = Math.max(first.depth, second.depth, third.depth, fourth.depth);
    for (let step = 0; step < depth; step++) {
      a = nodes[
        a + highAt - Number((block[at + (nodes[a] as number)] as number) <= (thresholds[a + thresholdAt] as number))
      ] as number;
      b = nodes[
        b + highAt - Number((block[at + (nodes[b] as number)] as number) <= (thresholds[b + thresholdAt] as number))
      ] as number;
      c = nodes[
        c + highAt - Number((block[at + (nodes[c] as number)] as number) <= (thresholds[c + thresholdAt] as number))
      ] as number;
      d = nodes[
        d + highAt - Number((block[at + (nodes[d] as number)] as number) <= (thresholds[d + thresholdAt] as number))
      ] as number;
    }
    sum = Math.fround(sum + (leaves[a >> nodeBits] as number));
    sum = Math.fround(sum + (leaves[b >> nodeBits] as number));
    sum = Math.fround(sum + (leaves[c >> nodeBits] as number));
    sum = Math.fround(sum + (leaves[d >> nodeBits] as number));
  }
  for (let tree = whole; tree < shapes.length; tree++) {
    const { root, depth } = shapes[tree] as Shape;
    let node = root;
    for (let step = 0; step < depth; step++)
      node = nodes[
        node +
          highAt -
          Number((block[at + (nodes[node] as number)] as number) <= (thresholds[node + thresholdAt] as number))
      ] as number;
    sum = Math.fround(sum + (leaves[node >> nodeBits] as number));
  }
  return sum;
}
