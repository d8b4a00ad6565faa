/**
 * What a release that won an experiment is as a candidate of the model whose endpoint it won on.
 * @module
 */
import { modelSpec, trainingJobSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import { modelPackageSchema } from "../../framework/models/model-package.ts";
import type { Digest } from "../../framework/plan/digest.ts";
import { candidateDigest, packageIdentity, recipeIdentity } from "../../framework/plan/identity.ts";
import { artefactNames, nameArtefact, readArtefact } from "../../framework/store/artefacts.ts";
import type { Store } from "../../framework/store/store.ts";
import type { WeighedProposal, WeighInput } from "./messages.ts";
import { readFeatures } from "./recipe.ts";

/** Weighs a proposal. Done again, it gives and writes the same. */
export async function weighProposal(
  store: Store,
  { model: name, desired, proposed, live, waiting }: WeighInput,
): Promise<WeighedProposal> {
  const model = await store.getJson(desired.spec, modelSpec);
  const { look, evaluation, run } = proposed;
  // A server answers for a model with packages of its name alone. All else, the bytes of the model too, is the same.
  const made = await store.getJson(proposed.package, modelPackageSchema);
  const { sha256: own } = await store.putJson({ ...made, model: name });
  const identity = artefactNames.package(packageIdentity(model, run));
  // A definition that takes over the winner's training finds it made already.
  if ((await readArtefact(store, identity)) === undefined) await nameArtefact(store, identity, own);
  const [won, over, now, other] = await Promise.all([
    readRecipeIdentity(store, proposed.desired),
    readRecipeIdentity(store, proposed.over),
    readRecipeIdentity(store, live),
    waiting && readRecipeIdentity(store, waiting),
  ]);
  return {
    package: own,
    candidate: candidateDigest({ package: own, evaluation, policy: model.approval, look }),
    policy: model.approval,
    recipes: { won, over, live: now, ...(other !== undefined && { waiting: other }) },
  };
}

async function readRecipeIdentity(store: Store, desired: DesiredModel): Promise<Digest> {
  const [training, features] = await Promise.all([
    store.getJson(desired.training, trainingJobSpec),
    readFeatures(store, desired),
  ]);
  return recipeIdentity(training, { features, trainer: desired.trainer.sha256 });
}
