/**
 * JSON as strictly as there is (RFC 8259, RFC 7493): no key twice, and numbers as they are written. The oracle's own reading, which
 * shares nothing with the server's.
 * @module
 */

/** A number as it is written. */
export class Written {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Strict = null | boolean | string | Written | readonly Strict[] | ReadonlyMap<string, Strict>;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What is wrong within is for `JSON.parse` to find, of a text alone. */
const text = /"(?:[^"\\]|\\.)*"/sy;
const space = /[ \t\n\r]*/y;
const deepest = 32;
const mostKeys = 10_000;

/** Reads bytes. @returns nothing for what is no JSON, has a key twice, or is deeper or wider than documents are */
export function readStrict(bytes: Uint8Array): { readonly value: Strict } | undefined {
  try {
    const reader = new Reader(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return { value: reader.document() };
  } catch {
    return undefined;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(all: string) {
    this.#text = all;
  }

  document(): Strict {
    const value = this.#value(0);
    if (this.#at < this.#text.length) throw new SyntaxError("more than a value");
    return value;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): Strict {
    if (depth > deepest) throw new RangeError("too deep");
    this.#match(space);
    const value = this.#bare(depth);
    this.#match(space);
    return value;
  }

  #bare(depth: number): Strict {
    if (this.#take("{")) return this.#object(depth + 1);
    if (this.#take("[")) return this.#list(depth + 1);
    const quoted = this.#match(text);
    if (quoted !== undefined) return JSON.parse(quoted) as string;
    const written = this.#match(number);
    if (written) return new Written(written);
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    throw new SyntaxError("no value");
  }

  #object(depth: number): ReadonlyMap<string, Strict> {
    if (depth > deepest) throw new RangeError("too deep");
    const members = new Map<string, Strict>();
    this.#match(space);
    if (this.#take("}")) return members;
    do {
      this.#match(space);
      const quoted = this.#match(text);
      if (quoted === undefined) throw new SyntaxError("no key");
      const key = JSON.parse(quoted) as string;
      this.#match(space);
      if (!this.#take(":") || members.has(key) || members.size === mostKeys) throw new SyntaxError("no member");
      members.set(key, this.#value(depth));
    } while (this.#take(","));
    if (!this.#take("}")) throw new SyntaxError("no end");
    return members;
  }

  #list(depth: number): readonly Strict[] {
    if (depth > deepest) throw new RangeError("too deep");
    const items: Strict[] = [];
    this.#match(space);
    if (this.#take("]")) return items;
    do items.push(this.#value(depth));
    while (this.#take(","));
    if (!this.#take("]")) throw new SyntaxError("no end");
    return items;
  }
}

/** The integer that is written. @returns nothing for what is none, or none that a double holds exactly */
export function readInteger(source: string): number | undefined {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  const digits = `${whole}${fraction}`;
  const point = whole.length + Number(exponent);
  if (/^0*$/.test(digits)) return 0;
  if (point > 40) return undefined;
  const kept = point > 0 ? digits.padEnd(point, "0").slice(0, point) : "";
  const lost = point > 0 ? digits.slice(point) : digits;
  if (/[1-9]/.test(lost)) return undefined;
  const value = Number(`${sign}${kept || "0"}`);
  return Number.isSafeInteger(value) && BigInt(`${sign}${kept || "0"}`) === BigInt(value) ? value : undefined;
}
