/**
 * What a project's definitions refer to on this machine, as its components take it.
 * @module
 */
import type { ProjectArgs } from "../components/project.ts";
import type { ProjectSpec } from "../framework/definitions/spec.ts";
import { findProjectFiles } from "../framework/training/project-files.ts";

/**
 * Finds each dataset's source and the files of each training job's trainer.
 *
 * @param folder the absolute path of the project file's folder
 * @param inputs what the project's `input(name)` stand for
 * @throws StewardError with every source and trainer that is not there, each with its definition
 */
export async function gatherFiles(
  project: ProjectSpec,
  folder: string,
  inputs: Readonly<Record<string, string>>,
): Promise<Pick<ProjectArgs, "sources" | "trainers">> {
  const { sources, trainers } = await findProjectFiles(project, folder, inputs);
  const listed = Object.entries(trainers).map(([name, { entry, lock, files }]) => {
    const flat = files.map(({ path, object }) => ({ path, ...object }));
    return [name, { folder, entry, lock, files: flat }] as const;
  });
  return { sources, trainers: Object.fromEntries(listed) };
}
