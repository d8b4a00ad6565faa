/**
 * What an ONNX file must be before a runtime may open it. Pure.
 * @module
 */
import { sniff, sniffedBytes } from "./content-sniff.ts";
import { judgeFunctions, listNodes, nameOf } from "./function-rules.ts";
import {
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxOpset,
  type OnnxTensor,
  readOnnx,
} from "./onnx-graph.ts";
import { isStandard, judgeOperator, readOpsets } from "./operators.ts";
import { MalformedModel } from "./protobuf-wire.ts";
import { judgeFunctionSizes, judgeSizes } from "./shape-rules.ts";
import { judgeTensor, shorten } from "./tensor-rules.ts";
import { judgeTrees } from "./tree-rules.ts";

export interface AdmissionLimits {
  /** How many nodes a file may have, those of its functions and inner graphs included. @default 100,000 */
  readonly nodes: number;
  /** How deep graphs may stand in one another. @default 16 */
  readonly graphDepth: number;
  /** How deep functions may call one another. @default 64 */
  readonly functionDepth: number;
  /** How many elements all values may have together whose size the file says. @default 2^24 */
  readonly elements: number;
  /** Operators with inner graphs that are taken: `If`, `Loop` and `Scan`. @default none */
  readonly controlFlow: readonly string[];
}

/** What is admitted where nobody says otherwise. */
export const usualLimits: AdmissionLimits = {
  nodes: 100_000,
  graphDepth: 16,
  functionDepth: 64,
  elements: 2 ** 24,
  controlFlow: [],
};

/** Versions of the file's format that are read. */
const readFormats: readonly [oldest: bigint, newest: bigint] = [3n, 13n];

/** What the bytes of a file are: a model that a runtime may open, or why not. */
export type ContentVerdict = { readonly model: OnnxModel } | { readonly reason: string };

/**
 * Judges the bytes of a file.
 *
 * @param features how many columns the model's input has.
 */
export function judgeContent(bytes: Uint8Array, features: number, limits: AdmissionLimits): ContentVerdict {
  const unlike = sniff(bytes.subarray(0, sniffedBytes));
  if (unlike !== undefined) return { reason: unlike };
  try {
    const model = readOnnx(bytes, limits);
    const reason = judgeModel(model, features, limits);
    return reason === undefined ? { model } : { reason };
  } catch (error) {
    if (!(error instanceof MalformedModel)) throw error;
    return { reason: `it is no ONNX file that could be read: ${error.message}` };
  }
}

function judgeModel(model: OnnxModel, features: number, limits: AdmissionLimits): string | undefined {
  return (
    judgeHeader(model) ??
    judgeNames(model) ??
    judgeFunctions(model.functions, model.graph, limits) ??
    judgeNodes(model, limits) ??
    judgeConstants(model) ??
    judgeSizes(model.graph, BigInt(limits.elements)) ??
    firstOf(model.functions, (each) => judgeFunctionSizes(each, BigInt(limits.elements))) ??
    judgeEnsembles(model, features)
  );
}

function judgeHeader({ ir, opsets, functions, hasTraining }: OnnxModel): string | undefined {
  const [oldest, newest] = readFormats;
  if (ir === undefined || ir < oldest || ir > newest)
    return `it is of version ${ir ?? "none"} of the format, and ${oldest} to ${newest} are read`;
  if (hasTraining) return "it says how it is to be trained, which a server does not do";
  return judgeOpsets(opsets) ?? firstOf(functions, (each) => judgeOpsets(each.opsets));
}

function judgeOpsets(opsets: readonly OnnxOpset[]): string | undefined {
  const seen = new Map<string, bigint>();
  return firstOf(opsets, ({ domain, version }) => {
    const shown = domain === "" ? "ONNX" : `"${shorten(domain)}"`;
    if (seen.has(domain) && seen.get(domain) !== version) return `two opsets of ${shown} are named`;
    seen.set(domain, version);
    if (!isStandard(domain)) return undefined;
    const [oldest, newest] = readOpsets[domain] ?? [1n, 1n];
    return version < oldest || version > newest
      ? `it is of opset ${version} of ${shown}, and ${oldest} to ${newest} are read`
      : undefined;
  });
}

