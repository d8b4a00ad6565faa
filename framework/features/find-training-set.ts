/**
 * Finding a training set by what it depends on.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import { artefactNames, readArtefact } from "../store/artefacts.ts";
import { readOrLose, sayLoss } from "../store/loss.ts";
import type { Store } from "../store/store.ts";
import { trainingSetSchema } from "./training-set.ts";

export interface FoundTrainingSet {
  /** Of the training set, when it is whole with its splits. @default it was not built, or is lost */
  readonly digest?: Digest;
  /** What of it is lost. @default it is whole, or was never built */
  readonly lost?: string;
}

/** Finds the training set of an identity. There may be many rows, whose bytes are checked by whoever reads them. */
export async function findTrainingSet(store: Store, identity: Digest): Promise<FoundTrainingSet> {
  const digest = await readArtefact(store, artefactNames.trainingSet(identity));
  if (digest === undefined) return {};
  const found = await readOrLose(store, digest, trainingSetSchema);
  if ("state" in found) return { lost: sayLoss("the training set", found.state) };
  for (const [split, { object }] of Object.entries(found.document.splits)) {
    const state = await store.check(object, { bytes: false });
    if (state !== "whole") return { lost: sayLoss(`the ${split} part of the training set`, state) };
  }
  return { digest };
}
