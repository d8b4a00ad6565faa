/**
 * Identities: what a result depends on, as a digest. Same identity, same result, so that nothing is done twice; whatever
 * is not in an identity (owners, descriptions, resources) can change without work.
 * @module
 */
import { formatOfSource } from "../definitions/source-format.ts";
import type { ApprovalSpec, DatasetSpec, FeaturesSpec, ModelSpec, TrainingJobSpec } from "../definitions/spec.ts";
import type { Reference } from "../store/reference.ts";
import { toCanonicalJson } from "./canonical.ts";
import { type Digest, digestBytes, digestOf } from "./digest.ts";

/**
 * Of the version of a dataset that an ingest makes: what is read, and the contract it is read under.
 *
 * @param readmitted the digest of the rows that are taken back out of quarantine. @default none are
 */
export function ingestIdentity(spec: DatasetSpec, fingerprint: string, readmitted?: Digest): Digest {
  return digestOf({ ...describeIngest(spec, fingerprint), ...(readmitted !== undefined && { readmitted }) });
}

function describeIngest(spec: DatasetSpec, fingerprint: string): Readonly<Record<string, unknown>> {
  const { columns, eventTime, key, source, contract } = spec;
  // Meaning and unit are for people, and how requests are recorded says nothing of the data: the source is not read again for them.
  const bare = columns.map(({ description: _d, unit: _u, pii: _p, ...column }) => column);
  const steps = source.kind === "derived" ? { steps: source.steps } : {};
  return { columns: bare, eventTime, key, format: formatOfSource(source), contract, fingerprint, ...steps };
}

/**
 * The fingerprint of a derived dataset's source: of the version of each dataset that it is made from, by name, and of its
 * steps' programs.
 *
 * @param programs their stored closures, in the order of the steps. @default it has none
 */
export function upstreamFingerprint(
  roots: Readonly<Record<string, string>>,
  programs: readonly Pick<Reference, "sha256">[] = [],
): Digest {
  const digests = programs.map(({ sha256 }) => sha256);
  return digestOf({ upstream: roots, ...(digests.length > 0 && { programs: digests }) });
}

/** Where the rows of a dataset come from: whatever is read from elsewhere is looked at anew, also where it is found unchanged. */
export function sourceIdentity({ source }: Pick<DatasetSpec, "source">): Digest {
  return digestOf(source);
}

/**
 * Of what is taken of one file: as that of a version, without what is asked of the whole source alone.
 *
 * @param readmitted the digest of the rows of it that are taken back out of quarantine. @default none are
 */
export function fileIdentity(spec: DatasetSpec, fingerprint: string, readmitted?: Digest): Digest {
  const plain = identifyPlainFile(spec, fingerprint);
  return readmitted === undefined ? plain : digestOf({ file: plain, readmitted });
}

function identifyPlainFile(spec: DatasetSpec, fingerprint: string): Digest {
  const known = fileTexts.get(spec);
  const text = known ?? describeFile(spec);
  if (!known) fileTexts.set(spec, text);
  return digestBytes(text.join(JSON.stringify(fingerprint).slice(1, -1)));
}

/** What is asked of a file, as the text on both sides of its fingerprint: there may be many files of one spec, which does not change. */
const fileTexts = new WeakMap<DatasetSpec, readonly string[]>();

function describeFile(spec: DatasetSpec): readonly string[] {
  const { rows: _rows, freshness: _freshness, ...contract } = spec.contract;
  const described = describeIngest({ ...spec, contract }, "");
  // What cannot be in the text stands for the fingerprint: the digest of it.
  const place = digestOf(described);
  return toCanonicalJson({ ...described, fingerprint: place }).split(place);
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
  const { label, task, classes, split } = training;
  return digestOf({ format: 1, sets, label, task, split, ...(classes && { classes }) });
}

/**
 * Of a run: the training set, the trainer's files with its locked environment, the parameters and the seed. Of a job that is
 * tuned it is that of its study, whose best trial is the run.
 */
export function runIdentity(
  training: TrainingJobSpec,
  parts: { readonly trainingSet: Digest; readonly trainer: Digest },
): Digest {
  const { params, seed, tuning } = training;
  return digestOf({ format: 1, ...parts, params, seed, ...(tuning && { tuning }) });
}

/** Of a trial's run: that of the same job with these parameters and no tuning, which is the same training. */
export function trialIdentity(
  training: TrainingJobSpec,
  params: TrainingJobSpec["params"],
  parts: { readonly trainingSet: Digest; readonly trainer: Digest },
): Digest {
  const { tuning: _tuning, ...plain } = training;
  return runIdentity({ ...plain, params: { ...training.params, ...params } }, parts);
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
  const { metrics, baseline, gates, tests } = model;
  return digestOf({ format: 1, ...parts, metrics, baseline, gates, ...(tests && { tests }) });
}

/** Of what a model is made by, whatever the versions of its datasets: the candidates of one recipe differ in their rows alone. */
export function recipeIdentity(
  training: TrainingJobSpec,
  { features, trainer }: { readonly features: TrainingSetParts["features"]; readonly trainer: Digest },
): Digest {
  const roots = Object.fromEntries(Object.values(features).map(({ from }) => [from, from]));
  return runIdentity(training, { trainingSet: trainingSetIdentity({ training, features, roots }), trainer });
}

/** Of a candidate for release: what an approval binds. `look` is that by which it won an experiment. */
export function candidateDigest(parts: {
  readonly package: Digest;
  readonly evaluation: Digest;
  readonly policy: ApprovalSpec | "waived";
  readonly look?: Digest;
}): Digest {
  return digestOf({ format: 1, ...parts });
}
