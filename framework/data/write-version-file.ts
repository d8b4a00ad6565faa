/**
 * A version of a dataset as one Parquet file, for whoever reads it without Steward.
 * @module
 */
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StewardError } from "../definitions/problem.ts";
import type { Digest } from "../plan/digest.ts";
import type { Store } from "../store/store.ts";
import { datasetVersionSchema } from "./dataset-version.ts";
import { copyOptionsOf, copyToParquet, withDuckDb } from "./duckdb.ts";
import { quotePath } from "./sql.ts";
import { listVersionParts } from "./version-files.ts";

/**
 * Writes the rows of a version, in the order of its parts. The file is there whole or not at all; one that is there is replaced.
 * @throws StewardError `checkout-refused` where the version has no row
 */
export async function writeVersionFile(
  store: Pick<Store, "fetchFile" | "getJson">,
  root: Digest,
  path: string,
): Promise<void> {
  const version = await store.getJson(root, datasetVersionSchema);
  const paths: string[] = [];
  for (const { object } of await listVersionParts(store, version)) paths.push(await store.fetchFile(object));
  if (paths.length === 0) {
    const what = `a version of "${version.dataset}" without a row is no file`;
    throw new StewardError({ code: "checkout-refused", at: version.dataset, what });
  }
  await mkdir(dirname(path), { recursive: true });
  const folder = await mkdtemp(join(dirname(path), `.${basename(path)}-`));
  try {
    const draft = join(folder, "rows.parquet");
    const rows = `SELECT * FROM read_parquet([${paths.map(quotePath).join(", ")}], hive_partitioning = false)`;
    await withDuckDb(folder, (db) => db.run(copyToParquet(rows, draft, copyOptionsOf(version.columns))));
    await rename(draft, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
