/**
 * Rows as lines: from the text of a batch to one JSON object a line, each value written as whoever sent it wrote it. Pure.
 * @module
 */
import { isRecord } from "../../definitions/plain.ts";
import { Refusal } from "../../http/refusal.ts";

/** How the rows of a batch are written: as one array of objects, or one object a line. */
export type BatchFormat = "array" | "lines";

/** How deep the values of a row may lie in each other: a reader that goes down much deeper comes to its end. */
const deepest = 1_000;
/** How many keys the rows of a batch may have, all different ones together: a reader takes each for a column. */
const mostKeys = 10_000;

/**
 * Reads the rows of a batch: one object each, in one line, without spaces between its values. What is let through is no row
 * that ends its reader: a batch is there for good, and so would be what ends each reading of it.
 * @param most how many rows it may have
 * @throws Refusal 400 where it is no JSON, or a row is no object that can be read; 413 where it has too many rows
 */
export function readRowLines(text: string, format: BatchFormat, most: number): readonly string[] {
  const requireRows = (count: number): void => {
    if (count === 0) throw new Refusal(400, "the batch has no rows");
    if (count > most) throw new Refusal(413, `the batch has more than ${most} rows; send fewer at once`);
  };
  return format === "array" ? splitArray(text, requireRows) : splitLines(text, requireRows);
}

function splitArray(text: string, requireRows: (count: number) => void): readonly string[] {
  const rows = parse(text, "the body is no JSON");
  if (!Array.isArray(rows)) {
    throw new Refusal(
      400,
      "the body is no array; send one object a line as application/x-ndjson, or an array of objects",
    );
  }
  requireRows(rows.length);
  const elements = cutElements(text);
  const keys = new Set<string>();
  for (const [index, row] of rows.entries()) requireReadable(row, { line: elements[index] ?? "", index, keys });
  return elements;
}

function splitLines(text: string, requireRows: (count: number) => void): readonly string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  requireRows(lines.length);
  const keys = new Set<string>();
  return lines.map((given, index) => {
    const row = parse(given, `row ${index + 1} is no JSON`);
    const line = compact(given);
    requireReadable(row, { line, index, keys });
    return line;
  });
}

/** @param place.keys those of the rows before; those of this row come to them */
function requireReadable(
  row: unknown,
  { line, index, keys }: { readonly line: string; readonly index: number; readonly keys: Set<string> },
): void {
  const refuse = (what: string): Refusal => new Refusal(400, `row ${index + 1} ${what}`);
  if (!isRecord(row)) throw refuse("is no JSON object");
  const own = Object.keys(row);
  const written = measure(line);
  // Which of the two is meant nobody can tell, and one such row would make the whole file unreadable.
  if (written.keys > own.length) throw refuse("has a key twice");
  if (written.depth > deepest) throw refuse(`has more than ${deepest} values in each other`);
  for (const key of own) keys.add(key);
  if (keys.size > mostKeys)
    throw refuse(`is the one with which the batch has more than ${mostKeys} different keys; a key names a column`);
  // Half of a pair of UTF-16 is no text in any other encoding: no reader of the rows could take it.
  if (/\\u[dD][89a-fA-F]/.test(line) && !isWellFormed(row)) throw refuse("has a text with half of a surrogate pair");
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, what);
  }
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
}

const quote = 0x22;
const backslash = 0x5c;

/** The elements of a text that is an array of JSON: parsed and written again, a number might become another. */
function cutElements(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) at = skipText(text, at);
    else if (character === 0x5b || character === 0x7b) {
      if (depth++ === 0) start = at + 1;
    } else if (character === 0x5d || character === 0x7d) {
      if (--depth === 0) elements.push(text.slice(start, at));
    } else if (character === 0x2c && depth === 1) {
      elements.push(text.slice(start, at));
      start = at + 1;
    }
  }
  const compacted = elements.map(compact);
  return compacted.length === 1 && compacted[0] === "" ? [] : compacted;
}

/** A JSON text without the white space between its values. */
function compact(text: string): string {
  if (!/\s/.test(text)) return text;
  let compacted = "";
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) at = skipText(text, at);
    else if (character === 0x20 || character === 0x09 || character === 0x0a || character === 0x0d) {
      compacted += text.slice(start, at);
      start = at + 1;
    }
  }
  return compacted + text.slice(start);
}

/** How many keys an object has in its text, and how deep its values lie in each other. */
function measure(line: string): { readonly keys: number; readonly depth: number } {
  let keys = 0;
  let depth = 0;
  let reached = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line.charCodeAt(at);
    if (character === quote) at = skipText(line, at);
    else if (character === 0x5b || character === 0x7b) reached = Math.max(reached, ++depth);
    else if (character === 0x5d || character === 0x7d) depth--;
    else if (character === 0x3a && depth === 1) keys++;
  }
  return { keys, depth: reached };
}

/** Where a text that begins with a quote ends: at its last quote. */
function skipText(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
