/**
 * Builds a training set: from immutable dataset versions to three immutable Parquet files, examples with their features
 * as they were known at each example's time.
 * @module
 */

import type { DatasetVersion } from "../data/dataset-version.ts";
import { type DuckDb, withDuckDb } from "../data/duckdb.ts";
import type { OnProgress } from "../data/progress.ts";
import { listVersionParts } from "../data/version-files.ts";
import { formatOf } from "../definitions/format.ts";
import type { DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";
import { type CompiledExamples, compileExamples, type FeatureSource } from "./compile-examples.ts";
import { findPrior, fitCategories } from "./fitted-values.ts";
import { splitExamples, writeSplits } from "./split-examples.ts";
import type { TrainingSet } from "./training-set.ts";

/** What building needs of a store. */
export type ObjectStore = Pick<Store, "fetchFile" | "getJson" | "putFile" | "putJson">;

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
  /** @default nothing aborts */
  readonly signal?: AbortSignal;
  /** Told of the phases `windows`, `join`, `split` and `writing`, in rows. @default nobody is told */
  readonly onProgress?: OnProgress;
}

export interface BuiltTrainingSet {
  readonly reference: Reference;
  readonly trainingSet: TrainingSet;
  /** Rows of the spine that are no examples: their label is null, or their time lies in a gap of the split. */
  readonly leftOut: { readonly unlabelled: number; readonly gaps: number };
}

/**
 * Builds a training set and stores it. The same specs and dataset versions give the same references.
 *
 * @throws StewardError when a split has no rows, or a category has more values than a model can take.
 */
export async function buildTrainingSet(options: TrainingSetOptions): Promise<BuiltTrainingSet> {
  const { training, identity, store, workFolder, signal, onProgress } = options;
  const sources = await resolveSources(options);
  const compiled = compileExamples(training, sources);
  return withDuckDb(
    workFolder,
    async (db) => {
      await makeExamples(db, compiled, onProgress);
      const { rows, splits: examples } = await splitExamples(db, training);
      onProgress?.({ phase: "split", done: rows, total: rows, unit: "rows" });
      const sets = sources.map(({ set }) => set);
      const categories = await fitCategories(db, examples.train.query, sets);
      const prior = await findPrior(db, examples.train.query);
      const splits = await writeSplits(db, examples, { columns: compiled.columns, store, onProgress });
      const trainingSet: TrainingSet = {
        format: formatOf("training-set"),
        identity,
        task: training.task,
        features: sets.flatMap(({ columns }) => columns.map(({ name, type }) => ({ name, type }))),
        categories,
        prior,
        splits,
        slices: [...compiled.slices],
      };
      const inSplits = splits.train.rows + splits.validation.rows + splits.test.rows;
      return {
        reference: await store.putJson(trainingSet),
        trainingSet,
        leftOut: { unlabelled: sources[0].dataset.rows - rows, gaps: rows - inSplits },
      };
    },
    { ...(signal && { signal }) },
  );
}

/** Finds each set's dataset and brings its files here. */
async function resolveSources({
  training,
  features,
  datasets,
  store,
}: TrainingSetOptions): Promise<[FeatureSource, ...FeatureSource[]]> {
  const files = new Map<string, Promise<string[]>>();
  const fetchAll = async (version: DatasetVersion) =>
    Promise.all((await listVersionParts(store, version)).map((part) => store.fetchFile(part.object)));
  const [first, ...others] = await Promise.all(
    training.features.map(async ({ set, by }) => {
      const spec = features[set];
      const dataset = spec && datasets[spec.from];
      if (!spec || !dataset)
        throw new TypeError(`training job "${training.name}" came without its features "${set}" or their dataset`);
      const fetched = files.get(spec.from) ?? fetchAll(dataset.version);
      files.set(spec.from, fetched);
      return { set: spec, by, dataset: { spec: dataset.spec, files: await fetched, rows: dataset.version.rows } };
    }),
  );
  if (!first) throw new TypeError(`training job "${training.name}" has no features`);
  return [first, ...others];
}

async function makeExamples(
  db: DuckDb,
  { steps }: CompiledExamples,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const totals = new Map<string, number>();
  for (const { phase, rows } of steps) totals.set(phase, (totals.get(phase) ?? 0) + rows);
  const done = new Map<string, number>();
  for (const { phase, rows, sql } of steps) {
    await db.run(sql);
    done.set(phase, (done.get(phase) ?? 0) + rows);
    onProgress?.({ phase, done: done.get(phase) ?? 0, total: totals.get(phase) ?? 0, unit: "rows" });
  }
}
