/**
 * Finding a training set by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { trainingSetSchema } from "./training-set.ts";

/** Finds the digest of the training set of an identity. @returns nothing when there is none, or a split is not in the store */
export async function findTrainingSet(store: Store, identity: Digest): Promise<Digest | undefined> {
  const digest = await readArtefact(store, artefactNames.trainingSet(identity));
  if (!digest || !(await store.has(digest))) return undefined;
  const { splits } = await store.getJson(digest, trainingSetSchema);
  const present = await Promise.all(Object.values(splits).map(({ object }) => store.has(object.sha256)));
  return present.includes(false) ? undefined : digest;
}
