/**
 * What a project's definitions refer to on this machine: the sources and programs of its datasets, its trainers, and GPUs.
 * @module
 */
import { fingerprintSource } from "../data/fingerprint.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { requireInputs } from "../definitions/source-inputs.ts";
import { describeSource, isLocal, locateSource } from "../definitions/source-location.ts";
import type { ProjectSpec } from "../definitions/spec.ts";
import type { Trainer } from "../definitions/trainer.ts";
import type { Digest } from "../plan/digest.ts";
import { findShortage, type GpuDevice, listGpus } from "./gpu-devices.ts";
import type { TrainerClosure } from "./run.ts";
import { describePrograms, describeTrainer } from "./trainer-closure.ts";

/** Where a source is. */
interface LocatedSource {
  /** The absolute path of its file, or the pattern of its files; of a source elsewhere, what people are told of it. */
  readonly location: string;
  /** The digest of its bytes, or of its files' names and digests; "" of a source that a worker looks at. */
  readonly fingerprint: Digest | "";
  /** The programs of a derived dataset's steps, in their order. @default it has none */
  readonly programs?: readonly TrainerClosure[];
}

export interface ProjectFiles {
  /** By the dataset's name. */
  readonly sources: Readonly<Record<string, LocatedSource>>;
  /** By the training job's name. */
  readonly trainers: Readonly<Record<string, TrainerClosure>>;
  /** The GPUs of this machine. @default no training job asks for one, or jobs run on a cluster */
  readonly gpus?: readonly GpuDevice[];
}

/** What of a project is looked at. */
export interface SurveyedProject extends Pick<ProjectSpec, "definitions"> {
  /** Whether its training jobs run on a cluster, whose GPUs are not this machine's to count. @default false */
  readonly hasCluster?: boolean;
}

/** How many sources are read at once. */
const readers = 8;

/**
 * Finds the files of a project's definitions.
 *
 * @param folder the absolute path of the project file's folder
 * @param inputs what the project's `input(name)` stand for; nothing for one that is secret, and not to be read here
 * @throws StewardError with every source, program, trainer and GPU that is not there, each with its definition
 */
export async function findProjectFiles(
  { definitions, hasCluster = false }: SurveyedProject,
  folder: string,
  inputs: Readonly<Record<string, string | undefined>>,
): Promise<ProjectFiles> {
  const problems: Problem[] = [];
  const sources: Record<string, LocatedSource> = {};
  const datasets = definitions.filter((spec) => spec.kind === "dataset").values();
  const readSources = async (): Promise<void> => {
    for (const { name, source } of datasets) {
      try {
        if (!isLocal(source)) {
          requireInputs(source, inputs);
          const programs = describePrograms(folder, { source });
          const found = { location: describeSource(source), fingerprint: "" } as const;
          sources[name] = programs.length > 0 ? { ...found, programs } : found;
          continue;
        }
        const location = locateSource(folder, source, inputs);
        sources[name] = { location, fingerprint: await fingerprintSource(location) };
      } catch (error) {
        problems.push(...locateProblems(name, error));
      }
    }
  };
  // They share one iterator: whoever is free takes the next dataset.
  await Promise.all(Array.from({ length: readers }, readSources));
  const trainers = describeTrainers(definitions, folder, problems);
  const gpus = hasCluster ? undefined : await findGpus(definitions, problems);
  if (problems.length > 0) throw new StewardError(problems);
  return { sources, trainers, ...(gpus && { gpus }) };
}

/** The GPUs of this machine, which is asked for them where a training job needs one, and never otherwise. */
async function findGpus(
  definitions: ProjectSpec["definitions"],
  problems: Problem[],
): Promise<readonly GpuDevice[] | undefined> {
  const wishes = definitions.flatMap((spec) =>
    spec.kind === "training-job" && spec.resources.gpu ? [{ name: spec.name, gpu: spec.resources.gpu }] : [],
  );
  const [first] = wishes;
  if (!first) return undefined;
  try {
    const devices = await listGpus();
    problems.push(...wishes.flatMap(({ name, gpu }) => findShortage(name, gpu, devices) ?? []));
    return devices;
  } catch (error) {
    problems.push(...locateProblems(`${first.name}.resources.gpu`, error));
    return undefined;
  }
}

function describeTrainers(
  definitions: ProjectSpec["definitions"],
  folder: string,
  problems: Problem[],
): Record<string, TrainerClosure> {
  const trainers: Record<string, TrainerClosure> = {};
  // Many jobs, few trainers: each is read once.
  const described = new Map<string, TrainerClosure>();
  const describe = (trainer: Trainer): TrainerClosure => {
    const key = JSON.stringify(trainer);
    const closure = described.get(key) ?? describeTrainer(folder, trainer);
    described.set(key, closure);
    return closure;
  };
  for (const spec of definitions) {
    if (spec.kind !== "training-job") continue;
    try {
      trainers[spec.name] = describe(spec.trainer);
    } catch (error) {
      problems.push(...locateProblems(spec.name, error));
    }
  }
  return trainers;
}

/** The problems of an error, as those of a definition. */
function locateProblems(name: string, error: unknown): Problem[] {
  if (!(error instanceof StewardError)) throw error;
  return error.problems.map((problem) => ({ ...problem, at: problem.at ? `${name}.${problem.at}` : name }));
}
