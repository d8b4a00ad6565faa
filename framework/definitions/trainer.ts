/**
 * Trainers: the programs that train.
 * @module
 */
import { readOptions } from "./options.ts";
import type { TrainingJobSpec } from "./spec.ts";

/** A program that trains. */
export type Trainer = TrainingJobSpec["trainer"];

/** A trainer whose files are known: not one that is an image. */
export type FileTrainer = Exclude<Trainer, { readonly kind: "container" }>;

/** What a Python program runs with. */
export interface PythonOptions {
  /**
   * The hash-locked requirements of the trainer's environment, relative to the project file and within its folder.
   * @example "requirements.lock"
   */
  readonly lock: string;
}

/**
 * A Python program that trains. The modules it imports beside it belong to it. It stands in `trainer` of a training job.
 *
 * @param file relative to the project file and within its folder
 * @example
 * python("train.py", { lock: "requirements.lock" })
 */
export function python(file: string, options: PythonOptions): Extract<Trainer, { readonly kind: "python" }> {
  return { kind: "python", file, ...readOptions(options) };
}

/** What a TypeScript program runs with. */
export interface TypeScriptOptions {
  /**
   * The lock of npm that has the packages which the trainer imports, relative to the project file and within its folder. It
   * belongs to the trainer: when it changes, the job is trained again. A lock in a folder of its own changes for the trainer alone.
   * @default "package-lock.json"
   * @example "training/package-lock.json"
   */
  readonly lock?: string;
}

/**
 * A TypeScript program that trains, run by Node. The files that it imports beside it belong to it; packages come from its lock. It
 * finds its job with `import { job } from "steward/job"`, and stands in `trainer` of a training job.
 *
 * @param file relative to the project file and within its folder
 * @example
 * typescript("train.ts")
 */
export function typescript(file: string, options: TypeScriptOptions = {}): Trainer {
  return { kind: "typescript", file, lock: "package-lock.json", ...readOptions(options) };
}

/** What a container runs. */
export interface ContainerOptions {
  /**
   * The image with its digest, so that the same bytes run every time.
   * @example "registry.example/late-training@sha256:…"
   */
  readonly image: string;
  /**
   * The program with its arguments. It finds its job in the file that `STEWARD_JOB` names.
   * @example ["Rscript", "train.R"]
   */
  readonly command: readonly [string, ...string[]];
}

/**
 * A program in a container that trains. The platform `local` runs no containers and says so in its plan. It stands in `trainer` of a
 * training job.
 *
 * @example
 * container({ image: "registry.example/late-training@sha256:…", command: ["Rscript", "train.R"] })
 */
export function container(options: ContainerOptions): Trainer {
  return { kind: "container", ...readOptions(options) };
}
