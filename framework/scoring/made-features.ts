/**
 * Features that look at other rows, made as those of a training set are, but for every row of the dataset: one file, in the order of time.
 * @module
 */
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { copyToParquet } from "../data/duckdb.ts";
import type { OnProgress } from "../data/progress.ts";
import { quoteName } from "../data/sql.ts";
import { compileExamples, relations } from "../features/compile-examples.ts";
import { makeExamples, withSources } from "../features/example-sources.ts";
import { reservedColumns } from "../features/training-set.ts";
import type { Store } from "../store/store.ts";
import { labelled } from "./scored-rows.ts";
import type { ScoringSubject } from "./scoring-subject.ts";

export interface MadeFeaturesOptions {
  readonly subject: ScoringSubject;
  readonly store: Pick<Store, "fetchFile" | "getJson">;
  /** Where the file is, or is made: one that is there is taken as it is. */
  readonly workFolder: string;
  /** Where indexes of joined sets are kept. @default they are made anew */
  readonly indexFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Makes the file, unless it is there. @returns its path */
export async function makeFeatures(options: MadeFeaturesOptions): Promise<string> {
  const { subject, store, workFolder, indexFolder, signal, onProgress } = options;
  const path = join(workFolder, "features.parquet");
  if (existsSync(path)) return path;
  const { training, features, datasets, kept } = subject;
  const told = { ...(signal && { signal }), ...(onProgress && { onProgress }), ...(indexFolder && { indexFolder }) };
  await withSources({ training, features, datasets, store, workFolder, ...told }, async (db, sources) => {
    const names = kept.map(({ name }) => name);
    const compiled = compileExamples(labelled, sources, names);
    await makeExamples(db, compiled, { signal, onProgress });
    const { time } = reservedColumns;
    // By every column, so that the same rows stand in the same order whoever makes them.
    const order = [time, ...compiled.columns.filter((column) => column !== time)].map(quoteName).join(", ");
    const rows = compiled.unpack(`SELECT * FROM ${relations.examples} ORDER BY ${order}`);
    const draft = join(db.folder, "features.parquet");
    await db.run(copyToParquet(rows, draft, { numbers: compiled.numbers }));
    await rename(draft, path);
  });
  return path;
}
