/**
 * An ensemble of trees as flat lists, read from a node of an ONNX file that admission has judged, and what it answers. Pure.
 * @module
 */
import type { OnnxNode } from "./onnx-graph.ts";
import { readMessage } from "./onnx-message.ts";

/** Trees by node. A node is known by its place in the lists, and a child stands for no second parent. */
export interface TreeEnsemble {
  /** The value that it is given, one row of columns for each answer. */
  readonly input: string;
  /** How many sums it makes: one for each class or target. */
  readonly targets: number;
  /** The first node of each tree. */
  readonly roots: Int32Array;
  /** The column that a node asks for, -1 for a leaf. */
  readonly columns: Int32Array;
  /** How the value of the column is held against `thresholds`; see `comparisons`. */
  readonly modes: Uint8Array;
  readonly thresholds: Float64Array;
  /** 1 where a missing value counts as true. */
  readonly missingIsTrue: Uint8Array;
  /** The children, -1 for a leaf. */
  readonly whenTrue: Int32Array;
  readonly whenFalse: Int32Array;
  /** What a leaf adds to each sum: `targets` numbers for every node. */
  readonly leaves: Float64Array;
  /** What each sum begins with. */
  readonly base: Float64Array;
}

/** Thrown for an ensemble that is read by others, and not here, with the reason in words. */
export class UnreadTrees extends Error {
  override readonly name = "UnreadTrees";
}

/** The ways in which a value is held against a threshold, by their numbers in `modes`. */
const comparisons = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"] as const;
const leafMode = "LEAF";
const texts = new TextDecoder();

/** Whether a node is an ensemble of trees. */
export function isTreeEnsemble({ domain, op }: OnnxNode): boolean {
  return domain === "ai.onnx.ml" && (op === "TreeEnsembleClassifier" || op === "TreeEnsembleRegressor");
}

/**
 * Reads an ensemble.
 *
 * @throws UnreadTrees for one that adds up otherwise than by sums and means, has 64-bit numbers in lists, or nodes that two others
 * lead to
 */
