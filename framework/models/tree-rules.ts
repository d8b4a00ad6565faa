/**
 * What the trees of an ensemble must be: lists of one length, branches that lead to nodes of the same tree and never back, and
 * features that are there. A tree with a way back answers most rows and never ends for one. Pure.
 * @module
 */
import type { OnnxAttribute, OnnxNode } from "./onnx-graph.ts";

const ensembles = new Set(["TreeEnsembleClassifier", "TreeEnsembleRegressor"]);
const lists = ["treeids", "nodeids", "featureids", "truenodeids", "falsenodeids"] as const;
const noIntegers: readonly bigint[] = [];

/**
 * Why an ensemble of trees is refused, or nothing; nothing for another node.
 *
 * @param width how many features the rows have that it is given; nothing when that is not known.
 */
export function judgeTrees(node: OnnxNode, width: bigint | undefined): string | undefined {
  if (node.domain !== "ai.onnx.ml" || !ensembles.has(node.op)) return undefined;
  const attributes = new Map(node.attributes.map((attribute) => [attribute.name, attribute]));
  const integers = (name: (typeof lists)[number]) => attributes.get(`nodes_${name}`)?.integers ?? noIntegers;
  const modes = (attributes.get("nodes_modes")?.texts ?? []).map((mode) => Buffer.from(mode).toString("latin1"));
  const count = modes.length;
  const values = countValues(attributes.get("nodes_values"), attributes.get("nodes_values_as_tensor"));
  const uneven = lists.find((name) => integers(name).length !== count);
  if (uneven !== undefined || values !== count) {
    const [name, got] = uneven === undefined ? ["values", values] : [uneven, integers(uneven).length];
    return `${node.op} has ${count} nodes, and ${got} "nodes_${name}"`;
  }
  if (count === 0) return `${node.op} has no nodes`;

  const [trees, ids] = [integers("treeids"), integers("nodeids")];
  const places = new Map<string, number>();
  for (let at = 0; at < count; at++) {
    const key = `${trees[at]} ${ids[at]}`;
    if (places.has(key)) return `${node.op} has node ${ids[at]} of tree ${trees[at]} twice`;
    places.set(key, at);
  }
  const parents = new Uint8Array(count);
  const children: (readonly [number, number] | undefined)[] = [];
  for (let at = 0; at < count; at++) {
    if (modes[at] === "LEAF") {
      children.push(undefined);
      continue;
    }
    const feature = integers("featureids")[at] ?? -1n;
    if (feature < 0n || (width !== undefined && feature >= width))
      return `${node.op} asks for feature ${feature}${width === undefined ? "" : ` of rows that have ${width}`}`;
    const both = [integers("truenodeids")[at], integers("falsenodeids")[at]] as const;
    const [yes, no] = both.map((id) => places.get(`${trees[at]} ${id}`));
    if (yes === undefined || no === undefined)
      return `${node.op} leads from node ${ids[at]} of tree ${trees[at]} to one that is not there`;
    if ((parents[yes] ?? 0) > 0 || (parents[no] ?? 0) > 0 || yes === no)
      return `${node.op} has ways in tree ${trees[at]} that meet again`;
    parents[yes] = 1;
    parents[no] = 1;
    children.push([yes, no]);
  }
  return judgeRoots(node, { trees, parents, children });
}

interface Forest {
  readonly trees: readonly bigint[];
  readonly parents: Uint8Array;
  readonly children: readonly (readonly [number, number] | undefined)[];
}

/** With at most one parent each, every node is below a root, or in a ring. */
function judgeRoots(node: OnnxNode, { trees, parents, children }: Forest): string | undefined {
  const waiting = [...parents.keys()].filter((at) => parents[at] === 0);
  let reached = 0;
  while (waiting.length > 0) {
    const at = waiting.pop() ?? 0;
    reached++;
    waiting.push(...(children[at] ?? []));
  }
  if (reached < trees.length) return `${node.op} has a tree that leads back to where it came from`;
  return undefined;
}

/** How many thresholds there are: as numbers, or as a constant of 64-bit ones. */
function countValues(listed: OnnxAttribute | undefined, constant: OnnxAttribute | undefined): number {
  const [tensor] = constant?.tensors ?? [];
  return tensor ? Number(tensor.dims.reduce((total, size) => total * size, 1n)) : (listed?.floats ?? 0);
}
