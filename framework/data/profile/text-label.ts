/**
 * Texts as a profile holds them: whole where they are short; else their beginning and their digest, so that two that begin
 * alike stay two.
 * @module
 */
import { createHash } from "node:crypto";

/** The longest text that is held whole, in code points. What a longer one becomes is longer than that, hence no text itself. */
const longest = 160;
const mark = "…#";
const cutPattern = new RegExp(`^.{${longest}}${mark}([0-9a-f]{32})$`, "su");

/** The SQL of the label of a text. */
export function labelText(text: string): string {
  return `CASE WHEN length(${text}) > ${longest} THEN left(${text}, ${longest}) || '${mark}' || md5(${text}) ELSE ${text} END`;
}

/** The first 64 bits of the MD5 of the text that a label stands for, in two halves. */
export function hashLabel(label: string): readonly [first: number, second: number] {
  const digest = cutPattern.exec(label)?.[1] ?? createHash("md5").update(label).digest("hex");
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8, 16), 16)];
}
