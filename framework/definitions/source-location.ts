/**
 * Where the files of a source lie on this machine.
 * @module
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { StewardError } from "./problem.ts";
import { escapePattern, isPattern } from "./source-pattern.ts";
import type { SourceSpec } from "./spec.ts";

/**
 * Finds the file of a source, or says where its pattern looks for files.
 *
 * @param folder the absolute path of the project file's folder
 * @param inputs the values that the stack supplies, by name
 * @returns the absolute path of a file that exists; else an absolute pattern, which may find nothing
 * @throws StewardError when an input is not supplied, or there is no such package or file
 */
export function locateSource(
  folder: string,
  source: SourceSpec,
  inputs: Readonly<Record<string, string>> = {},
): string {
  const path = supply(source.path, inputs);
  const [root, inside] = path.startsWith("npm:") ? (findPackage(folder, path) ?? []) : [folder, path];
  if (root !== undefined && inside !== undefined) {
    const file = resolve(root, inside);
    if (existsSync(file)) return file;
    if (isPattern(inside)) return resolve(escapePattern(root), inside);
  }
  throw new StewardError({
    code: "source-missing",
    at: "source.path",
    what: '"path" of the source names no file',
    got: path,
    fix: path.startsWith("npm:")
      ? "install the package, or mend the path"
      : "mend the path; it is relative to the project file",
  });
}

function supply(path: string, inputs: Readonly<Record<string, string>>): string {
  if (!path.startsWith("input:")) return path;
  const name = path.slice("input:".length);
  const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (value !== undefined) return value;
  throw new StewardError({
    code: "input-missing",
    at: "source.path",
    what: `"path" of the source is the input "${name}", which the stack does not supply`,
    expected: Object.keys(inputs).join(", ") || "no input is supplied",
    fix: `supply "${name}" with the stack's inputs`,
  });
}

/** The folder of a package and the path in it. Looks where Node does, past the package's "exports": a data file is no module. */
function findPackage(folder: string, path: string): readonly [string, string] | undefined {
  const [, name, inside] = /^npm:((?:@[^/]+\/)?[^/@]+)\/(.+)$/.exec(path) ?? [];
  if (name === undefined || inside === undefined || inside.split("/").includes("..")) return undefined;
  const roots = createRequire(join(folder, "project.ts")).resolve.paths(name) ?? [];
  const root = roots.find((candidate) => existsSync(join(candidate, name, "package.json")));
  return root === undefined ? undefined : [join(root, name), `./${inside}`];
}
