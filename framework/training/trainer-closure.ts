/**
 * The record of a trainer's files, by which one run is told from another.
 * @module
 */

import { formatOf } from "../definitions/format.ts";
import type { Trainer } from "../definitions/trainer.ts";
import { readTrainer } from "../definitions/trainer-closure.ts";
import { digestBytes } from "../plan/digest.ts";
import type { TrainerClosure } from "./run.ts";

/** Reads a trainer's files below `folder` and records them. @throws StewardError when a file is missing or outside */
export function describeTrainer(folder: string, trainer: Trainer): TrainerClosure {
  const { entry, lock, files } = readTrainer(folder, trainer);
  return {
    format: formatOf("trainer"),
    kind: "python",
    entry,
    lock,
    files: files.map(({ path, bytes }) => ({ path, object: { sha256: digestBytes(bytes), size: bytes.byteLength } })),
  };
}
