/**
 * What the trees of an ensemble must be: lists of one length, branches that lead to nodes of the same tree and never back, and
 * features that are there. A tree with a way back answers most rows and never ends for one. Pure.
 * @module
 */
import type { OnnxAttribute, OnnxNode } from "./onnx-graph.ts";

const ensembles = new Set(["TreeEnsembleClassifier", "TreeEnsembleRegressor"]);
const lists = ["treeids", "nodeids", "featureids", "truenodeids", "falsenodeids"] as const;
const noIntegers = new BigInt64Array(0);
const leaf = new TextEncoder().encode("LEAF");
/** Where a node has no child. */
const none = -1;

/**
 * Why an ensemble of trees is refused, or nothing; nothing for another node.
 *
 * @param width how many features the rows have that it is given; nothing when that is not known.
 */
export function judgeTrees(node: OnnxNode, width: bigint | undefined): string | undefined {
  if (node.domain !== "ai.onnx.ml" || !ensembles.has(node.op)) return undefined;
  const attributes = new Map(node.attributes.map((attribute) => [attribute.name, attribute]));
  const integers = (name: (typeof lists)[number]) => attributes.get(`nodes_${name}`)?.integers ?? noIntegers;
  const modes = attributes.get("nodes_modes")?.texts ?? [];
  const count = modes.length;
  const values = countValues(attributes.get("nodes_values"), attributes.get("nodes_values_as_tensor"));
  const uneven = lists.find((name) => integers(name).length !== count);
  if (uneven !== undefined || values !== count) {
    const [name, got] = uneven === undefined ? ["values", values] : [uneven, integers(uneven).length];
    return `${node.op} has ${count} nodes, and ${got} "nodes_${name}"`;
  }
  if (count === 0) return `${node.op} has no nodes`;

  const [trees, ids] = [integers("treeids"), integers("nodeids")];
  const places = new Map<bigint, Map<bigint, number>>();
  for (let at = 0; at < count; at++) {
    const [tree, id] = [trees[at] ?? 0n, ids[at] ?? 0n];
    const ofTree = places.get(tree) ?? new Map<bigint, number>();
    if (ofTree.has(id)) return `${node.op} has node ${id} of tree ${tree} twice`;
    ofTree.set(id, at);
    places.set(tree, ofTree);
  }
  const [features, whenTrue, whenFalse] = [integers("featureids"), integers("truenodeids"), integers("falsenodeids")];
  const parents = new Uint8Array(count);
  const [left, right] = [new Int32Array(count).fill(none), new Int32Array(count).fill(none)];
  for (let at = 0; at < count; at++) {
    if (isLeaf(modes[at])) continue;
    const feature = features[at] ?? -1n;
    if (feature < 0n || (width !== undefined && feature >= width))
      return `${node.op} asks for feature ${feature}${width === undefined ? "" : ` of rows that have ${width}`}`;
    const ofTree = places.get(trees[at] ?? 0n);
    const [yes, no] = [ofTree?.get(whenTrue[at] ?? 0n), ofTree?.get(whenFalse[at] ?? 0n)];
    if (yes === undefined || no === undefined)
      return `${node.op} leads from node ${ids[at]} of tree ${trees[at]} to one that is not there`;
    if ((parents[yes] ?? 0) > 0 || (parents[no] ?? 0) > 0 || yes === no)
      return `${node.op} has ways in tree ${trees[at]} that meet again`;
    parents[yes] = 1;
    parents[no] = 1;
    left[at] = yes;
    right[at] = no;
  }
  return judgeRoots(node, { parents, left, right });
}

function isLeaf(mode: Uint8Array | undefined): boolean {
  return mode?.length === leaf.length && leaf.every((byte, at) => mode[at] === byte);
}

interface Forest {
  readonly parents: Uint8Array;
  /** The places of the children of each node, -1 where it has none. */
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** With at most one parent each, every node is below a root, or in a ring. */
function judgeRoots(node: OnnxNode, { parents, left, right }: Forest): string | undefined {
  const waiting = [...parents.keys()].filter((at) => parents[at] === 0);
  let reached = 0;
  while (waiting.length > 0) {
    const at = waiting.pop() ?? 0;
    reached++;
    for (const child of [left[at] ?? none, right[at] ?? none]) if (child !== none) waiting.push(child);
  }
  if (reached < parents.length) return `${node.op} has a tree that leads back to where it came from`;
  return undefined;
}

/** How many thresholds there are: as numbers, or as a constant of 64-bit ones. */
function countValues(listed: OnnxAttribute | undefined, constant: OnnxAttribute | undefined): number {
  const [tensor] = constant?.tensors ?? [];
  return tensor ? Number(tensor.dims.reduce((total, size) => total * size, 1n)) : (listed?.floats ?? 0);
}