export function readTreeEnsemble(node: OnnxNode): TreeEnsemble {
  const read = createAttributeReader(node);
  const prefix = node.op === "TreeEnsembleClassifier" ? "class" : "target";
  const modes = read.texts("nodes_modes");
  const count = modes.length;
  const [ofTree, ids] = [read.integers("nodes_treeids"), read.integers("nodes_nodeids")];
  const places = new Map(modes.map((_, at) => [`${ofTree[at]}/${ids[at]}`, at]));
  const place = (tree: bigint | undefined, id: bigint | undefined) => {
    const found = places.get(`${tree}/${id}`);
    if (found === undefined) throw new UnreadTrees("a node of its trees is not there");
    return found;
  };

  const [columns, whenTrue, whenFalse] = [0, 1, 2].map(() => new Int32Array(count).fill(-1)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const [asked, yes, no] = [
    read.integers("nodes_featureids"),
    read.integers("nodes_truenodeids"),
    read.integers("nodes_falsenodeids"),
  ];
  const kinds = new Uint8Array(count);
  const isChild = new Uint8Array(count);
  for (const [at, mode] of modes.entries()) {
    if (mode === leafMode) continue;
    const kind = comparisons.indexOf(mode as (typeof comparisons)[number]);
    if (kind < 0) throw new UnreadTrees(`its trees compare by "${mode}"`);
    kinds[at] = kind;
    columns[at] = Number(asked[at]);
    whenTrue[at] = place(ofTree[at], yes[at]);
    whenFalse[at] = place(ofTree[at], no[at]);
    for (const child of [whenTrue[at] ?? 0, whenFalse[at] ?? 0]) {
      // Shared nodes are no tree: what walks them would count them twice, or for ever where they lead back to themselves.
      if (isChild[child] === 1) throw new UnreadTrees("a node of its trees has more than one parent");
      isChild[child] = 1;
    }
  }
  const tracks = read.integers("nodes_missing_value_tracks_true");
  const roots = Int32Array.from([...isChild.keys()].filter((at) => isChild[at] === 0));

  const targetIds = read.integers(`${prefix}_ids`);
  const declared = Math.max(1, read.integer("n_targets"), read.classes());
  const targets = targetIds.reduce((most, id) => Math.max(most, Number(id) + 1), declared);
  const means = read.text("aggregate_function") === "AVERAGE";
  if (!means && !["", "SUM"].includes(read.text("aggregate_function")))
    throw new UnreadTrees(`its trees are taken together by ${read.text("aggregate_function")}`);
  const [leafTrees, leafIds, weights] = [
    read.integers(`${prefix}_treeids`),
    read.integers(`${prefix}_nodeids`),
    read.numbers(`${prefix}_weights`),
  ];
  const leaves = new Float64Array(count * targets);
  for (const [i, id] of targetIds.entries()) {
    const at = place(leafTrees[i], leafIds[i]) * targets + Number(id);
    leaves[at] = (leaves[at] ?? 0) + (weights[i] ?? 0) / (means ? roots.length : 1);
  }
  return {
    input: node.inputs[0] ?? "",
    targets,
    roots,
    columns,
    modes: kinds,
    thresholds: Float64Array.from(read.numbers("nodes_values")),
    missingIsTrue: Uint8Array.from({ length: count }, (_, at) => Number(tracks[at] ?? 0n)),
    whenTrue,
    whenFalse,
    leaves,
    base: spreadBase(read.numbers("base_values"), targets, targetIds),
  };
}

/** A classifier of two classes may make one sum alone, and have one base for it. */
function spreadBase(values: ArrayLike<number>, targets: number, targetIds: BigInt64Array): Float64Array {
  const base = new Float64Array(targets);
  if (values.length === targets && new Set(targetIds).size === targets) base.set(values);
  else for (const id of new Set(targetIds)) base[Number(id)] = values[values.length - 1] ?? 0;
  return base;
}

function createAttributeReader(node: OnnxNode) {
  const attributes = new Map(node.attributes.map((attribute) => [attribute.name, attribute]));
  const none = new BigInt64Array(0);
  const integers = (name: string) => attributes.get(name)?.integers ?? none;
  const listTexts = (name: string) => (attributes.get(name)?.texts ?? []).map((text) => texts.decode(text));
  return {
    integers,
    texts: listTexts,
    integer: (name: string) => Number(attributes.get(name)?.integer ?? 0n),
    text: (name: string) => {
      const found = attributes.get(name);
      return found ? readMessage(found.bytes, { s: [4, "text"] }, "an attribute").s : "";
    },
    classes: () => Math.max(integers("classlabels_int64s").length, listTexts("classlabels_strings").length),
    /** Numbers of 32 bits in a list, or of 64 bits in a constant. */
    numbers: (name: string): ArrayLike<number> => {
      const [constant] = attributes.get(`${name}_as_tensor`)?.tensors ?? [];
      if (constant) return toDoubles(constant.raw, constant.type);
      const found = attributes.get(name);
      return found ? readMessage(found.bytes, { floats: [7, "numbers"] }, "an attribute").floats : [];
    },
  };
}

const double = 11n;

function toDoubles(raw: Uint8Array | undefined, type: bigint): Float64Array {
  if (!raw || type !== double) throw new UnreadTrees("its numbers are kept in a list of 64-bit ones");
  return new Float64Array(Uint8Array.from(raw).buffer);
}

/** Which way a value goes at a node. */
export function takesTrue(trees: TreeEnsemble, node: number, value: number): boolean {
  if (Number.isNaN(value) && trees.missingIsTrue[node] === 1) return true;
  const threshold = trees.thresholds[node] as number;
  switch (trees.modes[node]) {
    case 0:
      return value <= threshold;
    case 1:
      return value < threshold;
    case 2:
      return value >= threshold;
    case 3:
      return value > threshold;
    case 4:
      return value === threshold;
    default:
      return value !== threshold;
  }
}

/** Where a row begins in a matrix. */
interface RowPlace {
  readonly matrix: ArrayLike<number>;
  readonly at: number;
}

/** The leaf of a tree that a row comes to. */
function findLeaf(trees: TreeEnsemble, root: number, { matrix, at }: RowPlace): number {
  let node = root;
  for (let column = trees.columns[node] as number; column >= 0; column = trees.columns[node] as number) {
    const isTrue = takesTrue(trees, node, matrix[at + column] as number);
    node = (isTrue ? trees.whenTrue[node] : trees.whenFalse[node]) as number;
  }
  return node;
}

/**
 * The sum of a target for each row.
 *
 * @param rounded whether each step is rounded to 32 bits, as a runtime does. @default exact to 64 bits
 */
export function sumTrees(
  trees: TreeEnsemble,
  { matrix, width }: { readonly matrix: ArrayLike<number>; readonly width: number },
  { target, rounded = false }: { readonly target: number; readonly rounded?: boolean },
): Float64Array {
  const { roots, leaves, targets, base } = trees;
  return Float64Array.from({ length: matrix.length / width }, (_, row) => {
    const place = { matrix, at: row * width };
    let sum = 0;
    for (const root of roots) {
      sum += leaves[findLeaf(trees, root, place) * targets + target] as number;
      if (rounded) sum = Math.fround(sum);
    }
    sum += base[target] as number;
    return rounded ? Math.fround(sum) : sum;
  });
}

/** How many of some rows come through each node. */
export function countCovers(
  trees: TreeEnsemble,
  { matrix, width }: { readonly matrix: ArrayLike<number>; readonly width: number },
): Float64Array {
  const covers = new Float64Array(trees.columns.length);
  for (let at = 0; at < matrix.length; at += width) {
    for (const root of trees.roots) {
      let node = root;
      covers[node] = (covers[node] as number) + 1;
      for (let column = trees.columns[node] as number; column >= 0; column = trees.columns[node] as number) {
        const isTrue = takesTrue(trees, node, matrix[at + column] as number);
        node = (isTrue ? trees.whenTrue[node] : trees.whenFalse[node]) as number;
        covers[node] = (covers[node] as number) + 1;
      }
    }
  }
  return covers;
}
