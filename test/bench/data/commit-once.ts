/**
 * One commit, as the process that the bench times: `commit-once.ts <pattern> <folder> <base>`. Prints the root and its rows.
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { connectionSchema } from "../../../framework/connection/connection.ts";
import { datasetVersionSchema } from "../../../framework/data/dataset-version.ts";
import { isVersionWhole } from "../../../framework/data/find-version.ts";
import { listSource } from "../../../framework/data/fingerprint.ts";
import { ingest } from "../../../framework/data/ingest.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { openStore } from "../../../framework/store/store.ts";

const [pattern = "", folder = "", base = ""] = process.argv.slice(2);
const connection = connectionSchema.shape.store.parse(JSON.parse(process.env["STEWARD_BENCH_STORE"] ?? ""));
const cacheFolder = join(folder, "cache");
const workFolder = join(folder, "work");
for (const each of [cacheFolder, workFolder]) mkdirSync(each, { recursive: true });
const column = { nullable: false, known: "0 seconds" } as const;
const spec: DatasetSpec = {
  format: "dataset/1",
  kind: "dataset",
  name: "rows",
  owner: "bench",
  columns: [
    { ...column, name: "t", type: "timestamp" },
    { ...column, name: "amount", type: "integer", min: 0 },
  ],
  eventTime: "t",
  key: [],
  source: { kind: "file", format: "csv", path: pattern },
  contract: { violations: "reject", tolerance: 0 },
};
const store = openStore(connection, { cacheFolder });
const { fingerprint } = await listSource(pattern);
const live = base === "" ? undefined : await store.getJson(base, datasetVersionSchema);
// As a dataset's entity decides: what is live is not taken in again.
const made =
  live?.fingerprint === fingerprint
    ? { root: base, version: live }
    : await ingest({ spec, location: pattern, fingerprint, store, workFolder, base: await findBase() });

/** As the step does: what a base has lost would be lost to the new version too. */
async function findBase(): Promise<string | undefined> {
  return base !== "" && (await isVersionWhole(store, base)) ? base : undefined;
}
process.stdout.write(`${JSON.stringify({ root: made.root, rows: made.version.rows })}\n`);
