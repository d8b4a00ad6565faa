/**
 * Labels in the rows of a dataset, as it was live at a moment: what its log says of versions is what was known when.
 * @module
 */
import { mapConcurrently } from "../data/concurrency.ts";
import { datasetVersionSchema } from "../data/dataset-version.ts";
import type { DuckDb } from "../data/duckdb.ts";
import { compileExpression } from "../data/expression-sql.ts";
import { listVersionParts } from "../data/version-files.ts";
import { readVersionLog, type VersionRecord } from "../data/version-log.ts";
import type { FeedbackSpec } from "../definitions/feedback-spec.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import { createRows } from "../features/dataset-rows.ts";
import type { Store } from "../store/store.ts";

/** The version that was live at a moment. @param asOf in milliseconds since 1970. @returns nothing before the first */
function findLiveAt(records: readonly VersionRecord[], asOf: number): VersionRecord | undefined {
  return records.findLast(({ at }) => Date.parse(at) <= asOf);
}

export interface DatasetLabels {
  /** What it is declared as. @default what the version itself says */
  readonly spec?: DatasetSpec;
  readonly from: NonNullable<FeedbackSpec["from"]>;
  /** In milliseconds since 1970. */
  readonly asOf: number;
  readonly store: Store;
}

/** The labels as SQL of a relation with `id`, `row`, `label` and `time`; a row is null where the dataset says none. @returns nothing where no version was live then */
export async function relateDatasetLabels(
  db: DuckDb,
  { spec, from, asOf, store }: DatasetLabels,
): Promise<string | undefined> {
  const record = findLiveAt(await readVersionLog(store, from.dataset), asOf);
  if (!record) return undefined;
  const version = await store.getJson(record.root, datasetVersionSchema);
  const parts = await listVersionParts(store, version);
  const files = await mapConcurrently(parts, 8, ({ object }) => store.fetchFile(object));
  if (files.length === 0) return undefined;
  await db.run(createRows("label_rows", { spec: spec ?? version, files }));
  const scope = { row: "r", window: () => "NULL" };
  const { id, label, row, time } = from;
  const since = time
    ? compileExpression(time, scope)
    : compileExpression({ op: "column", name: (spec ?? version).eventTime }, scope);
  return `SELECT ${compileExpression(id, scope)} AS id, ${row ? compileExpression(row, scope) : "0"} AS row,
    ${compileExpression(label, scope)} AS label, CAST(${since} AS TIMESTAMPTZ) AS time FROM label_rows r`;
}
