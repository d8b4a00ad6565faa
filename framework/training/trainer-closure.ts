/**
 * The record of a program's files, of a trainer's by which one run is told from another, of a derivation's step by which one
 * version is.
 * @module
 */

import { listPrograms } from "../definitions/derivation-programs.ts";
import { formatOf } from "../definitions/format.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { Script } from "../definitions/script-arguments.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Trainer } from "../definitions/trainer.ts";
import { readTrainer, type TrainerPlace } from "../definitions/trainer-closure.ts";
import { digestBytes } from "../plan/digest.ts";
import type { TrainerClosure } from "./run.ts";

/**
 * Reads a trainer's files below `folder` and records them.
 *
 * @param place what refers to them. @default the trainer of a training job
 * @throws StewardError when a file is missing or outside, a package is not locked, or it is a container, which `local` does not run
 */
export function describeTrainer(folder: string, trainer: Trainer, place?: TrainerPlace): TrainerClosure {
  if (trainer.kind === "container") throw new StewardError(refuseContainer(trainer.image, place?.at));
  const { entry, lock, files } = readTrainer(folder, trainer, place);
  return {
    format: formatOf("trainer"),
    ...(trainer.kind === "mlflow" ? { kind: "python", script: describeScript(trainer) } : { kind: trainer.kind }),
    entry,
    lock,
    files: files.map(({ path, bytes }) => ({ path, object: { sha256: digestBytes(bytes), size: bytes.byteLength } })),
  };
}

/**
 * Reads the files of a dataset's programs and records them, in the order of their steps.
 *
 * @param folder the absolute path of the project file's folder
 * @throws StewardError with every file that is missing or outside
 */
export function describePrograms(folder: string, spec: Pick<DatasetSpec, "source">): TrainerClosure[] {
  const problems: Problem[] = [];
  const closures = listPrograms(spec).flatMap(({ at, file, lock }) => {
    try {
      return [describeTrainer(folder, { kind: "python", file, lock }, { at, noun: "the program" })];
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new StewardError(problems);
  return closures;
}

function describeScript({ args, label }: Script): NonNullable<TrainerClosure["script"]> {
  return { ...(args && { args: [...args] }), ...(label !== undefined && { label }) };
}

/** There is one platform, and it starts processes. */
function refuseContainer(image: string, at = "trainer"): Problem {
  return {
    code: "container-unsupported",
    at,
    what: "the trainer is a container, and the platform of this environment runs none",
    got: image,
    expected: "python(…), mlflowScript(…) or typescript(…) on the platform local",
  };
}
