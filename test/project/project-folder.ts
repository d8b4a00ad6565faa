/**
 * A folder with project files of a test's own, and what is wrong with one of them.
 * @module
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { type Problem, StewardError } from "../../framework/definitions/problem.ts";
import { type LoadedProject, loadProject, type ProjectRequest } from "../../framework/project/load-project.ts";

const language = resolve("framework/index.ts");

/** The line with which a project file begins; `make` gives a small project, with changes of its dataset. */
export const head = `import { make } from "./base.ts";
`;

const base = `import { z } from "zod";
import { csv, dataset, project } from ${JSON.stringify(language)};
export const make = (changes: object = {}) => {
  const rows = dataset("rows", { owner: "ops", schema: z.object({ at: z.date() }), eventTime: "at", source: csv("rows.csv"), ...changes });
  return project("shop", { definitions: [rows] });
};
`;

export class ProjectFolder implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "steward-project-")));

  constructor(files: Readonly<Record<string, string>> = {}) {
    symlinkSync(resolve("node_modules"), join(this.folder, "node_modules"));
    this.write({ "base.ts": base, ...files });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), text);
    }
  }

  load(name: string, more: Partial<ProjectRequest> = {}): Promise<LoadedProject> {
    return loadProject({ file: this.path(name), environment: "local", root: this.folder, ...more });
  }

  /** What is wrong with a project file; the files of its places are relative to the folder. */
  async findProblems(name: string, more: Partial<ProjectRequest> = {}): Promise<readonly Problem[]> {
    try {
      await this.load(name, more);
      return [];
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      return error.problems.map((problem) =>
        problem.file === undefined ? problem : { ...problem, file: relative(this.folder, resolve(problem.file)) },
      );
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
