/**
 * Where the values of a JSON document stand in its bytes. Pure.
 * @module
 */

/** A text, number, truth or null, and the way to it. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  /** Of its first byte. */
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** How many lists and objects may stand in one another: more than any request has that is answered. */
const deepest = 16;

/**
 * Lists the leaves of a document that has been parsed already, in their order.
 * @default undefined where a key is written with an escape, a path is there twice, or lists stand in lists without end
 */
export function listLeaves(bytes: Uint8Array): readonly Leaf[] | undefined {
  const walk = new Walk(bytes);
  walk.value([]);
  const paths = new Set(walk.leaves.map(({ path }) => JSON.stringify(path)));
  return walk.isPlain && paths.size === walk.leaves.length ? walk.leaves : undefined;
}

class Walk {
  readonly leaves: Leaf[] = [];
  isPlain = true;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(path: readonly (string | number)[]): void {
    this.#skipSpace();
    if (path.length > deepest) {
      this.isPlain = false;
      this.#at = this.#bytes.length;
      return;
    }
    const first = this.#bytes[this.#at];
    if (first === openList) this.#list(path);
    else if (first === openObject) this.#object(path);
    else {
      const start = this.#at;
      if (first === quote) this.#text();
      else this.#word();
      this.leaves.push({ path, start, end: this.#at });
    }
    this.#skipSpace();
  }

  #list(path: readonly (string | number)[]): void {
    this.#at++;
    this.#skipSpace();
    for (let i = 0; this.#bytes[this.#at] !== closeList && this.#isInside(); i++) {
      this.value([...path, i]);
      if (this.#bytes[this.#at] === comma) this.#at++;
    }
    this.#at++;
  }

  #object(path: readonly (string | number)[]): void {
    this.#at++;
    this.#skipSpace();
    while (this.#bytes[this.#at] !== closeObject && this.#isInside()) {
      const start = this.#at;
      this.#text();
      const key = Buffer.from(this.#bytes.subarray(start + 1, this.#at - 1)).toString("utf8");
      if (key.includes("\\")) this.isPlain = false;
      this.#skipSpace();
      if (this.#bytes[this.#at] === colon) this.#at++;
      this.value([...path, key]);
      if (this.#bytes[this.#at] === comma) this.#at++;
      this.#skipSpace();
    }
    this.#at++;
  }

  #text(): void {
    this.#at++;
    while (this.#bytes[this.#at] !== quote && this.#isInside()) this.#at += this.#bytes[this.#at] === backslash ? 2 : 1;
    this.#at++;
  }

  #word(): void {
    const start = this.#at;
    while (isWord(this.#bytes[this.#at])) this.#at++;
    // What is no JSON would keep it at its place for ever.
    if (this.#at === start) this.#at = this.#bytes.length;
  }

  #skipSpace(): void {
    while (isSpace(this.#bytes[this.#at])) this.#at++;
  }

  #isInside(): boolean {
    return this.#at < this.#bytes.length;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Of numbers, `true`, `false`, `null`. */
function isWord(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}
