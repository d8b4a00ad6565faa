/**
 * `steward:index:TrainingJob`: how a model is trained, kept in the store together with the files of its trainer.
 * @module
 */
import { z } from "zod";
import { trainingJobSpec } from "../../definitions/spec.ts";
import { referTo } from "../../plan/desired.ts";
import { createStoredResource, storedInputs } from "./stored.ts";
import { closeTrainer, trainerFilesSchema, uploadTrainer } from "./trainer-files.ts";

const inputsSchema = z.strictObject({ ...storedInputs, spec: trainingJobSpec, trainer: trainerFilesSchema });

export const trainingJobResource = createStoredResource({
  token: "steward:index:TrainingJob",
  schema: inputsSchema,
  plan: ({ trainer }) => ({ closure: { ...referTo(closeTrainer(trainer)) } }),
  upload: ({ spec, trainer }, store) => uploadTrainer(trainer, store, `${spec.name}.trainer`),
});
