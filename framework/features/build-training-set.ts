/**
 * Builds a training set: from immutable dataset versions to three immutable Parquet files, examples with their features
 * as they were known at each example's time.
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { mapConcurrently } from "../data/concurrency.ts";
import type { DatasetVersion } from "../data/dataset-version.ts";
import { type DuckDb, withDuckDb } from "../data/duckdb.ts";
import type { OnProgress } from "../data/progress.ts";
import { listVersionParts } from "../data/version-files.ts";
import { formatOf } from "../definitions/format.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";
import { provideIndex } from "./as-of/index-cache.ts";
import { joinAsOf } from "./as-of/join-as-of.ts";
import { type CompiledExamples, compileExamples, type FeatureSource, isJoined } from "./compile-examples.ts";
import { findPriors, fitValues } from "./fitted-values.ts";
import { checkGoldenRows, type GoldenRows } from "./golden-rows.ts";
import { splitExamples, writeSplits } from "./split-examples.ts";
import type { TrainingSet } from "./training-set.ts";

/** What building needs of a store. */
export type ObjectStore = Pick<Store, "fetchFile" | "getJson" | "putFile" | "putJson">;

/** Joins and sorts of any number of rows spill at this; a window over one entity that has most of them may need more. */
const memory = { memory: "1GB", reserve: "2GB" } as const;
/** How many parts are fetched at once. */
const fetchers = 8;

export interface TrainingSetOptions {
  readonly training: TrainingJobSpec;
  /** The job's feature sets by name. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  /** The datasets of those sets by name. */
  readonly datasets: Readonly<Record<string, { readonly spec: DatasetSpec; readonly version: DatasetVersion }>>;
  /** What the training set calls itself: the digest of what it was made from. */
  readonly identity: string;
  readonly store: ObjectStore;
  /** An existing folder for what is too large for memory; what is put there is removed. */
  readonly workFolder: string;
  /**
   * Where indexes of joined sets are kept, for the next training set that joins the same set of the same version.
   * @default they are made anew in `workFolder`
   */
  readonly indexFolder?: string;
  /** @default nothing aborts */
  readonly signal?: AbortSignal;
  /** Told of the phases `index`, `windows`, `join`, `split` and `writing`, in rows. @default nobody is told */
  readonly onProgress?: OnProgress;
}

export interface BuiltTrainingSet {
  readonly reference: Reference;
  readonly trainingSet: TrainingSet;
  /** Rows of the spine that are no examples: their label is null, or their time lies in a gap of the split. */
  readonly leftOut: { readonly unlabelled: number; readonly gaps: number };
}

type Sources<S = Source> = readonly [S, ...S[]];

/** A feature set of the job before it has an index, with the digests of its dataset's files. */
type Source = FeatureSource & { readonly digests: readonly string[] };

/**
 * Builds a training set and stores it. The same specs and dataset versions give the same references.
 *
 * @throws StewardError when a split has no rows, a category has more values than a model can take, preprocessing finds
 * nothing to fit, or a server would compute a feature otherwise.
 */
export async function buildTrainingSet(options: TrainingSetOptions): Promise<BuiltTrainingSet> {
  const { workFolder, indexFolder, signal } = options;
  const sources = await resolveSources(options);
  const folder = indexFolder ?? (await mkdtemp(join(workFolder, "indexes-")));
  try {
    const indexed = await provideIndexes(sources, folder, options);
    return await withDuckDb(workFolder, (db) => build(db, indexed, options), { ...memory, ...(signal && { signal }) });
  } finally {
    if (folder !== indexFolder) await rm(folder, { recursive: true, force: true });
  }
}

async function build(
  db: DuckDb,
  sources: Sources<FeatureSource>,
  { training, identity, store, signal, onProgress }: TrainingSetOptions,
): Promise<BuiltTrainingSet> {
  const compiled = compileExamples(training, sources);
  await makeExamples(db, compiled, { signal, onProgress });
  const golden = await checkSources(db, sources, compiled);
  const { rows, splits: examples } = await splitExamples(db, training);
  onProgress?.({ phase: "split", done: rows, total: rows, unit: "rows" });
  const sets = sources.map(({ set }) => set);
  const { categories, fitted } = await fitValues(db, examples.train.query, sets);
  const prior = await findPriors(db, examples.train.query, training.classes);
  const splits = await writeSplits(db, examples, { ...compiled, store, onProgress });
  const trainingSet: TrainingSet = {
    format: formatOf("training-set"),
    identity,
    task: training.task,
    ...(training.classes && { classes: training.classes }),
    features: sets.flatMap(({ columns }) => columns.map(({ name, type }) => ({ name, type }))),
    categories,
    ...(Object.keys(fitted).length > 0 && { fitted }),
    ...prior,
    splits,
    slices: [...compiled.slices],
    golden,
  };
  const inSplits = splits.train.rows + splits.validation.rows + splits.test.rows;
  return {
    reference: await store.putJson(trainingSet),
    trainingSet,
    leftOut: { unlabelled: sources[0].dataset.rows - rows, gaps: rows - inSplits },
  };
}

