/**
 * The files of a program, a trainer's or that of a derived dataset's step, as resources declare them and bring them
 * into the store.
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { StewardError } from "../../definitions/problem.ts";
import { scriptSchema, type TrainerClosure } from "../../training/run.ts";
import type { ProviderStore } from "../backend.ts";

export const trainerFilesSchema = z.strictObject({
  /** @default "python" */
  kind: z.enum(["python", "typescript"]).optional(),
  /** Where the files are while they are uploaded. */
  folder: z.string(),
  /** Relative paths of the program and of its lock. */
  entry: z.string(),
  lock: z.string(),
  files: z.array(z.strictObject({ path: z.string(), sha256: z.string(), size: z.int() })).min(1),
  /** How an MLflow script is told of its job. @default it is none */
  script: scriptSchema.optional(),
});

type TrainerFiles = z.output<typeof trainerFilesSchema>;

/** The record of a program's files, by which one is told from another. */
export function closeTrainer({ kind = "python", entry, lock, files, script }: TrainerFiles): TrainerClosure {
  return {
    format: formatOf("trainer"),
    kind,
    entry,
    lock,
    files: files.map(({ path, sha256, size }) => ({ path, object: { sha256, size } })),
    ...(script && { script }),
  };
}

/**
 * Puts a program's files into the store, and their record.
 *
 * @param at what has the program, for problems: `late-training.trainer`
 * @throws StewardError `trainer-changed` when a file is not what it was when it was declared
 */
export async function uploadTrainer(trainer: TrainerFiles, store: ProviderStore, at: string): Promise<void> {
  for (const { path, sha256 } of trainer.files) {
    const stored = await store.putFile(join(trainer.folder, path));
    if (stored.sha256 !== sha256) {
      throw new StewardError({
        code: "trainer-changed",
        at,
        what: `its file "${path}" changed while it was being deployed`,
        fix: "run npx pulumi up again",
      });
    }
  }
  await store.putJson(closeTrainer(trainer));
}
