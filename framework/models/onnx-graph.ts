/**
 * What admission judges of an ONNX file: its graph, its functions, its constants, as plain data. Bytes that a reader of ONNX
 * would keep and nobody here asks for stay unread. Pure.
 * @module
 */
import { readMessage } from "./onnx-message.ts";
import { MalformedModel } from "./protobuf-wire.ts";

/** What is read of a file before it is refused for its size. */
export interface ReadingLimits {
  /** How many nodes it may have, those of functions and inner graphs included. */
  readonly nodes: number;
  /** How deep graphs may stand in one another. */
  readonly graphDepth: number;
}

export interface OnnxModel {
  /** The version of the file's format; nothing when it says none. */
  readonly ir: bigint | undefined;
  readonly opsets: readonly OnnxOpset[];
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
  /** The keys of what was noted beside the model. */
  readonly metadataKeys: readonly string[];
  /** Whether it says how it is to be trained. */
  readonly hasTraining: boolean;
}

/** Which version of which operators is meant. The domain of ONNX itself is the empty text. */
export interface OnnxOpset {
  readonly domain: string;
  readonly version: bigint;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whether some constants are written as the few of their values that are not zero. */
  readonly hasSparse: boolean;
  readonly metadataKeys: readonly string[];
}

export interface OnnxNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

export interface OnnxAttribute {
  readonly name: string;
  /** All of it as it stands in the file, for whoever asks what its numbers are and not how many. */
  readonly bytes: Uint8Array;
  /** Its whole number; nothing when it is something else. */
  readonly integer: bigint | undefined;
  readonly integers: BigInt64Array;
  /** How many 32-bit numbers it lists. */
  readonly floats: number;
  readonly texts: readonly Uint8Array[];
  readonly tensors: readonly OnnxTensor[];
  readonly graphs: readonly OnnxGraph[];
  readonly hasSparse: boolean;
}

export interface OnnxFunction {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly opsets: readonly OnnxOpset[];
  readonly nodes: readonly OnnxNode[];
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly bigint[];
  /** The number that ONNX has for the type of an element. */
  readonly type: bigint;
  /** The bytes of all elements; nothing when they are listed by type. */
  readonly raw: Uint8Array | undefined;
  /** How many values each list has. */
  readonly listed: {
    readonly float: number;
    readonly int32: number;
    readonly string: number;
    readonly int64: number;
    readonly double: number;
    readonly uint64: number;
  };
  /** Its elements where they are listed 64-bit whole numbers. */
  readonly int64: BigInt64Array;
  /** Whether its bytes are said to be elsewhere, or to be a part of another's. */
  readonly isElsewhere: boolean;
}

/**
 * Reads an ONNX file.
 *
 * @throws MalformedModel, with the reason, for bytes that are none, or have more than the limits allow.
 */
export function readOnnx(bytes: Uint8Array, limits: ReadingLimits): OnnxModel {
  const model = readMessage(
    bytes,
    {
      ir_version: [1, "integer"],
      graph: [7, "message"],
      opset_import: [8, "messages"],
      metadata_props: [14, "messages"],
      training_info: [20, "messages"],
      functions: [25, "messages"],
    },
    "the model",
  );
  if (!model.graph) throw new MalformedModel("it has no graph");
  const reader = createReader(limits);
  return {
    ir: model.ir_version,
    opsets: model.opset_import.map(readOpset),
    graph: reader.readGraph(model.graph, 1),
    functions: model.functions.map(reader.readFunction),
    metadataKeys: model.metadata_props.map(readKey),
    hasTraining: model.training_info.length > 0,
  };
}

