/**
 * An ONNX file with one more output: a value between its nodes, so that a runtime says what it is. Pure.
 * @module
 */
import { readFields } from "./protobuf-wire.ts";

const graphOfModel = 7;
const outputOfGraph = 12;
const nameOfValue = 1;

/**
 * The file with a value of its graph as its last output. Everything else stays as it is.
 *
 * @throws MalformedModel for bytes that are no message
 */
export function addOutput(bytes: Uint8Array, name: string): Uint8Array {
  const output = frame(outputOfGraph, frame(nameOfValue, new TextEncoder().encode(name)));
  const parts: Uint8Array[] = [];
  for (const field of readFields(bytes)) {
    if (field.number === graphOfModel && field.content) parts.push(frame(graphOfModel, join([field.content, output])));
    else if (field.content) parts.push(frame(field.number, field.content));
    else parts.push(writeVarint(field.number << 3), writeVarint(field.value));
  }
  return join(parts);
}

function frame(field: number, content: Uint8Array): Uint8Array {
  return join([writeVarint((field << 3) | 2), writeVarint(content.length), content]);
}

function writeVarint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
