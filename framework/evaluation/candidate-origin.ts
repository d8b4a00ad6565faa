/**
 * What a candidate's features were made from: the specs of its training job, its feature sets and its datasets, and the versions.
 * @module
 */
import { mapValues } from "../data/concurrency.ts";
import { type DatasetVersion, datasetVersionSchema } from "../data/dataset-version.ts";
import {
  datasetSpec,
  type FeaturesSpec,
  featuresSpec,
  type TrainingJobSpec,
  trainingJobSpec,
} from "../definitions/spec.ts";
import type { DesiredModel } from "../engine/desired.ts";
import type { ServingSpecs } from "../features/online/serving-plan.ts";
import type { Digest } from "../plan/digest.ts";
import type { Store } from "../store/store.ts";

export interface CandidateOrigin {
  readonly specs: ServingSpecs;
  /** The version of each dataset, by name. */
  readonly datasets: Readonly<Record<string, { readonly version: DatasetVersion; readonly root: Digest }>>;
}

/** Reads what a model was made from. Specs are small; the versions are manifests, not rows. */
export async function readOrigin(store: Pick<Store, "getJson">, desired: DesiredModel): Promise<CandidateOrigin> {
  const [training, features, datasets] = await Promise.all([
    store.getJson(desired.training, trainingJobSpec),
    mapValues(desired.features, (reference) => store.getJson(reference, featuresSpec)),
    mapValues(desired.datasets, async ({ spec, root }) => ({
      spec: await store.getJson(spec, datasetSpec),
      version: await store.getJson(root, datasetVersionSchema),
      root,
    })),
  ]);
  const specs = Object.entries(datasets).map(([name, { spec }]) => [name, spec] as const);
  return { specs: { training, features, datasets: Object.fromEntries(specs) }, datasets };
}

/** The root of the version whose rows are the examples: that of the dataset of the job's first feature set. */
export function findExampleRoot(
  {
    training,
    features,
  }: {
    readonly training: Pick<TrainingJobSpec, "features">;
    readonly features: Readonly<Record<string, FeaturesSpec>>;
  },
  { datasets }: Pick<DesiredModel, "datasets">,
): Digest {
  const dataset = features[training.features[0]?.set ?? ""]?.from ?? "";
  return datasets[dataset]?.root ?? "";
}
