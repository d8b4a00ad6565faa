/**
 * The project file: the module whose default export is a team's project.
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type Problem, StewardError } from "./problem.ts";
import type { Project } from "./project.ts";

export interface LoadedProject {
  readonly project: Project;
  /** The absolute path of the folder that sources and trainers are relative to. */
  readonly folder: string;
  /** The absolute path of the project file. */
  readonly file: string;
}

/**
 * Evaluates a project file, given by its absolute path. Node evaluates a module once per process: a changed file is seen
 * by the next one.
 *
 * @throws StewardError when the file is missing, fails or exports no project
 */
export async function loadProject(file: string): Promise<LoadedProject> {
  if (!isAbsolute(file)) throw refuse(file, "the path of the project file is not absolute");
  if (!existsSync(file)) throw refuse(file, "the project file does not exist", { fix: "write one, or name another" });
  const project = await evaluate(file);
  if (isProject(project)) return { project, folder: dirname(file), file };
  throw refuse(file, "the default export of the project file is no project", {
    got: project === undefined ? "no default export" : typeof project,
    fix: "write export default project(…)",
  });
}

async function evaluate(file: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href);
    return module.default;
  } catch (error) {
    const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new StewardError(problemOf(file, "the project file cannot be evaluated", { got }), { cause: error });
  }
}

function isProject(value: unknown): value is Project {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "project" &&
    "definitions" in value &&
    Array.isArray(value.definitions)
  );
}

function refuse(file: string, what: string, more: Partial<Problem> = {}): StewardError {
  return new StewardError(problemOf(file, what, more));
}

function problemOf(file: string, what: string, more: Partial<Problem>): Problem {
  return { code: "project-file-invalid", at: "", what, ...more, file: relative(process.cwd(), file) };
}
