/**
 * What TypeScript says, as a reader wants it: what is wrong first, what it comes down to last, and not the whole way between.
 * @module
 */
import type ts from "typescript";
import type { Problem } from "../definitions/problem.ts";

/** More lines than these are cut in the middle. */
const mostLines = 4;
const longestLine = 300;

/** The lines of a message: its head, and the chain of reasons down to the one that the reader can do something about. */
export function flattenMessage(message: string | ts.DiagnosticMessageChain): string {
  const lines: string[] = [];
  for (let at: string | ts.DiagnosticMessageChain | undefined = message; at !== undefined; ) {
    lines.push(typeof at === "string" ? at : at.messageText);
    // Of several ways in which something does not fit, such as overloads, the last is the most general.
    at = typeof at === "string" ? undefined : at.next?.at(-1);
  }
  const kept = lines.length > mostLines ? [...lines.slice(0, mostLines - 2), ...lines.slice(-2)] : lines;
  return kept.map(shorten).join("\n    ");
}

/** That a field may be left out says nothing of what is wrong with the value that it has. */
function shorten(message: string): string {
  const line = message.replaceAll(" | undefined'", "'");
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

/** The code of an error, and what to do about the few that have one cure. */
export function classifyError(code: number, message: string): Pick<Problem, "code" | "fix"> {
  const [, wanted] = /^Cannot find module '([^']+)'/.exec(message) ?? [];
  if (wanted !== undefined) return { code: "project-import-missing", fix: adviseOnImport(wanted) };
  if (code !== syntaxNotErasable) return { code: "project-type-error" };
  return {
    code: "project-type-error",
    fix: "write it in erasable TypeScript: const objects for enums, modules for namespaces, plain fields in constructors",
  };
}

/** What the compiler says with `erasableSyntaxOnly`, which is what Node takes away. */
const syntaxNotErasable = 1294;

/** What to do about an import that leads nowhere: a file is written or a package is installed. */
export function adviseOnImport(wanted: string): string {
  if (/^[./]/.test(wanted)) return "mend the path, with its extension";
  const [scope = wanted, name] = wanted.split("/");
  return `npm install ${scope.startsWith("@") && name !== undefined ? `${scope}/${name}` : scope}`;
}