function createReader(limits: ReadingLimits) {
  let nodes = 0;

  const readGraph = (bytes: Uint8Array, depth: number): OnnxGraph => {
    if (depth > limits.graphDepth)
      throw new MalformedModel(`graphs stand in one another over ${limits.graphDepth} deep`);
    const graph = readMessage(
      bytes,
      {
        node: [1, "messages"],
        initializer: [5, "messages"],
        input: [11, "messages"],
        output: [12, "messages"],
        sparse_initializer: [15, "messages"],
        metadata_props: [16, "messages"],
      },
      "a graph",
    );
    return {
      nodes: graph.node.map((node) => readNode(node, depth)),
      tensors: graph.initializer.map(readTensor),
      inputs: graph.input.map(readName),
      outputs: graph.output.map(readName),
      hasSparse: graph.sparse_initializer.length > 0,
      metadataKeys: graph.metadata_props.map(readKey),
    };
  };

  const readNode = (bytes: Uint8Array, depth: number): OnnxNode => {
    nodes++;
    if (nodes > limits.nodes) throw new MalformedModel(`it has more than ${limits.nodes} nodes`);
    const node = readMessage(
      bytes,
      {
        input: [1, "texts"],
        output: [2, "texts"],
        op_type: [4, "text"],
        attribute: [5, "messages"],
        domain: [7, "text"],
        overload: [8, "text"],
      },
      "a node",
    );
    if (node.overload !== "") throw new MalformedModel("a node names one of several functions of the same name");
    return {
      op: node.op_type,
      domain: node.domain === "ai.onnx" ? "" : node.domain,
      inputs: node.input,
      outputs: node.output,
      attributes: node.attribute.map((attribute) => readAttribute(attribute, depth)),
    };
  };

  const readAttribute = (bytes: Uint8Array, depth: number): OnnxAttribute => {
    const attribute = readMessage(
      bytes,
      {
        name: [1, "text"],
        i: [3, "integer"],
        t: [5, "message"],
        g: [6, "message"],
        floats: [7, "floats"],
        ints: [8, "integers"],
        strings: [9, "messages"],
        tensors: [10, "messages"],
        graphs: [11, "messages"],
        sparse_tensor: [22, "message"],
        sparse_tensors: [23, "messages"],
      },
      "an attribute",
    );
    return {
      name: attribute.name,
      bytes,
      integer: attribute.i,
      integers: attribute.ints,
      floats: attribute.floats,
      texts: attribute.strings,
      tensors: [...(attribute.t ? [attribute.t] : []), ...attribute.tensors].map(readTensor),
      graphs: [...(attribute.g ? [attribute.g] : []), ...attribute.graphs].map((graph) => readGraph(graph, depth + 1)),
      hasSparse: attribute.sparse_tensor !== undefined || attribute.sparse_tensors.length > 0,
    };
  };

  const readFunction = (bytes: Uint8Array): OnnxFunction => {
    const read = readMessage(
      bytes,
      {
        name: [1, "text"],
        input: [4, "texts"],
        node: [7, "messages"],
        opset_import: [9, "messages"],
        domain: [10, "text"],
        attribute_proto: [11, "messages"],
        overload: [13, "text"],
      },
      "a function",
    );
    if (read.overload !== "") throw new MalformedModel("a function is one of several of the same name");
    const defaults = read.attribute_proto.map((attribute) => readAttribute(attribute, 1));
    // What its attributes are by default is judged as what nodes have is.
    const carrier = { op: "Identity", domain: "", inputs: [], outputs: [], attributes: defaults };
    return {
      domain: read.domain === "ai.onnx" ? "" : read.domain,
      name: read.name,
      inputs: read.input,
      opsets: read.opset_import.map(readOpset),
      nodes: [...(defaults.length > 0 ? [carrier] : []), ...read.node.map((node) => readNode(node, 1))],
    };
  };

  return { readGraph, readFunction };
}

function readTensor(bytes: Uint8Array): OnnxTensor {
  const tensor = readMessage(
    bytes,
    {
      dims: [1, "integers"],
      data_type: [2, "integer"],
      segment: [3, "message"],
      float_data: [4, "floats"],
      int32_data: [5, "integers"],
      string_data: [6, "messages"],
      int64_data: [7, "integers"],
      name: [8, "text"],
      raw_data: [9, "blob"],
      double_data: [10, "doubles"],
      uint64_data: [11, "integers"],
      external_data: [13, "messages"],
      data_location: [14, "integer"],
    },
    "a tensor",
  );
  return {
    name: tensor.name,
    dims: [...tensor.dims],
    type: tensor.data_type ?? 0n,
    raw: tensor.raw_data,
    listed: {
      float: tensor.float_data,
      int32: tensor.int32_data.length,
      string: tensor.string_data.length,
      int64: tensor.int64_data.length,
      double: tensor.double_data,
      uint64: tensor.uint64_data.length,
    },
    int64: tensor.int64_data,
    isElsewhere: tensor.external_data.length > 0 || (tensor.data_location ?? 0n) !== 0n || tensor.segment !== undefined,
  };
}

function readOpset(bytes: Uint8Array): OnnxOpset {
  const { domain, version } = readMessage(bytes, { domain: [1, "text"], version: [2, "integer"] }, "an opset");
  return { domain: domain === "ai.onnx" ? "" : domain, version: version ?? 0n };
}

function readName(bytes: Uint8Array): string {
  return readMessage(bytes, { name: [1, "text"] }, "a value").name;
}

function readKey(bytes: Uint8Array): string {
  return readMessage(bytes, { key: [1, "text"] }, "a note").key;
}
