/**
 * How a value is shown in a message: short, on one line, with nothing hidden in it and no secret.
 * @module
 */
import { z } from "zod";
import { escapeHidden } from "./hidden-text.ts";
import { maskSecrets } from "./inlined-secret.ts";
import { readRefusal } from "./plain.ts";

/** Longer texts are cut. */
const longest = 80;

/** Names a value for a reader: `"abc"`, `a list of 3`, `dataset "flights"`, `an object with "owner"`. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "nothing";
    case "string":
      return quote(value);
    case "number":
    case "boolean":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return shorten(`the BigInt ${value}n`);
    case "symbol":
      return escapeHidden(shorten(maskSecrets(readRefusal(value) ?? "a symbol")));
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : describeObject(value);
  }
}

/** A text in quotes. */
export function quote(text: string): string {
  return `"${escapeHidden(shorten(maskSecrets(text))).replaceAll(/[\n\t]/g, (character) => (character === "\n" ? "\\n" : "\\t"))}"`;
}

function shorten(text: string): string {
  // Not within a surrogate pair, of which one half alone would be shown as such.
  return text.length > longest ? `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

function describeObject(value: object): string {
  try {
    return describeReadable(value);
  } catch {
    return "an object that cannot be read";
  }
}

function describeReadable(value: object): string {
  if (value instanceof z.ZodType) return "a zod schema";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  const { kind, name } = value as { readonly kind?: unknown; readonly name?: unknown };
  if (typeof kind === "string" && typeof name === "string") return `${escapeHidden(shorten(kind))} ${quote(name)}`;
  const keys = Object.keys(value);
  const some = keys.slice(0, 3).map(quote).join(", ");
  return keys.length === 0 ? "an empty object" : `an object with ${some}${keys.length > 3 ? ", …" : ""}`;
}
