/**
 * How much a message holds, told from its bytes before anything is made of them: a few bytes may ask for a list of a million
 * values, and each value takes many times what its bytes do. Pure.
 * @module
 */
import { isUtf8 } from "node:buffer";
import protobuf, { type Field } from "protobufjs";

/** The most values in the lists of a message. Those that come as bytes are not counted: they are read as they are. */
const mostValues = 2 ** 20;
/** The most messages, texts and parameters within a message. */
const mostParts = 10_000;

interface Extent {
  values: number;
  parts: number;
}

/** Says why a message is not to be read. @returns nothing where it may be, or is none and will say so when it is read */
export function refuseExtent(type: protobuf.Type, bytes: Uint8Array): string | undefined {
  const extent: Extent = { values: 0, parts: 0 };
  try {
    measure(type, bytes, extent);
  } catch (error) {
    if (error instanceof UnreadableMessage) return error.message;
    // Reading it finds the same, except in a group, which nothing of the protocol is in.
    return "the message is not one of this method";
  }
  return undefined;
}

class UnreadableMessage extends Error {
  override readonly name = "UnreadableMessage";
}

function measure(type: protobuf.Type, bytes: Uint8Array, extent: Extent): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [field, wire] = [type.fieldsById[tag >>> 3], tag & 7];
    if (wire === 3 || wire === 4) throw new RangeError("groups are not read");
    if (wire === 2) measurePart(field, reader.bytes(), extent);
    else {
      if (field?.repeated) extent.values++;
      reader.skipType(wire);
    }
    if (extent.values > mostValues)
      throw new UnreadableMessage(`its lists have more than ${mostValues} values; raw_input_contents take more`);
    if (extent.parts > mostParts)
      throw new UnreadableMessage(`it has more than ${mostParts} tensors, parameters and parts`);
  }
}

/** How the values of a type lie in a packed list; of no other type are there such lists. */
const wires: Readonly<Record<string, number | undefined>> = protobuf.types.packed;

function measurePart(field: Field | undefined, part: Uint8Array, extent: Extent): void {
  if (!field) return;
  // What is read of other bytes is another text, and as an id is said back as such.
  if (field.type === "string" && !field.map && !isUtf8(part))
    throw new UnreadableMessage(`its "${field.name}" is not UTF-8`);
  const packed = field.repeated ? wires[field.type] : undefined;
  if (packed !== undefined) extent.values += countPacked(part, packed);
  else if (field.resolvedType instanceof protobuf.Type && !field.map) {
    extent.parts++;
    measure(field.resolvedType, part, extent);
  } else if (field.type === "bytes" && field.name === "bytes_contents") extent.values++;
  else extent.parts++;
}

/** @param wire how a value is written: 0 as a number of any length, 1 in eight bytes, 5 in four */
function countPacked(part: Uint8Array, wire: number): number {
  if (wire === 1) return part.length / 8;
  if (wire === 5) return part.length / 4;
  let count = 0;
  for (const byte of part) if (byte < 0x80) count++;
  return count;
}
