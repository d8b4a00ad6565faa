/**
 * The work of a training: the run, then the package made of it.
 * @module
 */
import { packageModel } from "../../framework/models/package-model.ts";
import { packageIdentity } from "../../framework/plan/identity.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import type { ActivityTools } from "../activity-tools.ts";
import { openTrainingSet } from "../materialise/activities.ts";
import type { TrainInput } from "../model/messages.ts";
import { readRecipe } from "../model/recipe.ts";
import { findOrTrain, formatReport } from "./job-run.ts";
import { leaveJobRun } from "./track-job.ts";

export type TrainActivities = ReturnType<typeof createTrainActivities>;

export function createTrainActivities(tools: ActivityTools) {
  const { store, perform, performLong, tracking } = tools;
  return {
    /** Trains unless the run is there already, and makes the package. A second attempt finds what the first one left. */
    trainModel: ({ identity, desired, run: runIdentity }: TrainInput): Promise<void> =>
      performLong("train", async ({ signal, workFolder, show }) => {
        const { model, training } = await readRecipe(store, desired);
        const opened = await openTrainingSet(store, identity);
        const { run } = await findOrTrain(tools, {
          training,
          params: training.params,
          desired,
          identity: runIdentity,
          opened,
          workFolder,
          signal,
          show,
          onReport: (report) => show(formatReport(report)),
        });
        const packaged = await packageModel({
          model: model.name,
          run,
          trainingSet: opened.trainingSet,
          trainingSetDigest: opened.digest,
          store,
        });
        await nameArtefact(
          store,
          artefactNames.package(packageIdentity(model, runIdentity)),
          packaged.reference.sha256,
        );
      }),

    /** Ends what is still open of a training that does not go on, where it is tracked. */
    leaveTraining: ({ desired, run: identity }: TrainInput): Promise<void> =>
      perform(async () => {
        if (!tracking) return;
        const { training } = await readRecipe(store, desired);
        await leaveJobRun(tracking, { experiment: training.name, identity });
      }),
  };
}
