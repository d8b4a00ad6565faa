/**
 * A database as a source in tests: what a query lists, and what its files hold.
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { VersionFile } from "../../../framework/data/dataset-version.ts";
import type { FetchOptions, RemoteFile, SourceListing } from "../../../framework/data/source-files.ts";
import type { ReadAgain, SourceAccess } from "../../../framework/data/sources/list-files.ts";
import type { PostgresSource } from "../../../framework/data/sources/postgres/cursor.ts";
import { listRows, type RowsOptions } from "../../../framework/data/sources/postgres.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { fileIdentity } from "../../../framework/plan/identity.ts";
import type { Store } from "../../../framework/store/store.ts";
import { usePostgres } from "../../support/postgres.ts";
import { testSpec } from "../ingesting.ts";

export interface Asked extends RowsOptions {
  /** What the version before has. @default nothing */
  readonly base?: readonly VersionFile[];
  readonly again?: ReadAgain;
  readonly signal?: AbortSignal;
  /** @default the server's owner */
  readonly url?: string;
}

/** A spec of a query, whose event time is `t`. */
export function querySpec(
  source: Omit<PostgresSource, "kind" | "url">,
  change: Partial<DatasetSpec> = {},
): DatasetSpec {
  return testSpec([], { source: { kind: "postgres", url: "input:warehouse.url", ...source }, ...change });
}

/** A server for the tests of a file, with a folder for what is fetched. */
export function useDatabase() {
  const server = usePostgres();
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-rows-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const list = (spec: DatasetSpec, { base = [], again, signal, url = server.url, ...options }: Asked = {}) => {
    const inputs = { "warehouse.url": url };
    const access: SourceAccess = {
      spec,
      location: "",
      inputs,
      store: {} as Store,
      base,
      again,
      workFolder: folder,
      signal,
    };
    return listRows(spec.source as PostgresSource, access, options) as Promise<
      Omit<SourceListing, "files"> & { readonly files: readonly RemoteFile[] }
    >;
  };

  /** The text of a file. */
  const read = async (file: RemoteFile | undefined, options: FetchOptions = {}): Promise<string> => {
    if (!file) throw new Error("there is no such file");
    const own = await mkdtemp(join(folder, "fetch-"));
    return readFile(await file.fetch(own, options), "utf8");
  };

  return { server, list, read, folder: () => folder };
}

/** The files of a version that took a listing under a spec. */
export function taken({ files }: SourceListing, spec: DatasetSpec): VersionFile[] {
  return files.map(({ name, fingerprint }) => {
    const identity = fileIdentity(spec, fingerprint);
    return { name, fingerprint, identity, rows: 1, from: "", to: "", parts: [] };
  });
}
