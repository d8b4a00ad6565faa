/**
 * A message of an ONNX file, read by the numbers of its fields: what is to be there once is there once, and each field is of
 * the kind that ONNX says, so that no other reader takes it for something else. Pure.
 * @module
 */
import { MalformedModel, readFields, readPackedVarints, SignedList, toSigned } from "./protobuf-wire.ts";

/** What fields are asked for: by name, their number and their kind. */
export type MessageShape = Readonly<Record<string, readonly [number: number, kind: FieldKind]>>;

/**
 * `message` and `text` come once, as `integer` does; `messages`, `texts` and `integers` any number of times. `floats` counts
 * 32-bit numbers, `doubles` 64-bit ones, `numbers` is the 32-bit numbers themselves, and `blob` is bytes that come once.
 */
type FieldKind = keyof Values;

interface Values {
  readonly message: Uint8Array | undefined;
  readonly messages: readonly Uint8Array[];
  readonly text: string;
  readonly texts: readonly string[];
  readonly integer: bigint | undefined;
  readonly integers: BigInt64Array;
  readonly floats: number;
  readonly doubles: number;
  readonly numbers: Float32Array;
  readonly blob: Uint8Array | undefined;
}

type Message<Shape extends MessageShape> = { readonly [Name in keyof Shape]: Values[Shape[Name][1]] };

const longestText = 65_536;
const texts = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the fields of a message that a shape names; others are passed over, as every reader of ONNX does.
 *
 * @param what what the message is, for the reason.
 * @throws MalformedModel for a field of another kind, one that is there twice and may not be, and a text that is none.
 */
export function readMessage<const Shape extends MessageShape>(
  bytes: Uint8Array,
  shape: Shape,
  what: string,
): Message<Shape> {
  const byNumber = new Map(Object.entries(shape).map(([name, [number, kind]]) => [number, { name, kind }]));
  const found = new Map<string, Values[FieldKind]>();
  const lists = new Map<string, SignedList>();
  const numbers = new Map<string, Values[FieldKind]>();
  for (const field of readFields(bytes)) {
    const asked = byNumber.get(field.number);
    if (!asked) continue;
    const { name, kind } = asked;
    const wrong = () => new MalformedModel(`"${name}" of ${what} is of another kind than in ONNX`);
    switch (kind) {
      case "message":
      case "blob":
        if (!field.content) throw wrong();
        once(found, name, what);
        found.set(name, field.content);
        break;
      case "text":
        if (!field.content) throw wrong();
        once(found, name, what);
        found.set(name, toText(field.content, name, what));
        break;
      case "integer":
        if (field.content || field.fixed) throw wrong();
        once(found, name, what);
        found.set(name, toSigned(field.value));
        break;
      case "numbers": {
        // Each stands by itself, or all of them in one field.
        const content = field.fixed === 4 ? Uint32Array.of(Number(field.value)) : field.content;
        if (!content || content.byteLength % 4 !== 0) throw wrong();
        listOf<Uint8Array>(numbers, name).push(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
        break;
      }
      case "messages":
        if (!field.content) throw wrong();
        listOf<Uint8Array>(found, name).push(field.content);
        break;
      case "texts":
        if (!field.content) throw wrong();
        listOf<string>(found, name).push(toText(field.content, name, what));
        break;
      case "integers": {
        if (field.fixed) throw wrong();
        const list = lists.get(name) ?? new SignedList();
        lists.set(name, list);
        if (!field.content) list.add(field.value);
        else readPackedVarints(field.content, list);
        break;
      }
      case "floats":
      case "doubles": {
        const size = kind === "floats" ? 4 : 8;
        const bytesOfField = field.content?.length ?? field.fixed;
        if (bytesOfField === undefined || bytesOfField % size !== 0) throw wrong();
        found.set(name, ((found.get(name) as number | undefined) ?? 0) + bytesOfField / size);
        break;
      }
    }
  }
  for (const [name, list] of lists) found.set(name, list.values());
  for (const name of numbers.keys()) found.set(name, toFloats(listOf<Uint8Array>(numbers, name)));
  const read = Object.entries(shape).map(([name, [, kind]]) => [name, found.get(name) ?? absent[kind]]);
  return Object.fromEntries(read) as Message<Shape>;
}

const absent: { readonly [Kind in FieldKind]: Values[Kind] } = {
  message: undefined,
  messages: [],
  text: "",
  texts: [],
  integer: undefined,
  integers: new BigInt64Array(0),
  floats: 0,
  doubles: 0,
  numbers: new Float32Array(0),
  blob: undefined,
};

/** Of two, one reader takes the last and another merges them. */
function once(found: ReadonlyMap<string, unknown>, name: string, what: string): void {
  if (found.has(name)) throw new MalformedModel(`"${name}" of ${what} is there twice`);
}

function listOf<T>(found: Map<string, Values[FieldKind]>, name: string): T[] {
  const known = found.get(name) as T[] | undefined;
  if (known) return known;
  const list: T[] = [];
  found.set(name, list as never);
  return list;
}

/** Bytes of a file may begin anywhere, and numbers in memory only at a multiple of their size. */
function toFloats(parts: readonly Uint8Array[]): Float32Array {
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Float32Array(bytes.buffer);
}

function toText(content: Uint8Array, name: string, what: string): string {
  if (content.length > longestText) throw new MalformedModel(`"${name}" of ${what} has more than ${longestText} bytes`);
  try {
    return texts.decode(content);
  } catch {
    throw new MalformedModel(`"${name}" of ${what} is no text in UTF-8`);
  }
}
