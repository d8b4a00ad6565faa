/**
 * Names: what definitions, projects and environments may be called, and which names of columns look like another.
 * @module
 */

import { escapeHidden } from "./hidden-text.ts";
import type { Report } from "./report.ts";
import { nameForm, namePattern } from "./spec.ts";
import { quote } from "./value-text.ts";

/** What every object has already. */
const reserved: readonly string[] = ["constructor"];

/** What is expected of the name of a definition, a project or an environment that is none; nothing for one that is. */
export function findNameFault(name: string): string | undefined {
  if (reserved.includes(name)) return "a name that objects do not have already";
  return namePattern.test(name) ? undefined : nameForm;
}

/** Reports names of columns or parameters, which may be of any script, that a reader would take for others. */
export function reportColumnNames(names: readonly string[], at: string, report: Report): void {
  for (const name of names) {
    const fault = findColumnNameFault(name);
    if (fault === undefined) continue;
    const expected = "words of one script each, of letters that are all shown, at most 255 characters";
    report({ code: "name-invalid", at: `${at}.${name}`, what: `the name ${quote(name)} ${fault}`, expected });
  }
}

/** What is wrong with the name of a column or a parameter; nothing when nothing is. */
function findColumnNameFault(name: string): string | undefined {
  if (name.trim() === "") return "is empty";
  if (name.length > 255) return "is longer than 255 characters";
  if (escapeHidden(name) !== name || /[\n\t]/.test(name)) return "holds a character that is not shown";
  for (const word of name.split(/[^\p{L}\p{M}]+/u)) {
    const scripts = Object.keys(scriptPatterns).filter((script) => scriptPatterns[script]?.test(word));
    if (scripts.length > 1) return `mixes ${scripts.join(" and ")} letters, some of which look alike`;
  }
  return undefined;
}

/**
 * Letters that look like those of another script. Words of two scripts are told apart, `дата_utc`, as are the Greek letters
 * of formulas that look like no Latin one, `Δt`.
 */
const scriptPatterns: Readonly<Record<string, RegExp>> = {
  Latin: /\p{Script=Latin}/u,
  Greek: /[αικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]/u,
  Cyrillic: /\p{Script=Cyrillic}/u,
  Armenian: /\p{Script=Armenian}/u,
  Cherokee: /\p{Script=Cherokee}/u,
};

/** Cyrillic and Greek letters, in lower case, and the Latin ones that they look like. */
const lookalikes = new Map(
  [..."аеорсухіјѕԁһԛԝοανρικυχτ"].map((letter, i) => [letter, [..."aeopcyxijsdhqwoavpikuxt"][i] ?? letter]),
);

/** What a name is to a reader: names of one fold are taken for one another. */
export function foldName(name: string): string {
  return [...name.normalize("NFKC").toLowerCase().normalize("NFKC")]
    .map((letter) => lookalikes.get(letter) ?? letter)
    .join("");
}
