/**
 * What clients in all languages say alike: names, and what is told of a column. Pure.
 * @module
 */
import type { TypeColumn } from "./request-type.ts";
import type { ClientSubject } from "./subject.ts";

/** Those whose errors, `ValueError`, would take the place of the language's own that a client relies on. */
const ownErrors: readonly string[] = ["OS", "Type", "Value"];

/** An endpoint's name as types have it: `late-arrival` is `LateArrival`, `2nd-try` is `Endpoint2ndTry`, `value` is `EndpointValue`. */
export function pascalCase(name: string): string {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const joined = words.join("");
  return /^\d/.test(joined) || ownErrors.includes(joined) ? `Endpoint${joined}` : joined;
}

/** A text with what stands for words in it, all at once: what is put in is not looked through again. */
export function fillIn(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(new RegExp(Object.keys(words).join("|"), "g"), (word) => words[word] ?? word);
}

/** What is said at the head of a client, in lines. */
export function versionComment({ endpoint, model }: ClientSubject): readonly string[] {
  return [
    `The client of the endpoint "${endpoint}", which answers with the model "${model}".`,
    "",
    `Written by \`npx steward client ${endpoint}\` from the project's definitions: do not edit it, write it anew.`,
  ];
}

/** What is told of a column beside its type, in lines. */
export function commentLines(column: TypeColumn, meaning: string | undefined): readonly string[] {
  const { type, length, unit, min, max, minLength, maxLength, patterns } = column;
  const bounds = [
    type === "integer" && "a whole number",
    type === "timestamp" && "a time of RFC 3339 to the microsecond",
    type === "vector" && `${length} numbers`,
    unit !== undefined && `in ${unit}`,
    min !== undefined && `from ${min}`,
    max !== undefined && `to ${max}`,
    ...describeLength(minLength, maxLength),
    ...(patterns ?? []).map((pattern) => `like ${pattern}`),
  ].filter((part) => part !== false);
  const about = bounds.join(", ");
  // What ends a line to a reader of either language ends it here: behind it would be no comment.
  const lines = [...(meaning === undefined ? [] : [meaning]), ...(about === "" ? [] : [about])].flatMap((text) =>
    text.split(/\r\n|(?!\t)[\p{Cc}\u2028\u2029]/u).filter((line) => line.trim() !== ""),
  );
  return lines
    .map((line) => line.charAt(0).toUpperCase() + line.slice(1))
    .map((line) => (line.endsWith(".") ? line : `${line}.`));
}

function describeLength(least: number | undefined, most: number | undefined): readonly string[] {
  if (least !== undefined && least === most) return [`${least} characters`];
  return [
    ...(least === undefined ? [] : [`${least} characters or more`]),
    ...(most === undefined ? [] : [`at most ${most} characters`]),
  ];
}
