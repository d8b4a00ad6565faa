/**
 * A recipe: everything a candidate is made from, read from the store by the references that its model's entity holds.
 * @module
 */
import { mapValues } from "../../framework/data/concurrency.ts";
import { type DatasetVersion, datasetVersionSchema } from "../../framework/data/dataset-version.ts";
import {
  type DatasetSpec,
  datasetSpec,
  type FeaturesSpec,
  featuresSpec,
  type ModelSpec,
  modelSpec,
  type TrainingJobSpec,
  trainingJobSpec,
} from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { Store } from "../../framework/store/store.ts";

export interface Recipe {
  readonly model: ModelSpec;
  readonly training: TrainingJobSpec;
  /** By the set's name. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  /** By the dataset's name. */
  readonly datasets: Readonly<Record<string, { readonly spec: DatasetSpec; readonly version: DatasetVersion }>>;
}

/** Reads a recipe. Specs are small; the versions are manifests, not rows. */
export async function readRecipe(store: Store, desired: DesiredModel): Promise<Recipe> {
  const [model, training, features, datasets] = await Promise.all([
    store.getJson(desired.spec, modelSpec),
    store.getJson(desired.training, trainingJobSpec),
    readFeatures(store, desired),
    mapValues(desired.datasets, async ({ spec, root }) => ({
      spec: await store.getJson(spec, datasetSpec),
      version: await store.getJson(root, datasetVersionSchema),
    })),
  ]);
  return { model, training, features, datasets };
}

/** The feature sets of a recipe, by name. */
export function readFeatures(store: Store, { features }: DesiredModel): Promise<Record<string, FeaturesSpec>> {
  return mapValues(features, (reference) => store.getJson(reference, featuresSpec));
}
