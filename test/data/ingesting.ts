/**
 * Ingesting small sources: a folder in place of the store, and rows read back as a reader of the version would.
 * @module
 */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { z } from "zod";
import type { DatasetVersion } from "../../framework/data/dataset-version.ts";
import { type DuckDb, withDuckDb } from "../../framework/data/duckdb.ts";
import { fingerprintSource } from "../../framework/data/fingerprint.ts";
import { type Ingested, type IngestOptions, ingest } from "../../framework/data/ingest.ts";
import { quotePath } from "../../framework/data/sql.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import type { ColumnSpec, DatasetSpec } from "../../framework/definitions/spec.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { type Digest, digestOf } from "../../framework/plan/digest.ts";
import { digestFile } from "../../framework/store/digest-file.ts";
import type { Reference } from "../../framework/store/reference.ts";

export type Row = Record<string, unknown>;

export interface Taken extends Ingested {
  readonly rows: Row[];
  readonly quarantined: Row[];
}

/** A column as a test writes it: what it leaves out is not null, unbounded and known at once. */
export type TestColumn = Pick<ColumnSpec, "name" | "type"> & Partial<ColumnSpec>;

/** A spec whose event time is the column `t`, with everything quarantined that breaks it, unless told otherwise. */
export function testSpec(columns: readonly TestColumn[], change: Partial<DatasetSpec> = {}): DatasetSpec {
  const time: TestColumn = { name: "t", type: "timestamp" };
  return {
    format: "dataset/1",
    kind: "dataset",
    name: "things",
    owner: "test",
    columns: [time, ...columns].map((column) => ({ nullable: false, known: "0 seconds", ...column })),
    eventTime: "t",
    key: [],
    source: { kind: "file", format: "csv", path: "things.csv" },
    contract: { violations: "quarantine", tolerance: 1 },
    ...change,
  };
}

/** Gives the tests of a file a folder of their own, and ways to ingest in it. */
export function useIngest() {
  let folder = "";
  let turn = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-data-"));
    await Promise.all(["objects", "work"].map((name) => mkdir(join(folder, name))));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const store = {
    putFile: async (path: string) => {
      const reference = await digestFile(path);
      await copyFile(path, join(folder, "objects", reference.sha256));
      return reference;
    },
    putJson: async (value: unknown) => {
      const reference = { sha256: digestOf(value), size: Buffer.byteLength(toCanonicalJson(value)) };
      await writeFile(join(folder, "objects", reference.sha256), toCanonicalJson(value));
      return reference;
    },
    fetchFile: async ({ sha256 }: Reference) => join(folder, "objects", sha256),
    getJson: async <T>(object: Reference | Digest, schema: z.ZodType<T>): Promise<T> => {
      const at = typeof object === "string" ? object : object.sha256;
      const text = await readFile(join(folder, "objects", at), "utf8").catch((cause: unknown) => {
        throw new StewardError({ code: "object-missing", at, what: "It is not there" }, { cause });
      });
      const read = schema.safeParse(JSON.parse(text));
      if (read.success) return read.data;
      throw new StewardError({ code: "store-document-invalid", at, what: "It is something else" });
    },
  };
  const workFolder = () => join(folder, "work");
  const duckDb = <T>(use: (db: DuckDb) => Promise<T>) => withDuckDb(workFolder(), use);
  const readBack = (sha256: string) =>
    duckDb((db) =>
      db.rows(`FROM read_parquet(${quotePath(join(folder, "objects", sha256))})`, z.record(z.string(), z.unknown())),
    );

  return {
    store,
    duckDb,
    /** Where a file of this name would be. */
    path: (name: string) => join(folder, name),
    /** What is left in the folder for work: nothing, when all is well. */
    leftovers: () => readdir(workFolder()),
    /** Writes a file with a name of its own. */
    async write(content: string | Uint8Array): Promise<string> {
      const path = join(folder, `source-${++turn}`);
      await writeFile(path, content);
      return path;
    },
    /** Ingests a file without reading anything back. */
    async ingest(spec: DatasetSpec, location: string, change: Partial<IngestOptions> = {}): Promise<Ingested> {
      const cacheFolder = join(folder, "fingerprints");
      const fingerprint = change.list ? undefined : await fingerprintSource(location, { cacheFolder });
      return ingest({ spec, location, fingerprint, store, workFolder: workFolder(), ...change });
    },
    readQuarantine: async ({ files = [] }: DatasetVersion): Promise<Row[]> =>
      (
        await Promise.all(files.map(async ({ quarantine }) => (quarantine ? readBack(quarantine.object.sha256) : [])))
      ).flat(),
    /** Ingests a file and reads back what it became. */
    async take(spec: DatasetSpec, location: string, change: Partial<IngestOptions> = {}): Promise<Taken> {
      const ingested = await this.ingest(spec, location, change);
      const parts = (ingested.version.files ?? [])
        .flatMap(({ parts }) => parts)
        .map(({ object }) => readBack(object.sha256));
      const rows = (await Promise.all(parts)).flat();
      return { ...ingested, rows, quarantined: await this.readQuarantine(ingested.version) };
    },
  };
}
