/**
 * Taking files in: each is brought here, where it lies elsewhere, and read; while the next one is, what it became is profiled,
 * goes into the store, and leaves the disk. So however many files there are, the disk holds what a few of them became.
 * @module
 */
import { rm } from "node:fs/promises";
import type { DatasetSpec } from "../definitions/spec.ts";
import { fileIdentity } from "../plan/identity.ts";
import type { Reference } from "../store/reference.ts";
import { bringFiles } from "./bring-files.ts";
import { Background, Queue } from "./concurrency.ts";
import type { VersionFile } from "./dataset-version.ts";
import { type OpenDuckDb, openDuckDb } from "./duckdb.ts";
import type { Profile } from "./profile/profile.ts";
import { profilePartWith } from "./profile/profile-part.ts";
import type { OnProgress } from "./progress.ts";
import { type FileReading, readSourceFiles } from "./read-source-files.ts";
import type { SourceFile } from "./source-files.ts";

/** What is under way into the store while the next file is read: of so many files, or of so many small ones. */
const storing = 4;
const storingSmall = 16;

export interface TakeOptions {
  readonly spec: DatasetSpec;
  readonly files: readonly SourceFile[];
  readonly store: { putFile(path: string): Promise<Reference>; putJson(value: unknown): Promise<Reference> };
  /** An existing folder for what the files become. Left as it was found, unless this is rejected. */
  readonly folder: string;
  /** Hears of each file that was read; whether it is wanted: what is not goes nowhere. */
  readonly onRead: (reading: FileReading) => boolean;
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phase `reading`, in rows, files and bytes. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** Takes files into the store. @returns those that were wanted, by their names */
export async function takeFiles(options: TakeOptions): Promise<ReadonlyMap<string, VersionFile>> {
  const { spec, files, folder, signal } = options;
  if (files.length === 0) return new Map();
  // One database profiles all parts in turn: to open one for each takes longer than to read a small file does.
  const turns = new Queue();
  const ends = signal ? { signal } : {};
  let opened: Promise<OpenDuckDb> | undefined;
  const profile: ProfilePath = (path) =>
    turns.run(async () => {
      opened ??= openDuckDb(folder, ends);
      return profilePartWith(await opened, { path, columns: spec.columns }, ends);
    });
  try {
    return await readAndStore(options, profile);
  } finally {
    await opened?.then(
      (db) => db.close(),
      () => {},
    );
  }
}

type ProfilePath = (path: string) => Promise<Profile>;

async function readAndStore(options: TakeOptions, profile: ProfilePath): Promise<ReadonlyMap<string, VersionFile>> {
  const { spec, files, folder, signal, onRead } = options;
  const taken = new Map<string, VersionFile>();
  const progress = new ReadingProgress(options);
  const [uploads, smallUploads] = [new Background(storing), new Background(storingSmall)];
  const fingerprints = new Map(files.map(({ name, fingerprint }) => [name, fingerprint]));
  try {
    const onProgress: OnProgress = (within) => progress.tellWithin(within.phase, within);
    const brought = bringFiles(files, { folder, signal, onProgress: options.onProgress });
    for await (const reading of readSourceFiles({ spec, files: brought, folder, signal, onProgress })) {
      progress.tellRead(reading);
      const wanted = onRead(reading);
      const fingerprint = fingerprints.get(reading.name) ?? "";
      const isSmall = reading.parts.every((part) => part.profile);
      await (isSmall ? smallUploads : uploads).begin(async () => {
        if (wanted) {
          const stored = await storeReading(reading, { ...options, fingerprint, profile });
          taken.set(reading.name, { ...stored, ...takeFitted(files, reading.name) });
        } else await discard(reading);
      });
    }
    for (const each of [uploads, smallUploads]) await each.end();
    return taken;
  } finally {
    for (const each of [uploads, smallUploads]) await each.settle();
  }
}

async function storeReading(
  reading: FileReading,
  {
    spec,
    store,
    signal,
    fingerprint,
    profile,
  }: TakeOptions & { readonly fingerprint: string; readonly profile: ProfilePath },
): Promise<VersionFile> {
  const { name, rows, broken, from, to, breaches, quarantine } = reading;
  const move = async (path: string): Promise<Reference> => {
    signal?.throwIfAborted();
    const reference = await store.putFile(path);
    await rm(path);
    return reference;
  };
  const parts: VersionFile["parts"] = [];
  for (const { path, rows, profile: known } of reading.parts) {
    const profiled = store.putJson(known ?? (await profile(path)));
    const [object, ofProfile] = await Promise.all([move(path), profiled]);
    parts.push({ object, rows, profile: ofProfile });
  }
  const identity = fileIdentity(spec, fingerprint);
  const file = { name, fingerprint, identity, rows: rows - broken, from, to, parts };
  if (!quarantine) return file;
  const reasons = breaches.map(({ column, reason, rows }) => ({ column, reason, rows }));
  return { ...file, quarantine: { object: await move(quarantine.path), rows: quarantine.rows, reasons } };
}

/** What was fitted while a file was fetched. */
function takeFitted(files: readonly SourceFile[], name: string): Pick<VersionFile, "fitted"> {
  const file = files.length === 1 ? files[0] : undefined;
  const fitted = file?.name === name && "fetch" in file ? (file.fitted?.() ?? []) : [];
  return fitted.length > 0 ? { fitted: [...fitted] } : {};
}

async function discard({ parts, quarantine }: FileReading): Promise<void> {
  for (const { path } of [...parts, ...(quarantine ? [quarantine] : [])]) await rm(path);
}

/** How far the reading of several files has come. */
class ReadingProgress {
  readonly #options: TakeOptions;
  readonly #bytes: number;
  #files = 0;
  #rows = 0;
  #bytesRead = 0;

  constructor(options: TakeOptions) {
    this.#options = options;
    this.#bytes = options.files.reduce((sum, { size }) => sum + size, 0);
  }

  /** Of the file that is read now: its check is most of the work. */
  tellWithin(phase: string, { done, total = 0 }: { readonly done: number; readonly total?: number }): void {
    const size = this.#options.files[this.#files]?.size ?? 0;
    if (phase === "checking" && total > 0) this.#tell(Math.floor((size * done) / total));
  }

  tellRead({ rows }: FileReading): void {
    this.#bytesRead += this.#options.files[this.#files]?.size ?? 0;
    this.#files++;
    this.#rows += rows;
    this.#tell(0);
  }

  #tell(within: number): void {
    this.#options.onProgress?.({
      phase: "reading",
      done: this.#rows,
      unit: "rows",
      files: { done: this.#files, total: this.#options.files.length },
      bytes: { done: this.#bytesRead + within, total: this.#bytes },
    });
  }
}
