/**
 * ONNX files for tests, written byte by byte: small ones that are right, and the kinds that admission must refuse.
 * @module
 */

export type Part = Uint8Array<ArrayBuffer>;

function varint(value: number | bigint): Part {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export const join = (...parts: readonly Part[]): Part => Uint8Array.from(parts.flatMap((part) => [...part]));
export const integer = (field: number, value: number | bigint): Part => join(varint(field << 3), varint(value));
export const bytes = (field: number, content: Part): Part =>
  join(varint((field << 3) | 2), varint(content.length), content);
export const text = (field: number, value: string): Part => bytes(field, Uint8Array.from(Buffer.from(value)));
export const floats = (values: readonly number[]): Part => new Uint8Array(Float32Array.from(values).buffer);
const integers = (values: readonly bigint[]): Part => new Uint8Array(BigInt64Array.from(values).buffer);

const elementTypes = { float: 1, int64: 7, bool: 9, double: 11 } as const;
type ElementType = keyof typeof elementTypes;

/** A named value with its shape; a dimension that is a text may have any size. */
export function value(name: string, type: ElementType, shape: readonly (number | string)[]): Part {
  const dimensions = shape.map((size) => bytes(1, typeof size === "string" ? text(2, size) : integer(1, size)));
  return join(text(1, name), bytes(2, bytes(1, join(integer(1, elementTypes[type]), bytes(2, join(...dimensions))))));
}

function floatTensor(name: string, dims: readonly number[], values: readonly number[]): Part {
  return join(
    ...dims.map((size) => integer(1, size)),
    integer(2, elementTypes.float),
    text(8, name),
    bytes(9, floats(values)),
  );
}

export function integerTensor(name: string, dims: readonly number[], values: readonly bigint[]): Part {
  return join(
    ...dims.map((size) => integer(1, size)),
    integer(2, elementTypes.int64),
    text(8, name),
    bytes(9, integers(values)),
  );
}

/** A tensor whose values are said to lie in another file. */
export function externalTensor(name: string, dims: readonly number[], location: string): Part {
  const entry = join(text(1, "location"), text(2, location));
  return join(
    ...dims.map((size) => integer(1, size)),
    integer(2, elementTypes.float),
    text(8, name),
    bytes(13, entry),
    integer(14, 1),
  );
}

export interface NodeParts {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** @default the operators of ONNX itself */
  readonly domain?: string;
  readonly attributes?: readonly Part[];
}

export function node({ op, inputs, outputs, domain, attributes = [] }: NodeParts): Part {
  return join(
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...attributes.map((attribute) => bytes(5, attribute)),
    ...(domain === undefined ? [] : [text(7, domain)]),
  );
}

export const integerAttribute = (name: string, content: number): Part =>
  join(text(1, name), integer(3, content), integer(20, 2));
export const graphAttribute = (name: string, content: Part): Part =>
  join(text(1, name), bytes(6, content), integer(20, 5));

interface GraphParts {
  readonly inputs: readonly Part[];
  readonly outputs: readonly Part[];
  readonly nodes: readonly Part[];
  readonly tensors?: readonly Part[];
}

export function graph({ inputs, outputs, nodes, tensors = [] }: GraphParts): Part {
  return join(
    ...nodes.map((content) => bytes(1, content)),
    text(2, "graph"),
    ...tensors.map((content) => bytes(5, content)),
    ...inputs.map((content) => bytes(11, content)),
    ...outputs.map((content) => bytes(12, content)),
  );
}

export const opset = (domain: string, version: number): Part => join(text(1, domain), integer(2, version));

/** A model of a graph, with functions of the domain `local`. */
export function model(content: Part, functions: readonly Part[] = []): Part {
  return join(
    integer(1, 8),
    bytes(7, content),
    bytes(8, opset("", 15)),
    bytes(8, opset("local", 1)),
    ...functions.map((each) => bytes(25, each)),
  );
}

/** A function of the domain `local` with one input `x` and one output `y`. */
export function localFunction(name: string, nodes: readonly Part[]): Part {
  return join(
    text(1, name),
    text(4, "x"),
    text(5, "y"),
    ...nodes.map((each) => bytes(7, each)),
    bytes(9, opset("", 15)),
    bytes(9, opset("local", 1)),
    text(10, "local"),
  );
}

/** `features · weights`, through a sigmoid for a probability. Missing values make the answer missing. */
export function linearModel(weights: readonly number[], task: "binary" | "regression" = "binary"): Part {
  const binary = task === "binary";
  const output = binary ? "probability" : "value";
  return model(
    graph({
      inputs: [value("features", "float", ["rows", weights.length])],
      outputs: [value(output, "float", ["rows", 1])],
      nodes: [
        node({ op: "MatMul", inputs: ["features", "weights"], outputs: [binary ? "sum" : output] }),
        ...(binary ? [node({ op: "Sigmoid", inputs: ["sum"], outputs: [output] })] : []),
      ],
      tensors: [floatTensor("weights", [weights.length, 1], weights)],
    }),
  );
}
