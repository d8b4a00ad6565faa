/**
 * Trainers: the programs that train.
 * @module
 */
import { readOptions } from "./options.ts";
import type { TrainingJobSpec } from "./spec.ts";

/** A program that trains. */
export type Trainer = TrainingJobSpec["trainer"];

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
export function python(file: string, options: PythonOptions): Trainer {
  return { kind: "python", file, ...readOptions(options) };
}
