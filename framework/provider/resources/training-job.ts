/**
 * `steward:index:TrainingJob`: how a model is trained, kept in the store together with the files of its trainer.
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { StewardError } from "../../definitions/problem.ts";
import { trainingJobSpec } from "../../definitions/spec.ts";
import { referTo } from "../../plan/desired.ts";
import type { TrainerClosure } from "../../training/run.ts";
import type { ProviderStore } from "../backend.ts";
import { createStoredResource, storedInputs } from "./stored.ts";

const inputsSchema = z.strictObject({
  ...storedInputs,
  spec: trainingJobSpec,
  trainer: z.strictObject({
    /** Where the files are while they are uploaded. */
    folder: z.string(),
    /** Relative paths of the program and of its hash-locked requirements. */
    entry: z.string(),
    lock: z.string(),
    files: z.array(z.strictObject({ path: z.string(), sha256: z.string(), size: z.int() })).min(1),
  }),
});

type Inputs = z.output<typeof inputsSchema>;

export const trainingJobResource = createStoredResource({
  token: "steward:index:TrainingJob",
  schema: inputsSchema,
  plan: ({ trainer }) => ({ closure: { ...referTo(closeTrainer(trainer)) } }),
  upload: uploadTrainer,
});

/** The record of a trainer's files, by which a run is told from another. */
export function closeTrainer({ entry, lock, files }: Inputs["trainer"]): TrainerClosure {
  return {
    format: formatOf("trainer"),
    kind: "python",
    entry,
    lock,
    files: files.map(({ path, sha256, size }) => ({ path, object: { sha256, size } })),
  };
}

async function uploadTrainer({ spec, trainer }: Inputs, store: ProviderStore): Promise<void> {
  for (const { path, sha256 } of trainer.files) {
    const stored = await store.putFile(join(trainer.folder, path));
    if (stored.sha256 !== sha256) {
      throw new StewardError({
        code: "trainer-changed",
        at: `${spec.name}.trainer`,
        what: `the trainer's file "${path}" changed while it was being deployed`,
        fix: "run npx pulumi up again",
      });
    }
  }
  await store.putJson(closeTrainer(trainer));
}
