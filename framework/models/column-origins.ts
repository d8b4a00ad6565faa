/**
 * From which input of a model each column of a value within its graph comes. Pure.
 * @module
 */
import type { OnnxGraph, OnnxNode, OnnxTensor } from "./onnx-graph.ts";

/** Operators whose answer has the columns of what they are given, each made of that column alone. */
const byColumn = new Set(["Identity", "Cast", "Scaler", "Imputer", "Binarizer", "Reshape", "Flatten"]);
/** The same, where the other thing they are given is a constant. */
const withConstant = new Set(["Add", "Sub", "Mul", "Div"]);
const int64 = 7n;

/**
 * The origins of the columns of a value: for each the place of the model's input. A matrix that is only shaped otherwise is
 * taken to have its columns in the same order, so whoever knows how many columns the value has should compare.
 *
 * @param width how many inputs the model has
 * @returns nothing where a column is made of several, or by an operator that is not known here
 */
export function findOrigins(graph: OnnxGraph, value: string, width: number): readonly number[] | undefined {
  const constants = new Map(graph.tensors.map((tensor) => [tensor.name, tensor]));
  const known = new Map<string, readonly number[]>();
  const [input] = graph.inputs.filter((name) => !constants.has(name));
  if (input !== undefined)
    known.set(
      input,
      Array.from({ length: width }, (_, at) => at),
    );
  // Nodes stand in an order in which each comes after what it is given.
  for (const node of graph.nodes) {
    const origins = traceNode(node, known, constants);
    if (origins && node.outputs[0] !== undefined) known.set(node.outputs[0], origins);
  }
  return known.get(value);
}

function traceNode(
  node: OnnxNode,
  known: ReadonlyMap<string, readonly number[]>,
  constants: ReadonlyMap<string, OnnxTensor>,
): readonly number[] | undefined {
  const [first = "", second = ""] = node.inputs;
  const from = known.get(first);
  const axis = node.attributes.find(({ name }) => name === "axis")?.integer;
  if (byColumn.has(node.op)) return from;
  if (withConstant.has(node.op)) {
    const [given, constant] = from ? [from, constants.get(second)] : [known.get(second), constants.get(first)];
    return given && constant && fits(constant, given.length) ? given : undefined;
  }
  if (node.op === "Concat" && axis === 1n) {
    const parts = node.inputs.map((name) => known.get(name));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  if (node.op === "ArrayFeatureExtractor" || (node.op === "Gather" && axis === 1n)) {
    const places = readIntegers(constants.get(second));
    return from && places?.map((place) => from.at(place) ?? -1);
  }
  if (node.op === "OneHotEncoder") {
    const of = (name: string) => node.attributes.find((attribute) => attribute.name === name);
    const values = Math.max(of("cats_int64s")?.integers.length ?? 0, of("cats_strings")?.texts.length ?? 0);
    return from?.flatMap((origin) => Array.from({ length: values }, () => origin));
  }
  return undefined;
}

/** Whether a constant is one number, or one for each column: so no column becomes several. */
function fits({ dims }: OnnxTensor, width: number): boolean {
  const size = Number(dims.reduce((product, each) => product * each, 1n));
  return size === 1 || (size === width && Number(dims.at(-1) ?? 0n) === width);
}

function readIntegers(tensor: OnnxTensor | undefined): readonly number[] | undefined {
  if (tensor?.type !== int64) return undefined;
  const listed = tensor.raw ? new BigInt64Array(Uint8Array.from(tensor.raw).buffer) : tensor.int64;
  return Array.from(listed, Number);
}
