/**
 * Patterns: the regular expressions that JavaScript and RE2, which judges them in SQL, hold against the same texts with the
 * same verdict. `patternParts` says what they may have; everything else is refused by name.
 *
 * Without the flag u JavaScript sees a character beyond U+FFFF as two, which no SQL does: so it takes no construct that could
 * meet one of the two. Case is folded by each engine in its own way: there is no flag i.
 * @module
 */

/** A regular expression as JavaScript has it. */
export type Pattern = Pick<RegExp, "source" | "flags">;

/** What a pattern may have, and what it means; the rest is refused. In Markdown. */
export const patternParts: readonly (readonly [part: string, meaning: string])[] = [
  [
    "characters, escaped where they mean something; `\\n` `\\r` `\\t` `\\f` `\\v` `\\0` `\\xHH` `\\uHHHH`, with the flag u `\\u{H…}`",
    "themselves",
  ],
  ["`^` and `$`", "the beginning and the end of the text, and of no line in it"],
  [
    "`[a-z_]` `\\d` `\\w` `\\s`",
    "one of them: `\\d` is 0 to 9, `\\w` is ASCII's letters, digits and `_`, `\\s` is JavaScript's white space and line ends",
  ],
  [
    "with the flag u: `.` `[^a-z]` `\\D` `\\W` `\\S`",
    "one code point that is none of them; `.` is all but `\\n`, `\\r`, U+2028 and U+2029",
  ],
  [
    "`*` `+` `?` `{2}` `{2,}` `{2,5}`, each followed by `?` or not",
    "how often, 1,000 times at most where there is a number",
  ],
  ["alternatives, `(…)`, `(?:…)`, `(?<name>…)`", "one of several, and a group"],
];

/** A pattern in RE2's syntax; or what it has that is not judged alike, by the name it is known by. */
export type Translation = { readonly re2: string } | { readonly unsupported: string };

/** A pattern as it is written in a program and in a spec: `/^[A-Z]{3}$/u`. */
export function showPattern({ source, flags }: Pattern): string {
  return `/${source}/${flags}`;
}

/** The pattern that was written. */
export function parsePattern(written: string): Pattern {
  const end = written.lastIndexOf("/");
  return { source: written.slice(1, end), flags: written.slice(end + 1) };
}

/** Translates a pattern, which JavaScript has accepted as a regular expression. */
export function translatePattern({ source, flags }: Pattern): Translation {
  const [flag] = flags.replace("u", "");
  if (flag !== undefined) return { unsupported: `the flag ${flag} of a pattern` };
  if (source.length > longest) return { unsupported: `a pattern of more than ${longest} characters` };
  const reader: Reader = { characters: [...source], at: 0, isUnicode: flags.includes("u"), depth: 0 };
  try {
    const { re2, size } = readAlternatives(reader);
    if (reader.at < reader.characters.length) refuse('a pattern with an unescaped ")"');
    // In a group that captures: others DuckDB rewrites as LIKE, which now and then has another verdict.
    return size > largest ? { unsupported: "a pattern that repeats too much" } : { re2: `(${re2})` };
  } catch (error) {
    if (error instanceof Refusal) return { unsupported: error.message };
    throw error;
  }
}

const longest = 1000;
const deepest = 50;
/** What RE2 takes at most as a count, and as the product of counts of which one is in another. */
const mostRepeats = 1000;
/** Well below the size at which RE2 gives a program up. */
const largest = 20_000;

class Refusal extends Error {}

function refuse(construct: string): never {
  throw new Refusal(construct);
}

interface Reader {
  /** Code points. */
  readonly characters: readonly string[];
  at: number;
  readonly isUnicode: boolean;
  depth: number;
}

/** A part of a pattern in RE2's syntax, one that can be quantified. */
interface Part {
  readonly re2: string;
  /** How large a program RE2 makes of it, from above. */
  readonly size: number;
  /** The product of the counts in it. */
  readonly repeats: number;
}

function readAlternatives(reader: Reader): Part {
  if (++reader.depth > deepest) refuse(`a pattern nested more than ${deepest} deep`);
  const alternatives = [readSequence(reader)];
  while (take(reader, "|")) alternatives.push(readSequence(reader));
  reader.depth--;
  return join(alternatives, "|");
}

