/**
 * The work of a training: the run, then the package made of it.
 * @module
 */
import { packageModel } from "../../framework/models/package-model.ts";
import { packageIdentity } from "../../framework/plan/identity.ts";
import { artefactNames, nameArtefact, readArtefact } from "../../framework/store/artefacts.ts";
import { type JobReport, runSchema, trainerClosureSchema } from "../../framework/training/run.ts";
import { train } from "../../framework/training/train.ts";
import type { ActivityTools } from "../activity-tools.ts";
import { openTrainingSet } from "../materialise/activities.ts";
import type { TrainInput } from "../model/messages.ts";
import { readRecipe } from "../model/recipe.ts";

export type TrainActivities = ReturnType<typeof createTrainActivities>;

export function createTrainActivities({ store, performLong }: ActivityTools) {
  return {
    /** Trains unless the run is there already, and makes the package. A second attempt finds what the first one left. */
    trainModel: ({ identity, desired, run: runIdentity }: TrainInput): Promise<void> =>
      performLong("train", async ({ signal, workFolder, show }) => {
        const { model, training } = await readRecipe(store, desired);
        const { digest: trainingSetDigest, trainingSet } = await openTrainingSet(store, identity);
        const known = await readArtefact(store, artefactNames.run(runIdentity));
        const kept = known && (await store.has(known)) ? await store.getJson(known, runSchema) : undefined;
        let run = kept && (await store.has(kept.onnx.sha256)) ? kept : undefined;
        if (!run) {
          const trainer = await store.getJson(desired.trainer, trainerClosureSchema);
          const { params, seed, resources } = training;
          const { name } = training;
          const job = {
            name,
            identity: runIdentity,
            trainingSet,
            trainingSetDigest,
            trainer,
            trainerReference: desired.trainer,
            params,
            seed,
            resources,
          };
          const trained = await train({
            job,
            store,
            workFolder,
            signal,
            onReport: (report) => show(formatReport(report)),
            onProgress: show,
          });
          await nameArtefact(store, artefactNames.run(runIdentity), trained.reference.sha256);
          run = trained.run;
        }
        const packaged = await packageModel({ model: model.name, run, trainingSet, trainingSetDigest, store });
        await nameArtefact(
          store,
          artefactNames.package(packageIdentity(model, runIdentity)),
          packaged.reference.sha256,
        );
      }),
  };
}

/** `"step 120 of 200, auc 0.712"`. */
function formatReport({ step, of, metrics }: JobReport): string {
  const measured = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  return [of === undefined ? `step ${step}` : `step ${step} of ${of}`, ...measured].join(", ");
}
