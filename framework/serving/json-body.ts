/**
 * Bodies of JSON, read strictly: what another reader might understand in another way is refused. Pure.
 * @module
 */
import { Refusal } from "../http/refusal.ts";
import { measureJson } from "./json-extent.ts";

/** A body that was read. */
export interface JsonBody {
  readonly document: unknown;
  /**
   * The same, where numbers whose fraction a double loses are `LostFraction`.
   * @default undefined where there is no number that may be one
   */
  readonly marked: (() => unknown) | undefined;
}

/** A number that is written with a fraction, and read as a whole one since a double holds no more of it. */
export class LostFraction {
  /** As it is written. */
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/**
 * Reads a body.
 * @throws Refusal 400 for what is no JSON in UTF-8, has a key twice in one object, or holds more than anybody means
 */
export function readJson(body: Uint8Array): JsonBody {
  const extent = measureJson(body);
  if (typeof extent === "string") throw new Refusal(400, `the body is not read: ${extent}`);
  const [text, document] = parse(body);
  // Which of two is meant nobody can tell, and readers differ: the first, the last, or both.
  if (countKeys(document) !== extent.keys) throw new Refusal(400, "an object of the body has a key twice");
  return { document, marked: extent.hasLongNumbers ? () => markLost(text) : undefined };
}

function parse(body: Uint8Array): readonly [text: string, document: unknown] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return [text, JSON.parse(text)];
  } catch {
    // The parser's own message quotes the body, which may be long and is the caller's business alone.
    throw new Refusal(400, "the body is not JSON in UTF-8");
  }
}

/** It is as deep as measured. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object") count += countKeys(item);
    return count;
  }
  const members = Object.values(value);
  count = members.length;
  for (const member of members) if (typeof member === "object") count += countKeys(member);
  return count;
}

function markLost(text: string): unknown {
  const mark = (_key: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown =>
    typeof value === "number" && Number.isInteger(value) && !isWhole(source) ? new LostFraction(source) : value;
  return JSON.parse(text, mark as Parameters<typeof JSON.parse>[1]);
}

/** Whether a number as it is written is a whole one. */
function isWhole(source: string): boolean {
  const [, whole = "", fraction = "", exponent = "0"] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(/0+$/, "");
  return significant === "" || Number(exponent) - fraction.length + digits.length - significant.length >= 0;
}
