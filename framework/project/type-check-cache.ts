/**
 * Verdicts of the type check that are kept: a project that was found clean is not checked again until a file changes on which that rests.
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

/** What has another shape is no verdict. */
const verdictSchema = z.strictObject({
  /** The nearest `tsconfig.json`; null where there is none. */
  config: z.string().nullable(),
  /** The digest of each file, by its absolute path; null of a file that was not there. */
  files: z.record(z.string(), z.string().nullable()),
});

/** What a verdict rests on. */
export interface Inputs {
  readonly files: readonly string[];
  /** When the first of them was read, in milliseconds since 1970. */
  readonly readFrom: number;
}

/** The `tsconfig.json` nearest above a file. */
export function findConfig(file: string): string | undefined {
  return listAbove(file, ["tsconfig.json"]).find((path) => existsSync(path));
}

/** What npm, pnpm and Yarn write anew whenever they install, also where a package keeps its version. */
const installed = [".package-lock.json", ".pnpm/lock.yaml", ".yarn-state.yml"].map((name) => `node_modules/${name}`);

/** What says to what imports lead, in each folder above a file, whether it is there yet or not. */
export function listManifests(file: string): readonly string[] {
  return listAbove(file, ["package.json", ...installed]);
}

/** Paths in each folder above a file, the nearest first. */
function listAbove(file: string, names: readonly string[]): readonly string[] {
  const folder = dirname(file);
  return folder === file ? [] : [...names.map((name) => join(folder, name)), ...listAbove(folder, names)];
}

/** Whether a project file was found clean, and nothing has changed since. */
export function isKnownClean(file: string, root: string): boolean {
  const verdict = readVerdict(locate(file, root));
  if (verdict === undefined || verdict.config !== (findConfig(file) ?? null)) return false;
  return Object.entries(verdict.files).every(([path, digest]) => digestFile(path) === digest);
}

/** Keeps the verdict that a project file is clean. Where it cannot be written, the next check takes its time again. */
export function keepVerdict(file: string, root: string, inputs: Inputs): void {
  // What was written since may not be what was checked.
  if (inputs.files.some((path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= inputs.readFrom)) return;
  const verdict: z.input<typeof verdictSchema> = {
    config: findConfig(file) ?? null,
    files: Object.fromEntries(inputs.files.map((path) => [path, digestFile(path)])),
  };
  const path = locate(file, root);
  // Two processes may check at once.
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, JSON.stringify(verdict));
    renameSync(draft, path);
  } catch {
    // A checkout may be there to be read alone, or its disk be full: that is no fault of the project.
  }
}

function readVerdict(path: string): z.output<typeof verdictSchema> | undefined {
  try {
    return verdictSchema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function locate(file: string, root: string): string {
  return join(root, ".steward", "type-check", `${digest(file)}.json`);
}

function digestFile(path: string): string | null {
  try {
    return digest(readFileSync(path));
  } catch {
    return null;
  }
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
