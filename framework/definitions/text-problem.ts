/**
 * Texts that a definition cannot have: what looks like a secret, and what no JSON can carry.
 * @module
 */
import { findSecret, isSecretName } from "./inlined-secret.ts";
import type { Report } from "./report.ts";
import { formatPath } from "./shape-problem.ts";
import { quote } from "./value-text.ts";

type Path = readonly PropertyKey[];

interface TextScope {
  /** The place of the value. */
  readonly at: string;
  readonly report: Report;
  /** Whether a part of the value is looked at by itself. @default nothing is */
  readonly skips?: (part: object) => boolean;
  /** The path as its writer knows it. @default the path in the value */
  readonly rename?: (path: Path) => Path;
}

/** Reports texts, at any depth of plain data, that are not to be stored. */
export function reportTexts(value: unknown, scope: TextScope, path: Path = []): void {
  if (typeof value === "string") reportText(value, path, scope);
  if (typeof value !== "object" || value === null || scope.skips?.(value)) return;
  for (const [key, part] of Object.entries(value)) {
    if (!Array.isArray(value)) reportText(key, path, scope);
    reportTexts(part, scope, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

/** Reports parameters that are not to be stored: by what they are, or by their names alone. */
export function reportParams(params: Readonly<Record<string, unknown>>, { at, report }: TextScope): void {
  for (const [name, value] of Object.entries(params)) {
    const isNamed = isSecretName(name) && typeof value === "string" && value !== "";
    const what = `the parameter "${name}" is named like a secret`;
    if (isNamed) report({ code: "secret-inlined", at: formatPath(at, [name]), what, got: "a text" });
    else reportTexts(value, { at: formatPath(at, [name]), report });
  }
}

function reportText(text: string, path: Path, { at, report, rename = (same) => same }: TextScope): void {
  const kind = findSecret(text);
  if (kind === undefined && text.isWellFormed()) return;
  const place = { at: formatPath(at, rename(path)), got: quote(text) };
  if (kind !== undefined) report({ code: "secret-inlined", ...place, what: `the text holds what looks like ${kind}` });
  if (!text.isWellFormed()) {
    const expected = "well-formed Unicode";
    report({ code: "definition-invalid", ...place, what: "the text has half a character", expected });
  }
}
