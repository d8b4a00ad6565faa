/**
 * Bodies that are no JSON: a sound one broken at each of its structural places, and what other languages take for JSON.
 * @module
 */
import { type BodyCase, sound } from "./bad-case.ts";

const noJson = "the body is not JSON in UTF-8";

/** Where a sound body has braces, brackets, commas, colons and quotes; none of its texts has any. */
const places = [...sound].flatMap((character, at) => (/[{}[\],:"]/.test(character) ? [{ character, at }] : []));

const broken = places.flatMap(({ character, at }): BodyCase[] => [
  { name: `without the ${character} at ${at}`, body: sound.slice(0, at) + sound.slice(at + 1), says: noJson },
  {
    name: `with the ${character} at ${at} twice`,
    body: sound.slice(0, at) + character + sound.slice(at),
    says: noJson,
  },
]);

const cut = Array.from({ length: 12 }, (_, part): BodyCase => {
  const end = Math.floor((part * sound.length) / 12);
  return { name: `cut off after ${end} characters`, body: sound.slice(0, end), says: noJson };
});

/** The sound body with one thing written otherwise. */
function otherwise(name: string, from: string, to: string): BodyCase {
  return { name, body: sound.replace(from, () => to), says: noJson };
}

const others: readonly BodyCase[] = [
  otherwise("with single quotes", '"wind"', "'wind'"),
  otherwise("with a name without quotes", '"name"', "name"),
  otherwise("with NaN", "[1]", "[NaN]"),
  otherwise("with Infinity", "[1]", "[Infinity]"),
  otherwise("with minus Infinity", "[1]", "[-Infinity]"),
  otherwise("with undefined", "[1]", "[undefined]"),
  otherwise("with True", "false", "False"),
  otherwise("with None", "false", "None"),
  otherwise("with a number in hexadecimal", '"data":[1]', '"data":[0x1]'),
  otherwise("with a number in octal", '"data":[1]', '"data":[01]'),
  otherwise("with a sign of plus", '"data":[1]', '"data":[+1]'),
  otherwise("with a point and no digit before it", '"data":[1]', '"data":[.5]'),
  otherwise("with a point and no digit after it", '"data":[1]', '"data":[1.]'),
  otherwise("with two points", '"data":[1]', '"data":[1.2.3]'),
  otherwise("with an exponent without digits", '"data":[1]', '"data":[1e]'),
  otherwise("with an exponent of a fraction", '"data":[1]', '"data":[1e0.5]'),
  otherwise("with two signs", '"data":[1]', '"data":[--1]'),
  otherwise("with a sign alone", '"data":[1]', '"data":[-]'),
  otherwise("with underscores in a number", '"data":[1]', '"data":[1_000]'),
  otherwise("with an integer as other languages mark it", '"data":[1]', '"data":[1n]'),
  otherwise("with a comma after the last value", '"data":[1]', '"data":[1,]'),
  otherwise("with a value left out", '"data":[1]', '"data":[,1]'),
  otherwise("with a comment of a line", "{", "{// a\n"),
  otherwise("with a comment", "{", "{/* a */"),
  otherwise("with a comment of Python", "{", "{# a\n"),
  otherwise("with an escape that there is not", "south", "so\\uth\\q"),
  otherwise("with half of an escape", "south", "so\\u12"),
  otherwise("with an escape in hexadecimal", "south", "so\\x41"),
  otherwise("with a tab in a text", "south", "so\tuth"),
  otherwise("with a line break in a text", "south", "so\nuth"),
  otherwise("with a NUL in a text", "south", "so\0uth"),
  otherwise("with a NUL between values", "{", "{\0"),
  otherwise("with a form feed between values", "{", "{\f"),
  otherwise("with a space that does not break", "{", "{\u00a0"),
  otherwise("with a byte order mark within", "{", "{\ufeff"),
  { name: "of nothing", body: "", says: noJson },
  { name: "of spaces", body: " \n\t\r", says: noJson },
  { name: "of a form", body: "inputs=1&outputs=2", says: noJson },
  { name: "of XML", body: "<inputs/>", says: noJson },
  { name: "of YAML", body: "inputs:\n  - name: wind\n", says: noJson },
  { name: "twice over", body: sound + sound, says: noJson },
  { name: "one to a line", body: `${sound}\n${sound}`, says: noJson },
  { name: "with something after it", body: `${sound}x`, says: noJson },
  { name: "with a bracket after it", body: `${sound}]`, says: noJson },
  { name: "with a NUL after it", body: `${sound}\0`, says: noJson },
  { name: "behind two byte order marks", body: `\ufeff\ufeff${sound}`, says: noJson },
  { name: "in UTF-16, little-endian", body: Buffer.from(`\ufeff${sound}`, "utf16le"), says: noJson },
  { name: "in UTF-16, big-endian", body: Buffer.from(`\ufeff${sound}`, "utf16le").swap16(), says: noJson },
  { name: "in UTF-32", body: Buffer.from([...sound].flatMap((one) => [one.charCodeAt(0), 0, 0, 0])), says: noJson },
  {
    name: "with a byte that begins no character",
    body: swapText("south", Buffer.from("so\xffth", "latin1")),
    says: noJson,
  },
  { name: "with a character that breaks off", body: swapText("south", Buffer.from([0x73, 0xe2, 0x82])), says: noJson },
  { name: "with a character longer than need be", body: swapText("south", Buffer.from([0xc0, 0xaf])), says: noJson },
  { name: "with half a character in bytes", body: swapText("south", Buffer.from([0xed, 0xa0, 0x80])), says: noJson },
  {
    name: "with a character beyond Unicode",
    body: swapText("south", Buffer.from([0xf4, 0x90, 0x80, 0x80])),
    says: noJson,
  },
  { name: "in Latin-1", body: swapText("south", Buffer.from("süd", "latin1")), says: noJson },
  {
    name: "of random bytes",
    body: Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 197 + 13) % 256)),
    says: noJson,
  },
];

