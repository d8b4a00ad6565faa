/**
 * The smallest ONNX models of each task, written byte by byte: a weighted sum of the features, a missing one counting
 * nothing, through a sigmoid for a binary label, and a sum for each of several classes through a softmax.
 * @module
 */
import protobuf from "protobufjs/minimal.js";
import type { Task } from "../../framework/definitions/metric.ts";

type Message = protobuf.Writer;

export interface LinearModel {
  readonly task: Task;
  /** Of several classes those of the first feature for each, then those of the second. */
  readonly weights: readonly number[];
  /** @default 0 */
  readonly bias?: number;
  /** How many classes there are. @default 1 */
  readonly classes?: number;
}

const outputs = { binary: "probability", multiclass: "probabilities", regression: "value" } as const;
const links = { binary: "Sigmoid", multiclass: "Softmax", regression: "Identity" } as const;

/** The bytes of a model with input `features` FLOAT [−1, n] and output FLOAT [−1, 1], or [−1, k] of k classes. */
export function createLinearOnnx({ task, weights, bias = 0, classes = 1 }: LinearModel): Uint8Array {
  const output = outputs[task];
  const features = weights.length / classes;
  const nodes = [
    node("IsNaN", ["features"], "missing"),
    node("Where", ["missing", "zero", "features"], "known"),
    node("Gemm", ["known", "weights", "bias"], "score"),
    node(links[task], ["score"], output),
  ];
  const initializers = [
    tensor("zero", [1], [0]),
    tensor("weights", [features, classes], weights),
    tensor("bias", [1], [bias]),
  ];
  const graph = message();
  for (const each of nodes) put(graph, 1, each);
  text(graph, 2, "linear");
  for (const each of initializers) put(graph, 5, each);
  put(graph, 11, value("features", features));
  put(graph, 12, value(output, classes));

  const opset = text(message(), 1, "").uint32(tag(2, 0)).int64(17);
  const model = message().uint32(tag(1, 0)).int64(8);
  put(model, 7, graph);
  put(model, 8, opset);
  return model.finish();
}

function message(): Message {
  return protobuf.Writer.create();
}

function tag(field: number, wire: number): number {
  return (field << 3) | wire;
}

function put(into: Message, field: number, part: Message): Message {
  return into.uint32(tag(field, 2)).bytes(part.finish());
}

function text(into: Message, field: number, content: string): Message {
  return into.uint32(tag(field, 2)).string(content);
}

function node(operator: string, inputs: readonly string[], output: string): Message {
  const written = message();
  for (const input of inputs) text(written, 1, input);
  return text(text(written, 2, output), 4, operator);
}

function tensor(name: string, shape: readonly number[], values: readonly number[]): Message {
  const written = message();
  for (const size of shape) written.uint32(tag(1, 0)).int64(size);
  written.uint32(tag(2, 0)).int32(1);
  for (const number of values) written.uint32(tag(4, 5)).float(number);
  return text(written, 8, name);
}

/** FLOAT [rows, width]. */
function value(name: string, width: number): Message {
  const shape = message();
  put(shape, 1, text(message(), 2, "rows"));
  put(shape, 1, message().uint32(tag(1, 0)).int64(width));
  const tensorType = put(message().uint32(tag(1, 0)).int32(1), 2, shape);
  return put(text(message(), 1, name), 2, put(message(), 1, tensorType));
}
