/**
 * What a TypeScript file imports, found in its text: files beside it, and packages. Pure.
 * @module
 */
import { isBuiltin } from "node:module";

export interface TypeScriptImports {
  /** As they are written, in their order: `./rows.ts`. */
  readonly files: readonly string[];
  /** The names of packages, each once: `@scope/name`. Those of Node and of trainers, `steward/job`, are none. */
  readonly packages: readonly string[];
}

/** Where trainers find their job. */
const jobModule = "steward/job";

/**
 * Lists the imports of a text: `import … from`, `import "…"`, `export … from` and `import("…")` of a text that is written out. What
 * is imported as a type alone is gone when it runs.
 */
export function listTypeScriptImports(text: string): TypeScriptImports {
  const specifiers = [...dropComments(text).matchAll(importing)].flatMap(({ groups = {} }) => {
    const { typed, from, dynamic } = groups;
    return typed === undefined ? (from ?? dynamic ?? []) : [];
  });
  const isFile = (specifier: string): boolean => /^\.{0,2}\//.test(specifier);
  const packages = specifiers.filter((each) => !isFile(each) && !isBuiltin(each) && each !== jobModule);
  return { files: specifiers.filter(isFile), packages: [...new Set(packages.map(nameOf))] };
}

const importing =
  /\b(?:import|export)\s+(?:(?<typed>type\s+(?!from\b))?[\w$*{},\s]*?\bfrom\s*)?(?<quote>["'])(?<from>[^"'\n]+)\k<quote>|\bimport\s*\(\s*(?<mark>["'`])(?<dynamic>[^"'`$\n]+)\k<mark>/g;

function nameOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Blanks comments that begin a line or follow a space; what looks like one in a text names no import that is missed. */
function dropComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, " ").replaceAll(/(^|\s)\/\/[^\n]*/g, "$1");
}
