/**
 * Ways to make a sound request wrong, or merely odd: the oracle says which.
 * @module
 */
import type { Draw } from "../promise/draw.ts";

/** What may stand in the place of any value, as it is written. */
const tokens = [
  ..."null true false {} [] [1] [[1]] 0 -0 1 -1 1.5 1e3 1e-3 1e39 1e400 -1e400 128 256 65536 4294967296 NaN Infinity 0x1 01 1. .5 +1".split(
    " ",
  ),
  ..."9007199254740991 9007199254740992 9007199254740993 -9007199254740993 4503599627370497.5 0.99999999999999999 18446744073709551615".split(
    " ",
  ),
  ..."1e0 1.0 10e-1 1E+2 1e-400 2.00000000000000000000000001".split(" "),
  '"1"',
  '""',
  '"a"',
  '"\\ud800"',
  '"\\ud83c\\udf0a"',
  '"\\u0000"',
  '"__proto__"',
  '"nights"',
  '"street"',
  '"FP64"',
  '"FP16"',
  '"INT64"',
  '"BOOL"',
  '"2026-02-30T00:00:00Z"',
  `"${"x".repeat(300)}"`,
  "9".repeat(400),
  '{"a":1,"a":2}',
];

const value = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/g;
const characters = [...'{}[],:"\\\0é \n1-e.'];

/** Makes a text wrong in so many ways. */
export function mutateText(draw: Draw, text: string, times: number): Buffer {
  let made = text;
  let bytes = false;
  for (let i = 0; i < times; i++) {
    const way = draw.below(12);
    if (way < 5) made = replaceValue(draw, made);
    else if (way === 5) made = spliceAt(draw, made, 1, "");
    else if (way === 6) made = spliceAt(draw, made, 0, draw.of(characters));
    else if (way === 7) made = made.slice(0, draw.below(made.length + 1));
    else if (way === 8) made = repeatMember(draw, made);
    else if (way === 9) made += draw.of(["", " ", "x", "]", "}", "\0", "{}", "\n\n"]);
    else if (way === 10) made = renameKey(draw, made);
    else bytes = true;
  }
  return bytes ? mutateBytes(draw, Buffer.from(made), 1) : Buffer.from(made);
}

function spliceAt(draw: Draw, text: string, length: number, by: string): string {
  const at = draw.below(text.length + 1);
  return text.slice(0, at) + by + text.slice(at + length);
}

function replaceValue(draw: Draw, text: string): string {
  const found = [...text.matchAll(value)];
  if (found.length === 0) return text;
  const { 0: old, index } = draw.of(found);
  return text.slice(0, index) + draw.of(tokens) + text.slice(index + old.length);
}

function repeatMember(draw: Draw, text: string): string {
  const found = [...text.matchAll(/"\w+":/g)];
  if (found.length === 0) return text;
  const { 0: key, index } = draw.of(found);
  return `${text.slice(0, index)}${key}${draw.of(tokens)},${text.slice(index)}`;
}

function renameKey(draw: Draw, text: string): string {
  const found = [...text.matchAll(/"\w+":/g)];
  if (found.length === 0) return text;
  const { 0: key, index } = draw.of(found);
  const name = draw.of(["inputs", "name", "data", "Shape", "later", "__proto__", "id", "rows", "d\\u0061ta"]);
  return `${text.slice(0, index)}"${name}":${text.slice(index + key.length)}`;
}

/** Makes bytes wrong in so many ways: one is another, left out, doubled, or all after it are. */
export function mutateBytes(draw: Draw, bytes: Buffer, times: number): Buffer {
  let made: Buffer = Buffer.from(bytes);
  for (let i = 0; i < times; i++) {
    const at = draw.below(made.length + 1);
    const [before, after] = [made.subarray(0, at), made.subarray(at)];
    const way = draw.below(5);
    if (way === 0) made = Buffer.concat([before, after.subarray(1)]);
    else if (way === 1) made = Buffer.concat([before, Buffer.of(draw.below(256)), after]);
    else if (way === 2) made = before;
    else if (at < made.length)
      made = Buffer.concat([
        before,
        Buffer.of(way === 3 ? draw.below(256) : (made[at] ?? 0) ^ (1 << draw.below(8))),
        after.subarray(1),
      ]);
  }
  return made;
}
