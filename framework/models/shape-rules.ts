/**
 * What decides how large a model's values become: operators that make a value of a size they are told must be told it by the
 * file, and within a cap. A size that comes from a request's values would let one request ask for all the memory there is. Pure.
 * @module
 */
import type { OnnxGraph, OnnxNode, OnnxTensor } from "./onnx-graph.ts";
import { readIntegers, shorten } from "./tensor-rules.ts";

/** Which inputs of an operator say how large its output becomes, and how much that is. */
interface Sized {
  readonly inputs: readonly number[];
  readonly size: (values: readonly bigint[]) => bigint;
}

const product = (values: readonly bigint[]) =>
  values.reduce((total, value) => total * (value > 1n || value < 0n ? magnitude(value) : 1n), 1n);
const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + magnitude(value), 0n);
const magnitude = (value: bigint) => (value < 0n ? -value : value);

const sizedBy: Readonly<Record<string, Sized>> = {
  ConstantOfShape: { inputs: [0], size: product },
  Expand: { inputs: [1], size: product },
  Tile: { inputs: [1], size: product },
  OneHot: { inputs: [1], size: product },
  Pad: { inputs: [1], size: sum },
  Range: { inputs: [0, 1, 2], size: (values) => rangeSize(values) },
};

function rangeSize([start = 0n, limit = 0n, step = 1n]: readonly bigint[]): bigint {
  return step === 0n ? 0n : magnitude(limit - start) / magnitude(step);
}

/** Attributes that are sizes, and the most that one of them may be. */
const sizeAttributes = new Set(["pads", "kernel_shape", "strides", "dilations", "output_padding", "output_shape"]);
const largestAttribute = 65_536n;

/** What is known of a value by its name: its constant, and whether a request's values are in it. */
interface Known {
  readonly constants: Map<string, readonly bigint[]>;
  readonly asked: Set<string>;
  /** The graph around; a name that is not known here is one of it. @default there is none */
  readonly around?: Known;
}

/**
 * Why the sizes of a graph are refused, or nothing.
 *
 * @param cap how many elements all values may have together whose size the file says.
 */
export function judgeSizes(graph: OnnxGraph, cap: bigint): string | undefined {
  return judgeGraph(graph, { left: cap, cap });
}

/** The same of a function's nodes: whatever it is given may hold a request's values. */
export function judgeFunctionSizes(
  { inputs, nodes }: { readonly inputs: readonly string[]; readonly nodes: readonly OnnxNode[] },
  cap: bigint,
): string | undefined {
  return judgeGraph(
    { inputs, nodes, tensors: [], outputs: [], hasSparse: false, metadataKeys: [] },
    { left: cap, cap },
  );
}

interface Budget {
  left: bigint;
  readonly cap: bigint;
}

function judgeGraph(graph: OnnxGraph, budget: Budget, around?: Known): string | undefined {
  const known: Known = { constants: new Map(), asked: new Set(), ...(around && { around }) };
  for (const tensor of graph.tensors) keepConstant(known, tensor.name, tensor);
  for (const name of graph.inputs) if (!known.constants.has(name)) known.asked.add(name);
  for (const node of graph.nodes) {
    const reason = judgeNode(node, known, budget);
    if (reason) return reason;
    keepNode(node, known);
  }
  return undefined;
}

function judgeNode(node: OnnxNode, known: Known, budget: Budget): string | undefined {
  for (const { name, integers, integer, graphs } of node.attributes) {
    for (const inner of graphs) {
      const reason = judgeGraph(inner, budget, known);
      if (reason) return reason;
    }
    if (!sizeAttributes.has(name)) continue;
    const isLarge = (value: bigint) => magnitude(value) > largestAttribute;
    const large = integers.find(isLarge) ?? (integer !== undefined && isLarge(integer) ? integer : undefined);
    if (large !== undefined) return `${node.op} has ${large} in "${name}", and at most ${largestAttribute} is admitted`;
  }
  if (node.domain !== "" || !Object.hasOwn(sizedBy, node.op)) return undefined;
  const { inputs, size } = sizedBy[node.op] as Sized;
  const operands = inputs.flatMap((at) => (node.inputs[at] ? [node.inputs[at]] : []));
  const asked = operands.find((name) => isAsked(known, name));
  if (asked !== undefined)
    return `${node.op} makes a value as large as the values of a request say ("${shorten(asked)}")`;
  const values = operands.map((name) => findConstant(known, name));
  // What is computed from constants and shapes is seen when the model is asked, within its limits.
  if (values.length === 0 || values.some((each) => each === undefined)) return undefined;
  const elements = size(values.flatMap((each) => each ?? []));
  budget.left -= elements;
  return budget.left < 0n
    ? `${node.op} makes a value of ${elements} elements, and all such together may have at most ${budget.cap}`
    : undefined;
}

/** Notes what a node's outputs are. */
function keepNode(node: OnnxNode, known: Known): void {
  if (node.domain === "" && node.op === "Constant") {
    const [output = ""] = node.outputs;
    for (const { integers, integer, tensors } of node.attributes) {
      const [tensor] = tensors;
      if (tensor) keepConstant(known, output, tensor);
      else if (integers.length > 0) known.constants.set(output, [...integers]);
      else if (integer !== undefined) known.constants.set(output, [integer]);
    }
    return;
  }
  // How many rows a request has says how large it is, and no more.
  if (node.domain === "" && (node.op === "Shape" || node.op === "Size")) return;
  const hasInner = node.attributes.some(({ graphs }) => graphs.length > 0);
  if (!hasInner && !node.inputs.some((name) => isAsked(known, name))) return;
  for (const output of node.outputs) known.asked.add(output);
}

/** Larger ones are no shapes. */
const mostElements = 64;

function keepConstant(known: Known, name: string, tensor: OnnxTensor): void {
  const values = readIntegers(tensor);
  if (values && values.length <= mostElements) known.constants.set(name, values);
}

function isAsked(known: Known | undefined, name: string): boolean {
  if (!known) return false;
  return known.asked.has(name) || (!known.constants.has(name) && isAsked(known.around, name));
}

function findConstant(known: Known | undefined, name: string): readonly bigint[] | undefined {
  return known && (known.constants.get(name) ?? findConstant(known.around, name));
}
