/**
 * Identities: what a result depends on, as a digest. Same identity, same result, so that nothing is done twice; whatever
 * is not in an identity (owners, descriptions, resources) can change without work.
 * @module
 */
import type { ApprovalSpec, DatasetSpec, FeaturesSpec, ModelSpec, TrainingJobSpec } from "../definitions/spec.ts";
import { type Digest, digestOf } from "./digest.ts";

/** Of the version of a dataset that an ingest makes: what is read, and the contract it is read under. */
export function ingestIdentity(spec: DatasetSpec, fingerprint: string): Digest {
  const { columns, eventTime, key, source, contract } = spec;
  // Meaning and unit are for people: rewording them must not read the source again.
  const bare = columns.map(({ description: _d, unit: _u, ...column }) => column);
  return digestOf({ columns: bare, eventTime, key, format: source.format, contract, fingerprint });
}

/** Of what is taken of one file: as that of a version, without what is asked of the whole source alone. */
export function fileIdentity(spec: DatasetSpec, fingerprint: string): Digest {
  const { rows: _rows, freshness: _freshness, ...contract } = spec.contract;
  return ingestIdentity({ ...spec, contract }, fingerprint);
}

export interface TrainingSetParts {
  readonly training: TrainingJobSpec;
  /** By the set's name. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  /** The root of each dataset's version, by the dataset's name. */
  readonly roots: Readonly<Record<string, string>>;
}

/** Of a training set. @throws TypeError when a part that the job refers to is missing */
export function trainingSetIdentity({ training, features, roots }: TrainingSetParts): Digest {
  const sets = training.features.map(({ set, by, ttl }) => {
    const spec = features[set];
    const root = spec && roots[spec.from];
    if (!spec || !root)
      throw new TypeError(`training job "${training.name}" uses set "${set}", of which a part is missing`);
    return { by, columns: spec.columns, root, ...(ttl !== undefined && { ttl }) };
  });
  return digestOf({ format: 1, sets, label: training.label, task: training.task, split: training.split });
}

/** Of a run: the training set, the trainer's files with its locked environment, the parameters and the seed. */
export function runIdentity(
  training: TrainingJobSpec,
  parts: { readonly trainingSet: Digest; readonly trainer: Digest },
): Digest {
  return digestOf({ format: 1, ...parts, params: training.params, seed: training.seed });
}

/** Of the package that a model makes of a run. */
export function packageIdentity(model: ModelSpec, run: Digest): Digest {
  return digestOf({ format: 1, model: model.name, run });
}

/** Of an evaluation: the candidate, what it is measured by, and what it is measured against. */
export function evaluationIdentity(
  model: ModelSpec,
  parts: { readonly package: Digest; readonly production?: Digest },
): Digest {
  const { metrics, baseline, gates } = model;
  return digestOf({ format: 1, ...parts, metrics, baseline, gates });
}

/** Of a candidate for release: what an approval binds. */
export function candidateDigest(parts: {
  readonly package: Digest;
  readonly evaluation: Digest;
  readonly policy: ApprovalSpec | "waived";
}): Digest {
  return digestOf({ format: 1, ...parts });
}