/** The sound body with a text of it in other bytes. */
function swapText(text: string, bytes: Buffer): Buffer {
  const [before = "", after = ""] = sound.split(text, 2);
  return Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
}

const deep = (depth: number): string => sound.replace("{", `{"later":${"[".repeat(depth)}${"]".repeat(depth)},`);
const tooDeep = "lists and objects stand in one another more than 32 deep";
const twice = "an object of the body has a key twice";

const vast: readonly BodyCase[] = [
  { name: "with 40 lists in one another", body: deep(40), says: tooDeep },
  { name: "with 200,000 lists in one another", body: deep(200_000), says: tooDeep },
  { name: "with lists in one another without end", body: "[".repeat(500_000), says: tooDeep },
  { name: "with objects in one another without end", body: '{"a":'.repeat(100_000), says: tooDeep },
  {
    name: "with an object of 20,000 keys",
    body: sound.replace("{", `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1,`).join("")}`),
    says: "an object has more than 10000 keys",
  },
  ...['"id":"a","id":"b",', '"__proto__":1,"__proto__":2,', '"inputs":[],', '"i\\u006eputs":[],'].map(
    (members): BodyCase => ({
      name: `with ${members} before its members`,
      body: sound.replace("{", `{${members}`),
      says: twice,
    }),
  ),
  ...['"name":"wind"', '"datatype":"FP64"', '"shape":[1]', '"data":[1]'].map(
    (member): BodyCase => ({
      name: `with ${member} twice in a tensor`,
      body: sound.replace(member, () => `${member},${member}`),
      says: twice,
    }),
  ),
];

/** Each is refused for what it says, whatever it was to mean. */
export const syntaxCases: readonly BodyCase[] = [...broken, ...cut, ...others, ...vast];
