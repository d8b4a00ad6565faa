/**
 * The work of building a training set.
 * @module
 */
import { join } from "node:path";
import { StewardError } from "../../framework/definitions/problem.ts";
import { buildTrainingSet } from "../../framework/features/build-training-set.ts";
import { keepTrainingSetLineage } from "../../framework/features/keep-training-set-lineage.ts";
import { type TrainingSet, trainingSetSchema } from "../../framework/features/training-set.ts";
import { artefactNames, nameArtefact, readArtefact } from "../../framework/store/artefacts.ts";
import { nameLineage } from "../../framework/store/lineage.ts";
import type { Store } from "../../framework/store/store.ts";
import { locateUserCache } from "../../framework/toolchain/cache.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { MaterialiseInput } from "../model/messages.ts";
import { readRecipe } from "../model/recipe.ts";

export type MaterialiseActivities = ReturnType<typeof createMaterialiseActivities>;

export function createMaterialiseActivities({ store, place, performLong }: ActivityTools) {
  return {
    buildSet: ({ identity, desired }: MaterialiseInput): Promise<void> =>
      performLong("materialise", async ({ signal, workFolder, showProgress }) => {
        const { training, features, datasets } = await readRecipe(store, desired);
        const built = await buildTrainingSet({
          training,
          features,
          datasets,
          identity,
          store,
          workFolder,
          indexFolder: join(locateUserCache(), "as-of"),
          signal,
          onProgress: showProgress,
        });
        // First: a training set without it counts as one of a Steward that wrote none.
        await nameLineage(store, identity, desired.datasets);
        await keepTrainingSetLineage(store, {
          job: training.name,
          identity,
          digest: built.reference.sha256,
          trainingSet: built.trainingSet,
          datasets: Object.fromEntries(Object.entries(desired.datasets).map(([name, { root }]) => [name, root])),
          at: new Date().toISOString(),
          place,
        });
        await nameArtefact(store, artefactNames.trainingSet(identity), built.reference.sha256);
      }),
  };
}

/** Reads a training set by its identity. @throws StewardError when it was never built */
export async function openTrainingSet(
  store: Store,
  identity: string,
): Promise<{ readonly digest: string; readonly trainingSet: TrainingSet }> {
  const digest = await readArtefact(store, artefactNames.trainingSet(identity));
  if (digest) return { digest, trainingSet: await store.getJson(digest, trainingSetSchema) };
  const what = `training set ${identity.slice(0, 12)} is not in the store`;
  throw new StewardError({ code: "object-missing", at: "", what, fix: "run `npx pulumi up` again" });
}
