/**
 * An ensemble of trees compiled to WebAssembly for many rows at once: the walk of `tree-kernel.ts`, to the same bits, eight rows at a
 * time and without a check of any place in memory. The children of a node lie beside each other, so that a step is one comparison and one
 * addition. Compiling takes longer than a few rows would.
 * @module
 */
import type { TreeEnsemble } from "./tree-ensemble.ts";
import { describeSplit, measureDepth, type TreeKernel } from "./tree-kernel.ts";
import {
  type Code,
  compileModule,
  openModule,
  type RunningModule,
  type WasmFunction,
  type WasmModule,
  wasm,
} from "./wasm-module.ts";

/** Rows that go through a tree at once. */
const lanes = 8;
/** So many rows stay in the processor's nearest memory while all trees are walked; a multiple of `lanes`. */
const blockRows = 256;

/** A node is four numbers of 32 bits: where in a row its column begins, the threshold, where its first child begins, and nothing. */
const nodeBits = 4;
const nodeBytes = 1 << nodeBits;
const [thresholdByte, childByte] = [4, 8];
/** A tree is two numbers: where its root begins, and how many steps its deepest leaf is away. */
const treeBytes = 8;

/** Where what lies in memory, in bytes. The nodes come first. */
interface Places {
  /** A number of 64 bits for each node. */
  readonly leaves: number;
  readonly trees: number;
  readonly block: number;
  readonly sums: number;
  readonly end: number;
}

/** Compiled trees as other threads of the process may be given them. */
export interface BlockTrees {
  readonly module: WasmModule;
  /** What memory begins with: nodes, leaves and the list of trees. */
  readonly bytes: Uint8Array;
  readonly places: Places;
  /** How many trees there are. */
  readonly trees: number;
  readonly base: number;
  /** How many columns a row has. */
  readonly width: number;
  /** Whether a missing value may be smaller than any: then a row's values are there twice. */
  readonly asksMissing: boolean;
}

/** @default undefined for an ensemble whose comparisons have no form in one threshold, or tell a missing value from the largest */
export function compileBlockTrees(
  trees: TreeEnsemble,
  { width, target }: { readonly width: number; readonly target: number },
): BlockTrees | undefined {
  const splits = Array.from(trees.columns, (column, node) => (column < 0 ? undefined : describeSplit(trees, node)));
  const isPlain = (split: (typeof splits)[number]) =>
    split !== undefined && (split.missingIsLow || split.threshold < Number.POSITIVE_INFINITY);
  if (!splits.every((split, node) => (trees.columns[node] ?? -1) < 0 || isPlain(split))) return undefined;
  const asksMissing = splits.some((split) => split?.missingIsLow);
  const stride = asksMissing ? width * 2 : width;
  const places = placeAll(trees, stride);
  return {
    module: compileModule(composeWalk(stride * 4, places.leaves)),
    bytes: layOut(trees, { splits, width, target, places }),
    places,
    trees: trees.roots.length,
    base: trees.base[target] ?? 0,
    width,
    asksMissing,
  };
}

/** Puts compiled trees into a memory of their own. */
export function openBlockTrees(compiled: BlockTrees): TreeKernel {
  const running = openModule(compiled.module, compiled.places.end);
  new Uint8Array(running.memory).set(compiled.bytes);
  return createKernel(compiled, running);
}

function placeAll(trees: TreeEnsemble, stride: number): Places {
  const nodes = trees.columns.length * nodeBytes;
  const block = nodes + trees.columns.length * 8 + trees.roots.length * treeBytes;
  const sums = block + blockRows * stride * 4;
  return { leaves: nodes, trees: nodes + trees.columns.length * 8, block, sums, end: sums + blockRows * 4 };
}

interface Layout {
  readonly splits: readonly (ReturnType<typeof describeSplit> | undefined)[];
  readonly width: number;
  readonly target: number;
  readonly places: Places;
}

/** Writes the trees, each from its root down. */
function layOut(trees: TreeEnsemble, { splits, width, target, places }: Layout): Uint8Array {
  const buffer = new ArrayBuffer(places.block);
  const integers = new Int32Array(buffer);
  const singles = new Float32Array(buffer);
  const leaves = new Float64Array(buffer, places.leaves, trees.columns.length);
  let free = 0;
  for (const [tree, root] of trees.roots.entries()) {
    const queue = [{ node: root, place: free++ }];
    integers[places.trees / 4 + tree * 2] = (queue[0]?.place ?? 0) * nodeBytes;
    integers[places.trees / 4 + tree * 2 + 1] = measureDepth(trees, root);
    for (const { node, place } of queue) {
      const at = (place * nodeBytes) / 4;
      const split = splits[node];
      if (!split) {
        // No value is larger than its threshold: a leaf leads to itself.
        singles[at + thresholdByte / 4] = Number.POSITIVE_INFINITY;
        integers[at + childByte / 4] = place * nodeBytes;
        leaves[place] = trees.leaves[node * trees.targets + target] ?? 0;
        continue;
      }
      integers[at] = ((trees.columns[node] ?? 0) + (split.missingIsLow ? width : 0)) * 4;
      singles[at + thresholdByte / 4] = split.threshold;
      integers[at + childByte / 4] = free * nodeBytes;
      queue.push({ node: split.low, place: free }, { node: split.high, place: free + 1 });
      free += 2;
    }
  }
  return new Uint8Array(buffer);
}