function readSequence(reader: Reader): Part {
  const parts: Part[] = [];
  for (let next = peek(reader); next !== undefined && next !== "|" && next !== ")"; next = peek(reader))
    parts.push(readTerm(reader));
  return join(parts, "");
}

function join(parts: readonly Part[], separator: string): Part {
  return {
    re2: parts.map(({ re2 }) => re2).join(separator),
    size: parts.reduce((sum, { size }) => sum + size, parts.length),
    repeats: Math.max(1, ...parts.map(({ repeats }) => repeats)),
  };
}

function readTerm(reader: Reader): Part {
  if (take(reader, "^")) return { re2: "\\A", size: 1, repeats: 1 };
  if (take(reader, "$")) return { re2: "\\z", size: 1, repeats: 1 };
  return quantify(readAtom(reader), reader);
}

function readAtom(reader: Reader): Part {
  if (take(reader, "(")) return readGroup(reader);
  if (take(reader, "[")) return showSet(readClass(reader));
  if (take(reader, ".")) return showSet(complement(lineEnds, reader, '"."'));
  if (take(reader, "\\")) {
    const escaped = readEscape(reader);
    return typeof escaped === "number" ? showSet([[escaped, escaped]]) : showSet(escaped);
  }
  const code = readCharacter(reader);
  const text = String.fromCodePoint(code);
  if ("{}]".includes(text)) refuse(`a pattern with an unescaped "${text}"`);
  return showSet([[code, code]]);
}

function readGroup(reader: Reader): Part {
  if (take(reader, "?")) {
    const [kind, look] = rest(reader, 2);
    if (kind === "=" || kind === "!") refuse("a lookahead in a pattern");
    if (kind === "<" && (look === "=" || look === "!")) refuse("a lookbehind in a pattern");
    if (kind !== ":" && kind !== "<") refuse("flags within a pattern");
    reader.at = kind === ":" ? reader.at + 1 : reader.characters.indexOf(">", reader.at) + 1;
  }
  const inner = readAlternatives(reader);
  if (!take(reader, ")")) refuse('a pattern with an unescaped "("');
  return { ...inner, re2: `(?:${inner.re2})` };
}

function quantify(part: Part, reader: Reader): Part {
  const [text, low, comma, high] = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(rest(reader, mostDigits).join("")) ?? [];
  if (text === undefined) return part;
  reader.at += text.length;
  // What is taken first changes what is matched, never whether anything is.
  take(reader, "?");
  const least = Number(low ?? 0);
  const count = Number(high || least);
  const repeats = part.repeats * Math.max(1, count);
  if (count > mostRepeats || repeats > mostRepeats) refuse(`a pattern that repeats more than ${mostRepeats} times`);
  const copies = low === undefined ? 1 : Math.max(1, count) + (comma && !high ? 1 : 0);
  return { re2: `${part.re2}${text}`, size: part.size * copies + copies, repeats };
}

/** More than any quantifier has that is not refused. */
const mostDigits = 24;

/** Code points from one to another, both included. */
type Range = readonly [from: number, to: number];

