/**
 * The subject of a scoring: all that a request refers to, read from the store, and what follows from it.
 * @module
 */
import { mapValues } from "../data/concurrency.ts";
import { type DatasetVersion, datasetVersionSchema } from "../data/dataset-version.ts";
import {
  type ColumnSpec,
  type DatasetSpec,
  datasetSpec,
  type FeaturesSpec,
  featuresSpec,
  type TrainingJobSpec,
  trainingJobSpec,
} from "../definitions/spec.ts";
import { type ModelPackage, modelPackageSchema } from "../models/model-package.ts";
import { type Digest, digestOf } from "../plan/digest.ts";
import type { Store } from "../store/store.ts";
import { chooseKept } from "./scored-columns.ts";
import type { ScoreRequest } from "./scoring.ts";
import { chooseWay, type ScoringWay } from "./scoring-way.ts";

/** A dataset as it is read: its spec has the columns of the version. */
export interface ReadDataset {
  readonly spec: DatasetSpec;
  readonly version: DatasetVersion;
}

export interface ScoringSubject {
  readonly package: ModelPackage;
  readonly dataset: ReadDataset;
  /** By name: the dataset that is scored, and those that are joined. */
  readonly datasets: Readonly<Record<string, ReadDataset>>;
  readonly training: TrainingJobSpec;
  /** By the set's name. Those of the dataset that the model was trained on are those of the one that is scored. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  readonly way: ScoringWay;
  /** What is kept of the dataset. */
  readonly kept: readonly ColumnSpec[];
}

/** Reads the subject. @throws StewardError where the dataset cannot be scored so */
export async function readSubject(
  store: Pick<Store, "getJson">,
  request: Omit<ScoreRequest, "identity" | "actor">,
): Promise<ScoringSubject> {
  const [modelPackage, training, sets, datasets] = await Promise.all([
    store.getJson(request.package, modelPackageSchema),
    store.getJson(request.training, trainingJobSpec),
    mapValues(request.features, (reference) => store.getJson(reference, featuresSpec)),
    mapValues(request.datasets, async ({ spec, root }) => {
      const [defined, version] = [
        await store.getJson(spec, datasetSpec),
        await store.getJson(root, datasetVersionSchema),
      ];
      const { columns, eventTime, key } = version;
      return { spec: { ...defined, columns, eventTime, key }, version };
    }),
  ]);
  const dataset = datasets[request.dataset];
  if (!dataset) throw new TypeError(`a request came without its dataset "${request.dataset}"`);
  const way = chooseWay({ model: modelPackage, dataset: dataset.spec, training, features: sets });
  return {
    package: modelPackage,
    dataset,
    datasets,
    training,
    features: placeDataset(sets, { training, way, dataset: request.dataset }),
    way,
    kept: chooseKept(dataset.spec, request.columns, modelPackage),
  };
}

/** The feature sets with a dataset in the place of that which the model was trained on, where they are computed from its own rows. */
function placeDataset(
  sets: Readonly<Record<string, FeaturesSpec>>,
  {
    training,
    way,
    dataset,
  }: { readonly training: TrainingJobSpec; readonly way: ScoringWay; readonly dataset: string },
): Readonly<Record<string, FeaturesSpec>> {
  const own = new Set(training.features.flatMap(({ set, by }) => (Object.keys(by).length === 0 ? [set] : [])));
  return Object.fromEntries(
    Object.entries(sets).map(([name, spec]) => {
      return [name, own.has(name) && spec.from === way.inPlaceOf ? { ...spec, from: dataset } : spec];
    }),
  );
}

/** What a part depends on beside the package and its rows: how features are found, and what is kept. */
export function digestHow({ way, dataset, kept }: ScoringSubject): Digest {
  const { columns, eventTime } = dataset.spec;
  const read = columns.map(({ name, type }) => ({ name, type }));
  return digestOf({ way: way.kind, columns: read, eventTime, kept: kept.map(({ name }) => name) });
}
