/**
 * Where the file of a source lies on this machine.
 * @module
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { StewardError } from "./problem.ts";
import type { SourceSpec } from "./spec.ts";

/**
 * Finds the file of a source.
 *
 * @param folder the absolute path of the project file's folder
 * @param inputs the values that the stack supplies, by name
 * @returns the absolute path of a file that exists
 * @throws StewardError when an input is not supplied, or there is no such package or file
 */
export function locateSource(
  folder: string,
  source: SourceSpec,
  inputs: Readonly<Record<string, string>> = {},
): string {
  const path = supply(source.path, inputs);
  const file = path.startsWith("npm:") ? findInPackage(folder, path) : resolve(folder, path);
  if (file !== undefined && existsSync(file)) return file;
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

/** Looks where Node looks for packages, past their "exports": a data file is no module. */
function findInPackage(folder: string, path: string): string | undefined {
  const [, name, inside] = /^npm:((?:@[^/]+\/)?[^/@]+)\/(.+)$/.exec(path) ?? [];
  if (name === undefined || inside === undefined || inside.split("/").includes("..")) return undefined;
  const roots = createRequire(join(folder, "project.ts")).resolve.paths(name) ?? [];
  const root = roots.find((candidate) => existsSync(join(candidate, name, "package.json")));
  return root === undefined ? undefined : join(root, name, inside);
}
