/**
 * Readers: a process that reads the files of sources, which anybody may have written, and may be lost over one of them. It
 * has no environment to speak of, a folder to work in, and limits of memory, of disk, and of time without progress.
 * @module
 */
import { mkdirSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { StewardError } from "../../definitions/problem.ts";
import type { DatasetSpec } from "../../definitions/spec.ts";
import { locateUserCache } from "../../toolchain/cache.ts";
import { type LimitedProcess, startProcess } from "../../training/limited-process.ts";
import type { OnProgress } from "../progress.ts";
import type { FileReading } from "../read-source-files.ts";
import { onEachLine, type ReaderMessage, readerMessage, sendLine } from "./channel.ts";
import { allowDisk, measureFolder } from "./disk.ts";
import { explainReaderEnd, type ReaderEnd } from "./end.ts";

export interface ReaderLimits {
  /** What the process may have in memory, in bytes; DuckDB spills at two thirds of it. @default 1.5 GB */
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
}

/** A file, and what it is to be. */
export interface FileToRead {
  readonly spec: DatasetSpec;
  /** Its name in the version. */
  readonly name: string;
  readonly path: string;
}

const defaults = { memoryBytes: 1_500_000_000, stallSeconds: 60 };
const databaseShare = 2 / 3;
const heapMegabytes = 512;
/** What Node maps and does not use, in bytes. The kernel counts it, and holds where memory grows between two looks. */
const mappedBytes = 1_500_000_000;
/** How often it is looked whether a reader keeps to its limits, in milliseconds. */
const watchMilliseconds = 250;
const memoryMilliseconds = 100;
const printedCharacters = 2_000;
const program = join(import.meta.dirname, `source-reader${extname(import.meta.filename)}`);

/** Starts a reader. Whoever starts it closes it. */
export async function startReader(options: ReaderOptions): Promise<Reader> {
  options.signal?.throwIfAborted();
  const work = await mkdtemp(join(resolve(options.folder), "reader-"));
  return new Reader(work, options);
}

type Answer = Extract<ReaderMessage, { reading: unknown } | { problems: unknown } | { failure: unknown }>;

/** A file that is being read. */
interface Turn {
  readonly diskBytes: number;
  readonly answer: (message: Answer) => void;
  /** How often the reader was looked at since it got further: a count, as this process may itself be busy. */
  idleLooks: number;
  /** What told last that it got further: a count of bytes, or a line of progress. */
  readonly told: { moved: string; progress: string };
}

export class Reader {
  readonly #options: ReaderOptions;
  readonly #limits: typeof defaults;
  readonly #work: string;
  readonly #child: LimitedProcess;
  readonly #ended: Promise<Pick<ReaderEnd, "reason" | "how">>;
  #files = 0;
  #turn: Turn | undefined;
  #printed = "";
  #reason: ReaderEnd["reason"] = "crash";

  constructor(work: string, options: ReaderOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
    this.#work = work;
    this.#child = startProcess(composeCommand(work, this.#limits.memoryBytes), {
      folder: work,
      environment: composeEnvironment(work),
      memoryBytes: this.#limits.memoryBytes,
      watchMilliseconds: memoryMilliseconds,
      graceSeconds: 0,
      hasChannel: true,
      onLine: (line) => {
        this.#printed = `${this.#printed}${line}\n`.slice(-printedCharacters);
      },
    });
    this.#ended = this.#watch(this.#child);
  }

  /**
   * Reads a file, the one before being done. After a problem of a file's the reader may be asked for another.
   * @throws StewardError when the file cannot be read, or ends the reader
   */
  async read({ spec, name, path }: FileToRead): Promise<FileReading> {
    const { folder, limits, signal } = this.#options;
    signal?.throwIfAborted();
    const number = this.#files++;
    const absolute = resolve(path);
    const diskBytes = limits?.diskBytes ?? (await allowDisk(this.#work, absolute));
    const answered = new Promise<Answer>((answer) => {
      this.#turn = { diskBytes, answer, idleLooks: 0, told: { moved: "", progress: "" } };
    });
    const prefix = join(this.#work, `file-${number}`);
    const { channel } = this.#child;
    if (channel) sendLine(channel, { spec, name, path: absolute, prefix, spillBytes: diskBytes });
    const outcome = await Promise.race([answered, this.#ended]);
    this.#turn = undefined;
    signal?.throwIfAborted();
    if ("how" in outcome) {
      const end = { ...this.#limits, ...outcome, printed: this.#printed, diskBytes };
      throw new StewardError(explainReaderEnd(end, { at: `${spec.name}.source`, file: path }));
    }
    if ("failure" in outcome) throw new Error(outcome.failure);
    if ("reading" in outcome) return moveReading(outcome.reading, resolve(folder));
    const shown = outcome.problems.map((problem) => (problem.file === absolute ? { ...problem, file: path } : problem));
    throw new StewardError(shown);
  }

  /** Ends the process and removes what it left. */
  async close(): Promise<void> {
    await this.#child.stop();
    await this.#ended;
    await rm(this.#work, { recursive: true, force: true });
  }

  async #watch({ channel, ended }: LimitedProcess): Promise<Pick<ReaderEnd, "reason" | "how">> {
    const { signal } = this.#options;
    const abort = (): void => this.#stop("crash");
    signal?.addEventListener("abort", abort, { once: true });
    // A broken channel is the end of the process, which is told below.
    channel?.on("error", () => {});
    if (channel) onEachLine(channel, (line) => this.#hear(line));
    const watch = setInterval(() => void this.#look(), watchMilliseconds);
    const { reason, how } = await ended;
    clearInterval(watch);
    signal?.removeEventListener("abort", abort);
    return { reason: reason === "memory" ? "memory" : this.#reason, how };
  }

  #hear(line: string): void {
    const message = readMessage(line);
    const turn = this.#turn;
    if (message === undefined) this.#stop("garbled");
    else if ("progress" in message) {
      this.#options.onProgress?.(message.progress);
      noteProgress(turn, "progress", line);
    } else if ("moved" in message) noteProgress(turn, "moved", line);
    else turn?.answer(message);
  }

  async #look(): Promise<void> {
    const turn = this.#turn;
    if (!turn) return;
    turn.idleLooks += 1;
    if (turn.idleLooks * watchMilliseconds > this.#limits.stallSeconds * 1_000) return this.#stop("stalled");
    const written = await measureFolder(this.#work);
    if (written > turn.diskBytes && turn === this.#turn) this.#stop("written");
  }

  #stop(reason: ReaderEnd["reason"]): void {
    this.#reason = reason;
    void this.#child.stop();
  }
}

function noteProgress(turn: Turn | undefined, kind: keyof Turn["told"], line: string): void {
  if (!turn || turn.told[kind] === line) return;
  turn.told[kind] = line;
  turn.idleLooks = 0;
}

function composeCommand(work: string, memoryBytes: number): [string, ...string[]] {
  const settings = { folder: work, databaseBytes: Math.floor(memoryBytes * databaseShare) };
  const dataKilobytes = Math.ceil((memoryBytes + mappedBytes) / 1024);
  return [
    "/bin/sh",
    "-c",
    `ulimit -d ${dataKilobytes}; exec "$@"`,
    "reader",
    process.execPath,
    "--no-warnings",
    `--max-old-space-size=${heapMegabytes}`,
    program,
    JSON.stringify(settings),
  ];
}

function composeEnvironment(work: string): Record<string, string> {
  const { LD_LIBRARY_PATH: libraries } = process.env;
  const cache = prepareCache();
  return {
    HOME: work,
    TMPDIR: work,
    LANG: "C.UTF-8",
    TZ: "UTC",
    // Where Node's own libraries are is Node's.
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
    ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }),
  };
}

/**
 * The folder of Node's compiled code, which halves a reader's start; nothing where it cannot be made. Readers alone use it:
 * a file that took one over would reach no further than the next.
 */
function prepareCache(): string | undefined {
  const cache = join(locateUserCache(), "reader");
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    return cache;
  } catch {
    return undefined;
  }
}

function readMessage(line: string): ReaderMessage | undefined {
  try {
    return readerMessage.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
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
