/**
 * The work of an evaluation.
 * @module
 */
import { Context } from "@temporalio/activity";
import { findExampleRoot, readOrigin } from "../../framework/evaluation/candidate-origin.ts";
import { evaluate } from "../../framework/evaluation/evaluate.ts";
import { identifyTestRows, recordTestRead } from "../../framework/evaluation/test-reads.ts";
import { modelPackageSchema } from "../../framework/models/model-package.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import type { ActivityTools } from "../activity-tools.ts";
import { openTrainingSet } from "../materialise/activities.ts";
import type { EvaluateInput } from "../model/messages.ts";
import { readRecipe } from "../model/recipe.ts";

export type EvaluateActivities = ReturnType<typeof createEvaluateActivities>;

export function createEvaluateActivities({ store, performLong }: ActivityTools) {
  const open = async (packageDigest: string, trainingSet: string) => {
    const set = await openTrainingSet(store, trainingSet);
    return {
      package: await store.getJson(packageDigest, modelPackageSchema),
      packageDigest,
      trainingSet: set.trainingSet,
      trainingSetDigest: set.digest,
    };
  };
  return {
    evaluateCandidate: (input: EvaluateInput): Promise<void> =>
      performLong("evaluate", async ({ signal, show, workFolder }) => {
        const recipe = await readRecipe(store, input.desired);
        const candidate = await open(input.package, input.trainingSet);
        const production = input.production
          ? { production: await open(input.production.package, input.production.trainingSet) }
          : {};
        const testRows = identifyTestRows(candidate.trainingSet, findExampleRoot(recipe, input.desired));
        await recordTestRead(store, testRows, { package: input.package, by: nameAttempt() });
        const { reference } = await evaluate({
          model: recipe.model,
          ...candidate,
          ...production,
          store,
          served: { objects: store, origin: await readOrigin(store, input.desired), workFolder },
          signal,
          onProgress: show,
        });
        await nameArtefact(store, artefactNames.evaluation(input.identity), reference.sha256);
      }),
  };
}

/** What no other attempt is called. */
function nameAttempt(): string {
  const { workflowExecution, activityId, attempt } = Context.current().info;
  return `${workflowExecution?.runId ?? activityId}/${activityId}/${attempt}`;
}
