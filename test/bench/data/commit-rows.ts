/**
 * A commit as the bench times it: what the files of a pattern hold becomes a version of a dataset, on top of the last one.
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

export interface Committed {
  readonly root: string;
  readonly rows: number;
}

export interface CommitPlace {
  /** Of the source's files, absolute. */
  readonly pattern: string;
  /** For what commits keep on this machine. */
  readonly folder: string;
  /** What the store's keys begin with. @default nothing */
  readonly prefix?: string;
}

const column = { nullable: false, known: "0 seconds" } as const;

/** Opens the store of the environment. @returns what commits on top of a version; of "", everything is read */
export function openCommits({ pattern, folder, prefix = "" }: CommitPlace): (base: string) => Promise<Committed> {
  const connection = connectionSchema.shape.store.parse(JSON.parse(process.env["STEWARD_BENCH_STORE"] ?? ""));
  const cacheFolder = join(folder, "cache");
  const workFolder = join(folder, "work");
  for (const each of [cacheFolder, workFolder]) mkdirSync(each, { recursive: true });
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
  const store = openStore(connection, { cacheFolder, prefix });
  return async (base) => {
    const listing = await listSource(pattern);
    const { fingerprint } = listing;
    const live = base === "" ? undefined : await store.getJson(base, datasetVersionSchema);
    // As a dataset's entity decides: what is live is not taken in again.
    if (live?.fingerprint === fingerprint) return { root: base, rows: live.rows };
    // As the step does: what a base has lost would be lost to the new version too.
    const whole = base !== "" && (await isVersionWhole(store, base)) ? base : undefined;
    const made = await ingest({ spec, location: pattern, listing, fingerprint, store, workFolder, base: whole });
    return { root: made.root, rows: made.version.rows };
  };
}
