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

/** Whether a source is looked at by whoever plans; any other is looked at by a worker, which has its credentials. */
export function isLocal(source: SourceSpec): source is Extract<SourceSpec, { readonly kind: "file" }> {
  return source.kind === "file";
}

/** A source in words, for messages: it has no secret in it. */
export function describeSource(source: SourceSpec): string {
  switch (source.kind) {
    case "file":
      return source.path;
    case "s3":
      return `s3://${source.bucket}/${source.path}`;
    case "http":
      return source.url;
    case "postgres":
      return `PostgreSQL at ${source.url}`;
    case "push":
      return "pushed rows";
    case "derived":
      return source.from.join(", ");
  }
}

/**
 * Finds the file of a source, or says where its pattern looks for files.
 *
 * @param folder the absolute path of the project file's folder
 * @param inputs the values that the stack supplies, by name; nothing for one that is secret
 * @returns the absolute path of a file that exists; else an absolute pattern, which may find nothing
 * @throws StewardError when an input is not supplied, or there is no such package or file
 */
export function locateSource(
  folder: string,
  source: Extract<SourceSpec, { readonly kind: "file" }>,
  inputs: Readonly<Record<string, string | undefined>> = {},
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

function supply(path: string, inputs: Readonly<Record<string, string | undefined>>): string {
  if (!path.startsWith("input:")) return path;
  const name = path.slice("input:".length);
  const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (value !== undefined) return value;
  if (Object.hasOwn(inputs, name)) {
    throw new StewardError({
      code: "input-missing",
      at: "source.path",
      what: `"path" of the source is the input "${name}", which is a secret that this command cannot read`,
      fix: `npx pulumi config set --path 'steward:inputs["${name}"]' …, without --secret`,
    });
  }
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