/** The walk of a block of rows through all trees: `tree` … `sums` are its parameters, all else it has for itself. */
function composeWalk(rowBytes: number, leaves: number): WasmFunction {
  const [tree, treesEnd, block, blockEnd, sums, row, sum, root, depth, step, firstLane] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ];
  const { get, set, tee, number, loadInteger, loadSingle, loadDouble, storeSingle } = wasm;
  const each = (write: (lane: number, local: number) => readonly Code[]): Code[] =>
    Array.from({ length: lanes }, (_, lane) => write(lane, firstLane + lane)).flat();
  const follow = each((lane, node) => [
    ...[get(node), loadInteger(childByte)],
    ...[get(row), get(node), loadInteger(), wasm.add, loadSingle(lane * rowBytes)],
    ...[get(node), loadSingle(thresholdByte), wasm.isGreaterSingle],
    ...[number(nodeBits), wasm.shiftLeft, wasm.add, set(node)],
  ]);
  const again = (local: number, by: number, until: number): Code[] => [
    ...[get(local), number(by), wasm.add, tee(local)],
    ...[get(until), wasm.isLess, wasm.branchIf],
  ];
  const steps = [...follow, get(step), number(1), wasm.subtract, tee(step), wasm.branchIf].flat();
  const rows = [
    ...each((_, node) => [get(root), set(node)]),
    ...[get(depth), set(step)],
    wasm.block([...get(depth), ...wasm.isZero, ...wasm.branchIf, ...wasm.loop(steps)]),
    ...each((lane, node) => [
      ...[get(sum), get(sum), loadSingle(lane * 4), wasm.toDouble],
      ...[get(node), number(1), wasm.shiftRight, loadDouble(leaves), wasm.addDouble],
      ...[wasm.toSingle, storeSingle(lane * 4)],
    ]),
    ...[get(sum), number(lanes * 4), wasm.add, set(sum)],
    ...again(row, lanes * rowBytes, blockEnd),
  ].flat();
  const code = wasm.loop(
    [
      ...[get(tree), loadInteger(), set(root), get(tree), loadInteger(4), set(depth)],
      ...[get(block), set(row), get(sums), set(sum)],
      wasm.loop(rows),
      ...again(tree, treeBytes, treesEnd),
    ].flat(),
  );
  return { parameters: 5, locals: 5 + lanes, code };
}

function createKernel(
  { places, trees, base, width, asksMissing }: BlockTrees,
  { run, memory }: RunningModule,
): TreeKernel {
  const stride = asksMissing ? width * 2 : width;
  const block = new Float32Array(memory, places.block, blockRows * stride);
  const sums = new Float32Array(memory, places.sums, blockRows);
  const treesEnd = places.trees + trees * treeBytes;
  return {
    sum(matrix, rows, into) {
      for (let first = 0; first < rows; first += blockRows) {
        const count = Math.min(blockRows, rows - first);
        fill(block, matrix.subarray(first * width, (first + count) * width), { width, asksMissing });
        sums.fill(0);
        // What lies behind the last row is walked with it: its sums are read by nobody.
        const whole = Math.ceil(count / lanes) * lanes;
        if (trees > 0) run(places.trees, treesEnd, places.block, places.block + whole * stride * 4, places.sums);
        for (let row = 0; row < count; row++) into[first + row] = (sums[row] as number) + base;
      }
    },
  };
}

/** A missing value is compared as the largest number that there is, and in a row's second half as the smallest. */
function fill(
  block: Float32Array,
  part: Float32Array,
  { width, asksMissing }: { readonly width: number; readonly asksMissing: boolean },
): void {
  const step = asksMissing ? width * 2 : width;
  let to = 0;
  for (let at = 0; at < part.length; at += width, to += step) {
    for (let column = 0; column < width; column++) {
      const value = part[at + column] as number;
      const isMissing = Number.isNaN(value);
      block[to + column] = isMissing ? Number.POSITIVE_INFINITY : value;
      if (asksMissing) block[to + width + column] = isMissing ? Number.NEGATIVE_INFINITY : value;
    }
  }
}