/** A name that every object has could stand for something else wherever names become keys. */
function judgeNames({ metadataKeys, graph }: OnnxModel): string | undefined {
  const keys = [...metadataKeys, ...graph.metadataKeys];
  const [everywhere] = keys.filter((key) => key in {});
  if (everywhere !== undefined) return `a note beside it has the key "${shorten(everywhere)}", which every object has`;
  const twice = metadataKeys.find((key, at) => metadataKeys.indexOf(key) < at);
  if (twice !== undefined) return `a note beside it has the key "${shorten(twice)}" twice`;
  const value = [...graph.inputs, ...graph.outputs].find((name) => name in {});
  return value === undefined ? undefined : `a value is called "${shorten(value)}", as a part of every object is`;
}

function judgeNodes({ graph, functions, opsets }: OnnxModel, limits: AdmissionLimits): string | undefined {
  const known = new Set(functions.map(({ domain, name }) => nameOf({ domain, op: name })));
  const judgeScope = (nodes: readonly OnnxNode[], named: readonly OnnxOpset[]) => {
    const versions = new Map(named.map(({ domain, version }) => [domain, version]));
    return firstOf(listNodes(nodes), (node) => {
      if (known.has(nameOf(node))) return undefined;
      if (isStandard(node.domain)) return judgeOperator(node, versions.get(node.domain), limits.controlFlow);
      return `operator "${shorten(node.op)}" is of the domain "${shorten(node.domain)}", which is not ONNX`;
    });
  };
  return judgeScope(graph.nodes, opsets) ?? firstOf(functions, (each) => judgeScope(each.nodes, each.opsets));
}

function judgeConstants({ graph, functions }: OnnxModel): string | undefined {
  const graphs = [graph, ...innerGraphs(graph.nodes), ...functions.flatMap(({ nodes }) => innerGraphs(nodes))];
  const attributes = [graph, ...functions].flatMap(({ nodes }) => listNodes(nodes)).flatMap((node) => node.attributes);
  if (graphs.some(({ hasSparse }) => hasSparse) || attributes.some(({ hasSparse }) => hasSparse))
    return "it has constants that are written as the few of their values that are not zero";
  const tensors: OnnxTensor[] = [];
  for (const { tensors: own } of [...graphs, ...attributes]) for (const tensor of own) tensors.push(tensor);
  return firstOf(tensors, judgeTensor);
}

function innerGraphs(nodes: readonly OnnxNode[]): readonly OnnxGraph[] {
  return listNodes(nodes).flatMap(({ attributes }) => attributes.flatMap(({ graphs }) => graphs));
}

/** Operators that leave each row as many columns as it had. */
const keepingWidth = new Set(["Identity", "Cast", "Scaler", "Imputer", "Normalizer", "Binarizer"]);

function judgeEnsembles({ graph, functions }: OnnxModel, features: number): string | undefined {
  const widths = new Map<string, bigint>();
  const [input] = graph.inputs;
  if (input !== undefined) widths.set(input, BigInt(features));
  const own = firstOf(graph.nodes, (node) => {
    const width = widths.get(node.inputs[0] ?? "");
    const reason = judgeTrees(node, width);
    if (width !== undefined && keepingWidth.has(node.op)) for (const name of node.outputs) widths.set(name, width);
    return reason;
  });
  const others = [
    ...innerGraphs(graph.nodes).flatMap(({ nodes }) => nodes),
    ...functions.flatMap(({ nodes }) => nodes),
  ];
  return own ?? firstOf(others, (node) => judgeTrees(node, undefined));
}

function firstOf<T>(list: readonly T[], judge: (each: T) => string | undefined): string | undefined {
  for (const each of list) {
    const reason = judge(each);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
