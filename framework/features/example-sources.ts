/**
 * The sources of examples: the files of every feature set's dataset brought here, an index for each set that is joined, and the statements
 * run that make the examples in a database.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { mapConcurrently } from "../data/concurrency.ts";
import type { DatasetVersion } from "../data/dataset-version.ts";
import { type DuckDb, withDuckDb } from "../data/duckdb.ts";
import type { OnProgress } from "../data/progress.ts";
import { listVersionParts } from "../data/version-files.ts";
import type { DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";
import type { Store } from "../store/store.ts";
import { provideIndex } from "./as-of/index-cache.ts";
import { joinAsOf } from "./as-of/join-as-of.ts";
import { type CompiledExamples, type FeatureSource, isJoined } from "./compile-examples.ts";

/** What makes examples. */
export interface ExamplesOptions {
  readonly training: Pick<TrainingJobSpec, "name" | "features">;
  /** The job's feature sets by name. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  /** The datasets of those sets by name. */
  readonly datasets: Readonly<Record<string, { readonly spec: DatasetSpec; readonly version: DatasetVersion }>>;
  readonly store: Pick<Store, "fetchFile" | "getJson">;
  /** An existing folder for what is too large for memory; what is put there is removed. */
  readonly workFolder: string;
  /**
   * Where indexes of joined sets are kept, for the next time that the same set of the same version is joined.
   * @default they are made anew in `workFolder`
   */
  readonly indexFolder?: string;
  /** @default nothing aborts */
  readonly signal?: AbortSignal;
  /** Told of the phases `index`, `windows` and `join`, in rows. @default nobody is told */
  readonly onProgress?: OnProgress;
}

export type Sources<S = Source> = readonly [S, ...S[]];

/** A feature set of the job before it has an index, with the digests of its dataset's files. */
type Source = FeatureSource & { readonly digests: readonly string[] };

/** Joins and sorts of any number of rows spill at this; a window over one entity that has most of them may need more. */
const memory = { memory: "1GB", reserve: "2GB" } as const;
/** How many parts are fetched at once. */
const fetchers = 8;

/** Brings the sources here, with a database to make examples of them in, while a function runs. */
export async function withSources<T>(
  options: ExamplesOptions,
  use: (db: DuckDb, sources: Sources<FeatureSource>) => Promise<T>,
): Promise<T> {
  const { workFolder, indexFolder, signal } = options;
  const sources = await resolveSources(options);
  const folder = indexFolder ?? (await mkdtemp(join(workFolder, "indexes-")));
  try {
    const indexed = await provideIndexes(sources, folder, options);
    return await withDuckDb(workFolder, (db) => use(db, indexed), { ...memory, ...(signal && { signal }) });
  } finally {
    if (folder !== indexFolder) await rm(folder, { recursive: true, force: true });
  }
}

/** Finds each set's dataset and brings its files here. */
async function resolveSources({ training, features, datasets, store }: ExamplesOptions): Promise<Sources> {
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
  { workFolder, signal, onProgress }: ExamplesOptions,
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

/** Runs the statements that make the examples. */
export async function makeExamples(
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
