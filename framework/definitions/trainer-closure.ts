/**
 * The closure of a trainer: its entry, the Python or TypeScript modules beside it that the entry imports, and its lock.
 * @module
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { cutLock, readNodeLock } from "./node-lock.ts";
import { type Problem, StewardError } from "./problem.ts";
import type { FileTrainer } from "./trainer.ts";
import { listTypeScriptImports } from "./typescript-imports.ts";

interface ClosureFile {
  /** Relative to the project file's folder, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface TrainerFiles {
  readonly entry: string;
  readonly lock: string;
  /** In order of their paths, the entry and the lock among them. */
  readonly files: readonly ClosureFile[];
}

/** What refers to files of a trainer, for problems. */
export interface TrainerPlace {
  /** Where it stands: `trainer`, `source.steps[2].python`. */
  readonly at: string;
  /** How it is called: `"the trainer"`. */
  readonly noun: string;
}

/**
 * Reads what a trainer is made of. Imports are found in the text, not by running it: a module that is named only in a
 * string, or a data file, is no part of the closure.
 *
 * @param folder the absolute path of the project file's folder, which holds every file of the trainer
 * @param place what refers to them. @default the trainer of a training job
 * @throws StewardError when a file is missing, a link, or outside the folder, or a package is not locked
 */
export function readTrainer(
  folder: string,
  trainer: FileTrainer,
  place: TrainerPlace = { at: "trainer", noun: "the trainer" },
): TrainerFiles {
  const entry = posix.normalize(trainer.file);
  const lock = posix.normalize(trainer.lock);
  const problems: Problem[] = [];
  const files = new Map<string, Uint8Array>();
  /** What the modules of TypeScript import from elsewhere. */
  const packages = new Set<string>();
  const root = realpathSync(folder);

  const read = (path: string, field: "file" | "lock"): Uint8Array | undefined => {
    const problem = findRefusal({ root, path, field }, place);
    if (problem) problems.push(problem);
    else files.set(path, readFileSync(join(root, path)));
    return files.get(path);
  };
  const readModule = (path: string): void => {
    if (files.has(path)) return;
    const bytes = read(path, "file");
    if (!bytes) return;
    const home = posix.dirname(entry);
    const text = new TextDecoder().decode(bytes);
    if (trainer.kind === "typescript") {
      const imports = listTypeScriptImports(text);
      for (const name of imports.packages) packages.add(name);
      for (const file of findFiles(imports.files, path, root)) readModule(file);
      return;
    }
    for (const module of findImports(text, path, { root, home })) readModule(module);
  };
  readModule(entry);
  const lockBytes = read(lock, "lock");
  if (trainer.kind === "typescript" && lockBytes) problems.push(...checkPackages(lockBytes, [...packages], place));

  if (problems.length > 0) throw new StewardError(problems);
  const paths = [...files.keys()].sort();
  return { entry, lock, files: paths.map((path) => ({ path, bytes: files.get(path) ?? new Uint8Array() })) };
}

interface NamedFile {
  readonly root: string;
  readonly path: string;
  readonly field: "file" | "lock";
}

/** Why a file may not be read, if it may not. */
function findRefusal({ root, path, field }: NamedFile, place: TrainerPlace): Problem | undefined {
  const at = `${place.at}.${field}`;
  if (posix.isAbsolute(path) || path.split("/")[0] === "..") {
    const fix = "move it under the folder of the project file";
    return {
      code: "trainer-file-refused",
      at,
      what: `"${field}" of ${place.noun} lies outside the project's folder`,
      got: path,
      fix,
    };
  }
  if (!isFile(join(root, path))) {
    const fix = "mend the path; it is relative to the project file";
    return { code: "trainer-file-missing", at, what: `"${field}" of ${place.noun} names no file`, got: path, fix };
  }
  if (realpathSync(join(root, path)) === join(root, path)) return undefined;
  return {
    code: "trainer-file-refused",
    at,
    what: `a file of ${place.noun} is reached through a link`,
    got: path,
    fix: "put the file itself there",
  };
}

/** The files that a TypeScript module names, of those that exist beneath the root. */
function findFiles(specifiers: readonly string[], path: string, root: string): string[] {
  return specifiers
    .map((specifier) => posix.join(posix.dirname(path), specifier))
    .filter((candidate) => !candidate.startsWith("../") && isFile(join(root, candidate)));
}

/** What keeps packages from being installed as they are locked. */
function checkPackages(bytes: Uint8Array, packages: readonly string[], place: TrainerPlace): Problem[] {
  const at = `${place.at}.lock`;
  const lock = readNodeLock(new TextDecoder().decode(bytes));
  if (!lock) {
    const what = `"lock" of ${place.noun} is no package-lock.json of npm 7 or newer`;
    return [{ code: "packages-unlocked", at, what, fix: "write it with npm install, or name the file that it wrote" }];
  }
  return cutLock(lock, packages).unlocked.map((name) => ({
    code: "packages-unlocked",
    at,
    what: `${place.noun} needs a package that its lock does not have with the digest of its bytes`,
    got: name,
  }));
}

/** The files that a module's imports name, of those that exist beneath the root. `home` is where absolute imports begin. */
function findImports(
  text: string,
  path: string,
  { root, home }: { readonly root: string; readonly home: string },
): string[] {
  return listImports(text).flatMap(({ dots, segments, names }) => {
    const base = dots === 0 ? home : posix.join(posix.dirname(path), ...Array<string>(dots - 1).fill(".."));
    const parents = segments.map((_, i) => segments.slice(0, i + 1));
    const children = names.map((name) => [...segments, name]);
    return [...parents, ...children]
      .flatMap((parts) => [`${posix.join(base, ...parts)}.py`, posix.join(base, ...parts, "__init__.py")])
      .filter((candidate) => !candidate.startsWith("../") && isFile(join(root, candidate)));
  });
}

interface PythonImport {
  /** The leading dots of a relative import. */
  readonly dots: number;
  readonly segments: readonly string[];
  /** What is imported from the module, which may be modules themselves. */
  readonly names: readonly string[];
}

/** The imports of a Python text: `import a.b, c as d` and `from .a import (b, c as d)`, also where they are indented. */
function listImports(text: string): PythonImport[] {
  const joined = text.replaceAll(/\\\r?\n/g, " ").replaceAll(/#[^\n]*/g, "");
  const plain = [...joined.matchAll(/^[ \t]*import[ \t]+(.+)$/gm)].flatMap(([, modules = ""]) =>
    listNames(modules).map((module) => ({ dots: 0, segments: module.split("."), names: [] })),
  );
  const from = [...joined.matchAll(/^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|.+)$/gm)].map(
    ([, dots = "", module = "", names = ""]) => ({
      dots: dots.length,
      segments: module.split(".").filter(Boolean),
      names: listNames(names.replaceAll(/[()]/g, "")),
    }),
  );
  return [...plain, ...from];
}

function listNames(list: string): string[] {
  return list.split(/[,;]/).flatMap((item) => /^\s*([\w.]+)/.exec(item)?.slice(1) ?? []);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
