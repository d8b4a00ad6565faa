/**
 * The project file: the module whose default export is a team's project. It is checked as TypeScript checks it, and evaluated at
 * arm's length: what does not compile is not deployed, and what is deployed is data.
 * @module
 */
import { realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative } from "node:path";
import { maskProblem } from "../definitions/inlined-secret.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { ProjectSpec } from "../definitions/spec.ts";
import { evaluateProject } from "./evaluate-project.ts";
import { fillGoldenFiles } from "./golden-files.ts";
import { checkTypes } from "./type-check.ts";

export interface ProjectRequest {
  /** The project file, absolute. */
  readonly file: string;
  readonly environment: string;
  /** The folder of `Pulumi.yaml`, absolute: below it lies `.steward`, where verdicts of the type check are kept. */
  readonly root: string;
  /** How long the evaluation may take, in milliseconds. @default 10,000 */
  readonly patience?: number;
  /** Whether files of golden rows are left unread, for whoever writes them anew. @default they are read */
  readonly leavesGoldenFiles?: boolean;
}

export interface LoadedProject {
  readonly spec: ProjectSpec;
  /** The absolute path of the folder that sources and trainers are relative to. */
  readonly folder: string;
  /** The absolute path of the project file. */
  readonly file: string;
}

/**
 * Checks the types of a project file, evaluates it in a child process and resolves it in an environment.
 *
 * @throws StewardError with all problems at once: those of the types, else those of the evaluation, else those of golden files
 */
export async function loadProject(request: ProjectRequest): Promise<LoadedProject> {
  const { file } = request;
  requireFile(file);
  // Node names files by what links stand for.
  const real = { ...request, file: realpathSync(file), root: realpathSync(request.root) };
  const abort = new AbortController();
  const evaluating = evaluateProject({ ...real, signal: abort.signal });
  // Its failure is looked at after that of the types, which it often follows from.
  evaluating.catch(() => {});
  try {
    const problems = await checkTypes(real);
    if (problems.length > 0) throw new StewardError(problems.map(maskProblem));
    const folder = dirname(file);
    const spec = await evaluating;
    return { spec: request.leavesGoldenFiles ? spec : fillGoldenFiles(spec, folder), folder, file };
  } finally {
    // No child is left behind. Where it has come to its end already, nothing is to be ended.
    abort.abort();
    await Promise.allSettled([evaluating]);
  }
}

function requireFile(file: string): void {
  if (!isAbsolute(file)) throw refuse(file, { what: "the path of the project file is not absolute" });
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw refuse(file, { what: "the project file does not exist", fix: "write one, or name another" });
  if (found.isDirectory()) {
    const fix = "name the file in it: npx pulumi config set steward:project …/project.ts";
    throw refuse(file, { what: "the project file is a folder", fix });
  }
}

function refuse(file: string, problem: Pick<Problem, "what" | "fix">): StewardError {
  return new StewardError({ code: "project-file-invalid", at: "", ...problem, file: relative(process.cwd(), file) });
}