/** Holds every set against itself: one of the spine at rows of its own too, a joined one at the edges of its schema alone. */
async function checkSources(
  db: DuckDb,
  sources: Sources<FeatureSource>,
  { spine: sample }: CompiledExamples,
): Promise<NonNullable<TrainingSet["golden"]>> {
  const golden: [string, Pick<GoldenRows, "digest" | "rows">][] = [];
  const problems: Problem[] = [];
  for (const source of sources) {
    const { set, dataset } = source;
    const own = !isJoined(sources[0].dataset.spec.name, source);
    try {
      golden.push([
        set.name,
        await checkGoldenRows(db, { dataset: dataset.spec, sets: [set], ...(own && { sample }) }),
      ]);
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new StewardError(problems);
  return Object.fromEntries(golden);
}

/** Finds each set's dataset and brings its files here. */
async function resolveSources({ training, features, datasets, store }: TrainingSetOptions): Promise<Sources> {
  type Fetched = Promise<{ readonly files: readonly string[]; readonly digests: readonly string[] }>;
  const fetched = new Map<string, Fetched>();
  const fetchAll = async (version: DatasetVersion): Fetched => {
    const objects = (await listVersionParts(store, version)).map(({ object }) => object);
    const files = await mapConcurrently(objects, fetchers, (object) => store.fetchFile(object));
    return { files, digests: objects.map(({ sha256 }) => sha256) };
  };
  const [first, ...others] = await Promise.all(
    training.features.map(async ({ set, ...join }) => {
      const spec = features[set];
      const dataset = spec && datasets[spec.from];
      if (!spec || !dataset)
        throw new TypeError(`training job "${training.name}" came without its features "${set}" or their dataset`);
      const fetching = fetched.get(spec.from) ?? fetchAll(dataset.version);
      fetched.set(spec.from, fetching);
      const { files, digests } = await fetching;
      return { set: spec, join, dataset: { spec: dataset.spec, files, rows: dataset.version.rows }, digests };
    }),
  );
  if (!first) throw new TypeError(`training job "${training.name}" has no features`);
  return [first, ...others];
}

/** Finds or builds the index of every joined set, one after the other: each takes the memory that there is. */
async function provideIndexes(
  [spine, ...others]: Sources,
  folder: string,
  { workFolder, signal, onProgress }: TrainingSetOptions,
): Promise<Sources<FeatureSource>> {
  const joined = others.filter((source) => isJoined(spine.dataset.spec.name, source));
  const total = joined.reduce((sum, { dataset }) => sum + dataset.rows, 0);
  const indexed = new Map<Source, FeatureSource>();
  let before = 0;
  const tell = (done: number) => onProgress?.({ phase: "index", done, total, unit: "rows" });
  for (const source of joined) {
    const onRows = (done: number) => tell(before + done);
    const index = await provideIndex(folder, source, { workFolder, signal, onRows });
    indexed.set(source, { ...source, index });
    before += source.dataset.rows;
    tell(before);
  }
  return [spine, ...others.map((source) => indexed.get(source) ?? source)];
}

async function makeExamples(
  db: DuckDb,
  compiled: CompiledExamples,
  { signal, onProgress }: { readonly signal: AbortSignal | undefined; readonly onProgress: OnProgress | undefined },
): Promise<void> {
  const totals = new Map<string, number>();
  for (const { phase, rows } of compiled.steps) totals.set(phase, (totals.get(phase) ?? 0) + rows);
  const done = new Map<string, number>();
  for (const { phase, rows, sql } of compiled.steps) {
    await db.run(sql);
    done.set(phase, (done.get(phase) ?? 0) + rows);
    // What is still to be joined tells of itself.
    if (phase === "join" && compiled.joins.length > 0) continue;
    onProgress?.({ phase, done: done.get(phase) ?? 0, total: totals.get(phase) ?? 0, unit: "rows" });
  }
  if (compiled.joins.length === 0) return;
  const onRows = (joined: number, total: number) => onProgress?.({ phase: "join", done: joined, total, unit: "rows" });
  await joinAsOf(db, compiled, { signal, onRows });
}
