/**
 * ONNX files of ensembles of trees, for tests: with what comes before and after them as a test says.
 * @module
 */
import type { TreeEnsemble } from "../../framework/models/tree-ensemble.ts";
import { bytes, floats, graph, integer, join, model, node, opset, type Part, text, value } from "./onnx-bytes.ts";

const modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

export interface TreeOnnx {
  readonly trees: TreeEnsemble;
  /** How many inputs the model has. */
  readonly width: number;
  /** Nodes before the trees, which make `trees.input`. @default the trees see the inputs */
  readonly before?: readonly Part[];
  /** Nodes that make `answer` of `sums`. @default the sums are the answers */
  readonly after?: readonly Part[];
  readonly tensors?: readonly Part[];
}

const list = (name: string, numbers: Iterable<number>): Part =>
  join(text(1, name), ...[...numbers].map((each) => integer(8, each)), integer(20, 7));
const numbers = (name: string, values: readonly number[]): Part =>
  join(text(1, name), bytes(7, floats(values)), integer(20, 6));

/** A node that makes `output` of the trees' input. */
export function treeNode(trees: TreeEnsemble, output: string): Part {
  const { columns, targets } = trees;
  const owner = new Map<number, number>();
  for (const [tree, root] of trees.roots.entries()) {
    const waiting = [root];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      owner.set(at, tree);
      if ((columns[at] ?? -1) >= 0) waiting.push(trees.whenTrue[at] ?? 0, trees.whenFalse[at] ?? 0);
    }
  }
  const places = [...columns.keys()];
  const isLeaf = (at: number) => (columns[at] ?? -1) < 0;
  const ofTree = (at: number) => owner.get(at) ?? 0;
  const leaves = places
    .filter(isLeaf)
    .flatMap((at) => Array.from({ length: targets }, (_, target) => ({ at, target })));
  return node({
    op: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    inputs: [trees.input],
    outputs: [output],
    attributes: [
      join(text(1, "n_targets"), integer(3, targets), integer(20, 2)),
      list("nodes_treeids", places.map(ofTree)),
      list("nodes_nodeids", places),
      list(
        "nodes_featureids",
        places.map((at) => Math.max(0, columns[at] ?? 0)),
      ),
      list(
        "nodes_truenodeids",
        places.map((at) => Math.max(0, trees.whenTrue[at] ?? 0)),
      ),
      list(
        "nodes_falsenodeids",
        places.map((at) => Math.max(0, trees.whenFalse[at] ?? 0)),
      ),
      list("nodes_missing_value_tracks_true", trees.missingIsTrue),
      join(
        text(1, "nodes_modes"),
        ...places.map((at) => text(9, isLeaf(at) ? "LEAF" : (modes[trees.modes[at] ?? 0] ?? ""))),
        integer(20, 8),
      ),
      numbers("nodes_values", [...trees.thresholds]),
      list(
        "target_treeids",
        leaves.map(({ at }) => ofTree(at)),
      ),
      list(
        "target_nodeids",
        leaves.map(({ at }) => at),
      ),
      list(
        "target_ids",
        leaves.map(({ target }) => target),
      ),
      numbers(
        "target_weights",
        leaves.map(({ at, target }) => trees.leaves[at * targets + target] ?? 0),
      ),
      numbers("base_values", [...trees.base]),
    ],
  });
}

/** A model of trees with the input `features` and the output `value`, or what `after` makes of it. */
export function createTreeOnnx({ trees, width, before = [], after = [], tensors = [] }: TreeOnnx): Part {
  const content = graph({
    inputs: [value("features", "float", ["rows", width])],
    outputs: [value("value", "float", ["rows", trees.targets])],
    nodes: [...before, treeNode(trees, after.length > 0 ? "sums" : "value"), ...after],
    tensors,
  });
  return join(model(content), bytes(8, opset("ai.onnx.ml", 1)));
}