const digits: readonly Range[] = [[0x30, 0x39]];
const word: readonly Range[] = [...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const lineEnds: readonly Range[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const space: readonly Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const sets: Readonly<Record<string, readonly Range[]>> = { d: digits, w: word, s: space };
const controls: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b };

/** Reads what follows a "[". */
function readClass(reader: Reader): readonly Range[] {
  const isNegated = take(reader, "^");
  const ranges: Range[] = [];
  while (!take(reader, "]")) {
    const from = readMember(reader);
    const isRange = peek(reader) === "-" && rest(reader, 2)[1] !== "]";
    if (!isRange) {
      ranges.push(...(typeof from === "number" ? [[from, from] as const] : from));
      continue;
    }
    take(reader, "-");
    const to = readMember(reader);
    if (typeof from !== "number" || typeof to !== "number") refuse("a range of a pattern that begins or ends in a set");
    ranges.push([from, to]);
  }
  if (ranges.length === 0) refuse(`an empty class, "[${isNegated ? "^" : ""}]", in a pattern`);
  return isNegated ? complement(ranges, reader, 'a negated class, "[^…]",') : ranges;
}

function readMember(reader: Reader): number | readonly Range[] {
  return take(reader, "\\") ? readEscape(reader) : readCharacter(reader);
}

/** Reads what follows a "\". */
function readEscape(reader: Reader): number | readonly Range[] {
  const character = reader.characters[reader.at++] ?? "";
  const set = sets[character.toLowerCase()];
  if (set) return character === character.toLowerCase() ? set : complement(set, reader, `"\\${character}"`);
  const control = controls[character];
  if (control !== undefined) return control;
  const next = peek(reader) ?? "";
  if (character === "0" && !/\d/.test(next)) return 0;
  if (character === "x" || character === "u") return readHex(character, reader);
  if (/[ -/:-@[-`{-~]/.test(character) && character !== "_") return character.charCodeAt(0);
  if (/[1-9k]/.test(character)) refuse("a backreference in a pattern");
  if (/[bB]/.test(character)) refuse("a word boundary in a pattern");
  if (/[pP]/.test(character)) refuse(`"\\${character}{…}" in a pattern`);
  return refuse(`"\\${character}" in a pattern`);
}

function readHex(kind: "x" | "u", reader: Reader): number {
  const form = kind === "x" ? /^[\da-f]{2}/i : /^(?:[\da-f]{4}|\{[\da-f]+\})/i;
  const [text] = form.exec(rest(reader, mostDigits).join("")) ?? [];
  if (text === undefined || (text.startsWith("{") && !reader.isUnicode))
    return refuse(`"\\${kind}" in a pattern without what belongs to it`);
  reader.at += text.length;
  const code = Number.parseInt(text.replace(/[{}]/g, ""), 16);
  const [, low] = /^\\u(d[c-f][\da-f]{2})/i.exec(rest(reader, 6).join("")) ?? [];
  if (!reader.isUnicode || low === undefined || code < 0xd800 || code > 0xdbff || text.startsWith("{"))
    return requireWhole(code, reader);
  reader.at += 6;
  return ((code - 0xd800) << 10) + (Number.parseInt(low, 16) - 0xdc00) + 0x10000;
}

function readCharacter(reader: Reader): number {
  const character = reader.characters[reader.at++] ?? refuse("a pattern that breaks off");
  return requireWhole(character.codePointAt(0) ?? 0, reader);
}

function requireWhole(code: number, { isUnicode }: Reader): number {
  if (code >= 0xd800 && code <= 0xdfff) refuse("a pattern with half a character");
  if (code > 0xffff && !isUnicode) refuse("a pattern with a character beyond U+FFFF without the flag u");
  return code;
}

/** All other code points. */
function complement(ranges: readonly Range[], { isUnicode }: Reader, construct: string): readonly Range[] {
  if (!isUnicode) refuse(`${construct} in a pattern without the flag u`);
  const others: Range[] = [];
  let from = 0;
  for (const [low, high] of ranges.toSorted(([a], [b]) => a - b)) {
    if (low > from) others.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  return from <= 0x10ffff ? [...others, [from, 0x10ffff]] : others;
}

/** A set in RE2's syntax, without halves of characters, of which no text of SQL has any. */
function showSet(ranges: readonly Range[]): Part {
  const whole = ranges.flatMap(([from, to]): Range[] => {
    const parts: Range[] = [
      [from, Math.min(to, 0xd7ff)],
      [Math.max(from, 0xe000), to],
    ];
    return parts.filter(([low, high]) => low <= high);
  });
  const [first] = whole;
  if (!first) return refuse("a class of a pattern that no character is in");
  const size = whole.reduce((sum, [, to]) => sum + (to < 0x80 ? 1 : 12), 0);
  if (whole.length === 1 && first[0] === first[1]) return { re2: showCode(first[0]), size, repeats: 1 };
  const shown = whole.map(([from, to]) => (from === to ? showCode(from) : `${showCode(from)}-${showCode(to)}`));
  return { re2: `[${shown.join("")}]`, size, repeats: 1 };
}

function showCode(code: number): string {
  const text = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(text) ? text : `\\x{${code.toString(16)}}`;
}

function peek({ characters, at }: Reader): string | undefined {
  return characters[at];
}

function rest({ characters, at }: Reader, length: number): readonly string[] {
  return characters.slice(at, at + length);
}

function take(reader: Reader, character: string): boolean {
  if (peek(reader) !== character) return false;
  reader.at++;
  return true;
}
