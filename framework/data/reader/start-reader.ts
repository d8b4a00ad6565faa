/**
 * Readers: a process that reads the files of sources, which anybody may have written, and may be lost over one of them. It
 * has no environment to speak of, a folder to work in, and limits of memory, of disk, and of time without progress.
 * @module
 */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { StewardError } from "../../definitions/problem.ts";
import type { DatasetSpec } from "../../definitions/spec.ts";
import type { OnProgress } from "../progress.ts";
import type { FileReading } from "../read-source-files.ts";
import { allowDisk } from "./disk.ts";
import { explainReaderEnd } from "./end.ts";
import { type Outcome, ReaderProcess } from "./reader-process.ts";
import { keepWarmReader, takeWarmReader } from "./warm-reader.ts";

export interface ReaderLimits {
  /** What the process may have in memory, in bytes; two thirds of it are DuckDB's. @default 1.5 GB */
  readonly memoryBytes?: number;
  /** How long it may go without reading, writing or getting further, in seconds. @default 60 */
  readonly stallSeconds?: number;
  /** What it may write to disk for one file, in bytes. @default 8 GB or a hundred times the file, and 80 % of what is free */
  readonly diskBytes?: number;
}

export interface ReaderOptions {
  /** An existing folder: what was read is put there, and all else removed. */
  readonly folder: string;
  /** @default each limit's own */
  readonly limits?: ReaderLimits | undefined;
  /** Ends the process; what is thrown is its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears how far the file is. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
  /** The dataset whose files are read: then the process may be one that was kept, and is kept. @default it is this reader's alone */
  readonly dataset?: string | undefined;
}

/** A file, and what it is to be. */
export interface FileToRead {
  readonly spec: DatasetSpec;
  /** Its name in the version. */
  readonly name: string;
  readonly path: string;
}

const defaults = { memoryBytes: 1_500_000_000, stallSeconds: 60 };

/**
 * Has a process started for a dataset, unless one is kept, so that it is there when its first file is to be read. Not waited
 * for, and ended if it is not asked for anything.
 */
export function warmReader(dataset: string): void {
  const process = takeWarmReader(dataset) ?? new ReaderProcess(defaults.memoryBytes);
  void keepWarmReader(process, dataset);
}

/** Starts a reader. Whoever starts it closes it. */
export async function startReader(options: ReaderOptions): Promise<Reader> {
  options.signal?.throwIfAborted();
  const work = await mkdtemp(join(resolve(options.folder), "reader-"));
  return new Reader(work, options);
}

export class Reader {
  readonly #options: ReaderOptions;
  readonly #limits: typeof defaults;
  readonly #work: string;
  #process: ReaderProcess;
  #files = 0;
  #isClosed = false;

  constructor(work: string, options: ReaderOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
    this.#work = work;
    this.#process = (this.#keptFor && takeWarmReader(this.#keptFor)) || this.#start();
  }

  /** A process that was started with other limits is not kept. */
  get #keptFor(): string | undefined {
    return this.#options.limits ? undefined : this.#options.dataset;
  }

  #start(): ReaderProcess {
    return new ReaderProcess(this.#limits.memoryBytes);
  }

  /**
   * Reads a file, the one before being done. After a problem of a file's the reader may be asked for another.
   * @throws StewardError when the file cannot be read, or ends the reader
   */
  async read({ spec, name, path }: FileToRead): Promise<FileReading> {
    const diskBytes = await this.#allowDisk([path]);
    const outcome = await this.#ask(spec, { files: [{ name, path }], diskBytes });
    if ("how" in outcome) {
      const end = { ...this.#limits, ...outcome, diskBytes };
      throw new StewardError(explainReaderEnd(end, { at: `${spec.name}.source`, file: path }));
    }
    if ("problems" in outcome) {
      const absolute = resolve(path);
      throw new StewardError(
        outcome.problems.map((problem) => (problem.file === absolute ? { ...problem, file: path } : problem)),
      );
    }
    const [reading] = "readings" in outcome ? outcome.readings : [];
    if (!reading) throw new Error("failure" in outcome ? outcome.failure : "a reader answered what it was not asked");
    return moveReading(reading, resolve(this.#options.folder));
  }

  /**
   * Reads several small files at once, those before being done.
   * @returns what `read` gives of each; nothing when they are to be read one by one, which tells what is wrong with one of them
   */
  async readSmall(
    spec: DatasetSpec,
    files: readonly Pick<FileToRead, "name" | "path">[],
  ): Promise<readonly FileReading[] | undefined> {
    const diskBytes = await this.#allowDisk(files.map(({ path }) => path));
    const outcome = await this.#ask(spec, { files, diskBytes });
    if ("how" in outcome && !this.#isClosed) this.#process = this.#start();
    if (!("readings" in outcome)) return undefined;
    const folder = resolve(this.#options.folder);
    return await Promise.all(outcome.readings.map((reading) => moveReading(reading, folder)));
  }

  /** Ends the process, or keeps it for the next reader, and removes what it left. */
  async close(): Promise<void> {
    const process = this.#process;
    this.#isClosed = true;
    if (this.#keptFor === undefined || process.hasEnded || process.isBusy) await process.close();
    else {
      await process.rest(this.#work);
      await keepWarmReader(process, this.#keptFor);
    }
    await rm(this.#work, { recursive: true, force: true });
  }

  async #allowDisk(paths: readonly string[]): Promise<number> {
    const { limits, signal } = this.#options;
    signal?.throwIfAborted();
    return (
      limits?.diskBytes ??
      (await allowDisk(
        this.#work,
        paths.map((path) => resolve(path)),
      ))
    );
  }

  async #ask(
    spec: DatasetSpec,
    { files, diskBytes }: { readonly files: readonly Pick<FileToRead, "name" | "path">[]; readonly diskBytes: number },
  ): Promise<Outcome> {
    const { signal, onProgress } = this.#options;
    // It may have been called off while the room on the disk was counted.
    signal?.throwIfAborted();
    if (this.#isClosed) throw new Error("the reader is closed");
    const wanted = files.map(({ name, path }) => {
      const prefix = join(this.#work, `file-${this.#files++}`);
      return { name, path: resolve(path), prefix };
    });
    const request = { spec, files: wanted, folder: this.#work, spillBytes: diskBytes };
    const { stallSeconds } = this.#limits;
    const outcome = await this.#process.ask(request, { stallSeconds, diskBytes, signal, onProgress });
    signal?.throwIfAborted();
    return outcome;
  }
}

/** Puts what was written for a file where its reader takes it from; what is not whole never gets there. */
async function moveReading(reading: FileReading, folder: string): Promise<FileReading> {
  const move = async <W extends { readonly path: string }>(written: W): Promise<W> => {
    const path = join(folder, basename(written.path));
    await rename(written.path, path);
    return { ...written, path };
  };
  const parts = await Promise.all(reading.parts.map(move));
  return { ...reading, parts, ...(reading.quarantine && { quarantine: await move(reading.quarantine) }) };
}
