/**
 * Trainers: the programs that train.
 * @module
 */
import type { TrainingJobSpec } from "./spec.ts";

export type Trainer = TrainingJobSpec["trainer"];

export interface PythonOptions {
  /** The hash-locked requirements of the trainer's environment, relative to the project file and within its folder. */
  readonly lock: string;
}

/**
 * A Python program, relative to the project file and within its folder. The modules it imports beside it belong to it.
 *
 * @example
 * python("train.py", { lock: "requirements.lock" })
 */
export function python(file: string, { lock }: PythonOptions): Trainer {
  return { kind: "python", file, lock };
}
