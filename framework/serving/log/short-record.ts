/**
 * Short records: of the records that are written together, those that have most in common with one before them say which one that is,
 * and what is their own. Whoever reads lines sees whole records. Pure.
 *
 * A whole record is `{"sequence":7,…,"endpoint":…,"inputs":{"a":[1],"b":[2]},"outputs":{…},…}`, and one like it
 * `{"sequence":8,"like":7,…,"outputs":{…},…,"values":[1,2]}`: what it does not say, from its endpoint to its inputs, is the other's.
 * @module
 */

/** A record that may be written short. */
export interface LikeRecord {
  /** Records of one kind are like one another. */
  readonly kind: object;
  /** What it takes at most, in bytes, without its number. */
  readonly size: number;
  /** Its JSON in UTF-8 without the opening brace. */
  write(): Buffer;
  /**
   * Writes it, short, behind another one of its kind.
   * @param beginning ASCII, which stands before it
   * @returns where it ends
   */
  writeShort(beginning: string, room: Buffer, at: number): number;
}

/** How a short record begins. No whole one has a field `like` at this place. */
export function beginShort(sequence: number, like: number): string {
  return `{"sequence":${sequence},"like":${like},`;
}

/** How the values of a short record begin and end: the numbers of its inputs in their order, which nothing else comes behind. */
export const beginValues = `,"values":[`;
export const endValues = "]}";

const beginningPattern = /^(\{"sequence":\d+,)"like":(\d+),/;
/** Quotes in texts have a backslash before them, so that only keys look like these. */
const [shared, inputs, outputs] = ['"endpoint":', '"inputs":{', '"outputs":{'];
/** An input of one number, by its name as JSON has it. */
const inputPattern = /("(?:[^"\\]|\\.)*":\[)[^\]"[{}]*\](,|\})/y;

/** What stands in no list of numbers. */
const noNumbers = /["[\]{}]/;

/** The number of the record that one is like. @default undefined for a whole one */
export function findLike(line: string): number | undefined {
  const [, , like] = beginningPattern.exec(line) ?? [];
  return like === undefined ? undefined : Number(like);
}

/** What short records have of a whole one. */
export class SharedFacts {
  /** What they take of it at most, in bytes. */
  readonly size: number;
  /** All of it. */
  readonly text: string;
  readonly #facts: string;
  /** What stands before the value of each input. */
  readonly #heads: readonly string[];

  private constructor(facts: string, heads: readonly string[]) {
    this.#facts = facts;
    this.#heads = heads;
    this.text = facts + heads.join("");
    this.size = Buffer.byteLength(this.text) + heads.length * 2 + 2;
  }

  /** @param line a whole record @default undefined for one that no other one can be like */
  static read(line: string): SharedFacts | undefined {
    const from = line.indexOf(shared);
    const to = line.indexOf(inputs, from) + inputs.length;
    if (from < 0 || to < inputs.length) return undefined;
    const heads: string[] = [];
    inputPattern.lastIndex = to;
    for (let found = inputPattern.exec(line); found; found = inputPattern.exec(line)) {
      heads.push(found[1] as string);
      if (found[2] === "}") return new SharedFacts(line.slice(from, to), heads);
    }
    return undefined;
  }

  /** Whether a line, which is JSON, is a record that has these of another one. */
  fits(line: string): boolean {
    return this.#cut(line) !== undefined;
  }

  /** A short record as a whole one. @default undefined for what is none */
  expand(line: string): string | undefined {
    const parts = this.#cut(line);
    if (!parts) return undefined;
    let text = parts.beginning + this.#facts;
    for (let i = 0; i < this.#heads.length; i++) {
      text += `${i === 0 ? "" : ","}${this.#heads[i]}${(parts.values[i] as string).trim()}]`;
    }
    return `${text}},${parts.said}}`;
  }

  #cut(line: string) {
    const [short = "", beginning] = beginningPattern.exec(line) ?? [];
    const end = line.lastIndexOf(beginValues);
    const said = line.indexOf(outputs);
    if (beginning === undefined || said < 0 || end < said || !line.endsWith(endValues)) return undefined;
    const text = line.slice(end + beginValues.length, -endValues.length);
    const values = text.split(",");
    if (values.length !== this.#heads.length || noNumbers.test(text)) return undefined;
    return { beginning: beginning + line.slice(short.length, said), values, said: line.slice(said, end) };
  }
}

/** Finds what short records are like, among the lines before them. */
export class LikeLines {
  readonly #wholes = new Map<number, Buffer>();
  #last: { readonly sequence: number; readonly facts: SharedFacts | undefined } | undefined;

  /** Notes a whole record. */
  add(sequence: number, line: Buffer): void {
    this.#wholes.set(sequence, line);
    if (this.#last?.sequence === sequence) this.#last = undefined;
  }

  /** @default undefined where there is no such record before */
  find(sequence: number): SharedFacts | undefined {
    // Those that follow one another are mostly like the same one.
    if (this.#last?.sequence !== sequence) {
      const line = this.#wholes.get(sequence);
      this.#last = { sequence, facts: line && SharedFacts.read(line.toString("utf8")) };
    }
    return this.#last.facts;
  }
}
