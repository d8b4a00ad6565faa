/**
 * Ingest: from a source to a version of a dataset. The rows that keep the contract become Parquet parts in the store, the
 * others go into quarantine with their reasons, and the manifest that names them all is the version. The same source and
 * spec give the same version, byte for byte.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { formatOf } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Digest } from "../plan/digest.ts";
import { ingestIdentity } from "../plan/identity.ts";
import type { Reference } from "../store/reference.ts";
import type { DatasetVersion, VersionFile } from "./dataset-version.ts";
import { fingerprintSource } from "./fingerprint.ts";
import type { OnProgress } from "./progress.ts";
import { type FileReading, readSourceFiles } from "./read-source-files.ts";
import { judgeFindings } from "./refusal.ts";

export interface IngestOptions {
  readonly spec: DatasetSpec;
  /** The path of the source's file. */
  readonly location: string;
  /** What the source's digest was when this ingest was decided; another one is refused. */
  readonly fingerprint: Digest;
  readonly store: PartStore;
  /** Takes what does not fit in memory: a few times the source's size. Left as it was found. */
  readonly workFolder: string;
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phases `checking`, in percent, and `writing`, in rows. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** What an ingest needs of the store. */
interface PartStore {
  putFile(path: string): Promise<Reference>;
  putJson(value: unknown): Promise<Reference>;
}

export interface Ingested {
  /** The digest of the version's canonical bytes, by which the store has it. */
  readonly root: Digest;
  readonly version: DatasetVersion;
  /** Columns of the source that the schema lacks; they were not read. */
  readonly dropped: readonly string[];
}

/**
 * Takes a source into the store as a version of its dataset.
 *
 * @throws StewardError when the source is not what was fingerprinted, cannot be read, lacks columns, or breaks the contract
 * in more rows than it tolerates: then with every reason, its count and its first rows.
 */
export async function ingest(options: IngestOptions): Promise<Ingested> {
  const { spec, location, store, workFolder, signal, onProgress } = options;
  const folder = await mkdtemp(join(workFolder, "ingest-"));
  try {
    await expectFingerprint(options);
    const files: VersionFile[] = [];
    const dropped: string[] = [];
    const sources = [{ name: "", path: location }];
    for await (const reading of readSourceFiles({ spec, files: sources, folder, signal, onProgress })) {
      // Between the first look and the last row another file may have come.
      await expectFingerprint(options);
      const refusal = judgeFindings(spec, reading, location);
      if (refusal) throw refusal;
      files.push(await storeReading(reading, options));
      dropped.push(...reading.dropped.filter((column) => !dropped.includes(column)));
    }
    const version = describeVersion(files, options);
    const { sha256: root } = await store.putJson(version);
    return { root, version, dropped };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function expectFingerprint({ spec, location, fingerprint }: IngestOptions): Promise<void> {
  const got = await fingerprintSource(location);
  if (got === fingerprint) return;
  throw new StewardError({
    code: "source-changed",
    at: `${spec.name}.source`,
    file: location,
    what: "The source is not the one that was to be taken in",
    got,
    expected: fingerprint,
    fix: "run `npx pulumi up` again: it takes in what is there now",
  });
}

async function storeReading(reading: FileReading, { spec, fingerprint, store }: IngestOptions): Promise<VersionFile> {
  const { name, rows, broken, from, to, breaches, quarantine } = reading;
  const move = async (path: string): Promise<Reference> => {
    const reference = await store.putFile(path);
    await rm(path);
    return reference;
  };
  const parts: VersionFile["parts"] = [];
  for (const part of reading.parts) parts.push({ object: await move(part.path), rows: part.rows });
  const identity = ingestIdentity(spec, fingerprint);
  const file = { name, fingerprint, identity, rows: rows - broken, from, to, parts };
  if (!quarantine) return file;
  const reasons = breaches.map(({ column, reason, rows }) => ({ column, reason, rows }));
  return { ...file, quarantine: { object: await move(quarantine.path), rows: quarantine.rows, reasons } };
}

function describeVersion(
  files: VersionFile[],
  { spec, fingerprint }: Pick<IngestOptions, "spec" | "fingerprint">,
): DatasetVersion {
  const [file] = files;
  if (!file) throw new TypeError("a source has a file");
  const { name: dataset, columns, eventTime, key } = spec;
  const { rows, from, to, quarantine } = file;
  const quarantined = quarantine && { rows: quarantine.rows, reasons: quarantine.reasons };
  return {
    format: formatOf("dataset-version"),
    dataset,
    columns,
    eventTime,
    key,
    rows,
    from,
    to,
    ...(quarantined && { quarantined }),
    fingerprint,
    files,
  };
}
