/**
 * What a project's definitions refer to on this machine, as its components take it.
 * @module
 */
import type { ProjectArgs } from "../components/project.ts";
import type { TrainerFiles } from "../components/resources.ts";
import { listInputs } from "../framework/definitions/source-inputs.ts";
import type { ProjectSpec } from "../framework/definitions/spec.ts";
import { findProjectFiles, type SurveyedProject } from "../framework/training/project-files.ts";
import type { TrainerClosure } from "../framework/training/run.ts";

/**
 * Finds each dataset's source, the files of its programs, and the files of each training job's trainer.
 *
 * @param folder the absolute path of the project file's folder
 * @param inputs what the project's `input(name)` stand for
 * @throws StewardError with every source, program and trainer that is not there, each with its definition
 */
export async function gatherFiles(
  project: ProjectSpec & Pick<SurveyedProject, "hasCluster">,
  folder: string,
  inputs: Readonly<Record<string, string>>,
): Promise<Pick<ProjectArgs, "sources" | "trainers">> {
  const { sources, trainers } = await findProjectFiles(project, folder, inputs);
  const listFiles = ({ kind, entry, lock, files, script }: TrainerClosure): TrainerFiles => {
    return {
      ...(kind !== "python" && { kind }),
      folder,
      entry,
      lock,
      files: files.map(({ path, object }) => ({ path, ...object })),
      ...(script && { script }),
    };
  };
  const located = Object.entries(sources).map(([name, { programs, ...source }]) => {
    return [name, programs ? { ...source, programs: programs.map(listFiles) } : source] as const;
  });
  const listed = Object.entries(trainers).map(([name, closure]) => [name, listFiles(closure)] as const);
  return { sources: Object.fromEntries(located), trainers: Object.fromEntries(listed) };
}

/** The inputs that a worker needs to reach the sources of a project: of what the stack supplies no more than that. Pure. */
export function chooseInputs(
  definitions: ProjectSpec["definitions"],
  inputs: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const needed = new Set(definitions.flatMap((spec) => (spec.kind === "dataset" ? listInputs(spec.source) : [])));
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => needed.has(name)));
}
