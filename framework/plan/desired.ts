/**
 * Desires: what an entity is told to become, in references. Equal digests ask for the same thing.
 * @module
 */
import type { DatasetSpec, DefinitionSpec, FeaturesSpec, ModelSpec, TrainingJobSpec } from "../definitions/spec.ts";
import type { DesiredDataset, DesiredModel } from "../engine/desired.ts";
import type { Reference } from "../store/reference.ts";
import { toCanonicalJson } from "./canonical.ts";
import { type Digest, digestBytes } from "./digest.ts";

/** The reference under which the store keeps a JSON value. */
export function referTo(value: unknown): Reference {
  const text = toCanonicalJson(value);
  return { sha256: digestBytes(text), size: Buffer.byteLength(text) };
}

/** What a dataset's entity is told. */
export function desireDataset(
  spec: DatasetSpec,
  {
    location,
    fingerprint,
    upstream,
    programs = [],
  }: Pick<DesiredDataset, "location" | "fingerprint"> & {
    /** The root of the version of each dataset that it is derived from, by name. */
    readonly upstream: DesiredDataset["upstream"] | undefined;
    /** The stored closures of its steps' programs. @default it has none */
    readonly programs?: DesiredDataset["programs"] | undefined;
  },
): DesiredDataset {
  return {
    kind: "dataset",
    spec: referTo(spec),
    location,
    fingerprint,
    ...(spec.schedule && { every: spec.schedule.every }),
    ...(upstream && { upstream }),
    ...(programs.length > 0 && { programs }),
  };
}

export interface ModelParts {
  readonly training: TrainingJobSpec;
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  /** Every definition of the project, by `kind/name`. */
  readonly specs: ReadonlyMap<string, DefinitionSpec>;
  /** The root of each dataset's version, by the dataset's name. */
  readonly roots: Readonly<Record<string, Digest>>;
  /** The trainer's closure. @default it could not be read */
  readonly trainer: Reference | undefined;
}

/** What a model's entity is told. */
export function desireModel(model: ModelSpec, { training, features, specs, roots, trainer }: ModelParts): DesiredModel {
  const datasets = Object.entries(roots).map(
    ([name, root]) => [name, { spec: referTo(specs.get(`dataset/${name}`) ?? null), root }] as const,
  );
  return {
    kind: "model",
    spec: referTo(model),
    training: referTo(training),
    trainer: trainer ?? { sha256: "", size: 0 },
    features: Object.fromEntries(Object.entries(features).map(([set, spec]) => [set, referTo(spec)])),
    datasets: Object.fromEntries(datasets),
  };
}
