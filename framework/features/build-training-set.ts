/**
 * Builds a training set: from immutable dataset versions to three immutable Parquet files, examples with their features
 * as they were known at each example's time.
 * @module
 */

import type { DuckDb } from "../data/duckdb.ts";
import type { OnProgress } from "../data/progress.ts";
import { formatOf } from "../definitions/format.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { TrainingJobSpec } from "../definitions/spec.ts";
import type { Reference } from "../store/reference.ts";
import type { Store } from "../store/store.ts";
import { type CompiledExamples, compileExamples, type FeatureSource, isJoined } from "./compile-examples.ts";
import { type ExamplesOptions, makeExamples, type Sources, withSources } from "./example-sources.ts";
import { findPriors, fitValues } from "./fitted-values.ts";
import { checkGoldenRows, type GoldenRows } from "./golden-rows.ts";
import { splitExamples, writeSplits } from "./split-examples.ts";
import type { TrainingSet } from "./training-set.ts";

/** What building needs of a store. */
export type ObjectStore = Pick<Store, "fetchFile" | "getJson" | "putFile" | "putJson">;

export interface TrainingSetOptions extends ExamplesOptions {
  readonly training: TrainingJobSpec;
  /** What the training set calls itself: the digest of what it was made from. */
  readonly identity: string;
  readonly store: ObjectStore;
  /** Told of the phases `index`, `windows`, `join`, `split` and `writing`, in rows. @default nobody is told */
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
 * @throws StewardError when a split has no rows, a category has more values than a model can take, preprocessing finds
 * nothing to fit, or a server would compute a feature otherwise.
 */
export function buildTrainingSet(options: TrainingSetOptions): Promise<BuiltTrainingSet> {
  return withSources(options, (db, sources) => build(db, sources, options));
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
