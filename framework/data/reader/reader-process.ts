/**
 * A reader's process, from the outside: what it is started with, what it is asked, and the limits that it is held to of
 * memory, of disk, and of time without progress.
 * @module
 */
import { mkdirSync } from "node:fs";
import { extname, join } from "node:path";
import { locateUserCache } from "../../toolchain/cache.ts";
import { type LimitedProcess, startProcess } from "../../training/limited-process.ts";
import type { OnProgress } from "../progress.ts";
import {
  onEachLine,
  type ReaderMessage,
  type ReaderSettings,
  type ReadRequest,
  readerMessage,
  sendLine,
} from "./channel.ts";
import { measureFolder } from "./disk.ts";
import type { ReaderEnd } from "./end.ts";

/** What holds while one request is answered. */
export interface TurnOptions {
  /** How long it may go without reading, writing or getting further, in seconds. */
  readonly stallSeconds: number;
  /** What there may be in the request's folder, in bytes. */
  readonly diskBytes: number;
  /** Ends the process. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears how far the file is. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** What was asked for is answered, or the process has ended. */
export type Outcome = Answer | Pick<ReaderEnd, "reason" | "how" | "printed">;

type Answer = Exclude<ReaderMessage, { progress: unknown } | { moved: unknown }>;

/** A request that is being answered. */
interface Turn extends TurnOptions {
  readonly folder: string;
  readonly answer: (message: Answer) => void;
  /** How often the reader was looked at since it got further: a count, as this process may itself be busy. */
  idleLooks: number;
  /** What told last that it got further: a count of bytes, or a line of progress. */
  readonly told: { moved: string; progress: string };
}

/** What DuckDB may have of a reader's memory. */
const databaseShare = 2 / 3;
/** What it spills at, in bytes: a file of a million rows is sorted within it, and a larger one takes no more. */
const databaseBytes = 400_000_000;
const heapMegabytes = 512;
/** What Node maps and does not use, in bytes. The kernel counts it, and holds where memory grows between two looks. */
const mappedBytes = 1_500_000_000;
/** How often it is looked whether a reader keeps to its limits, in milliseconds. */
const watchMilliseconds = 250;
const memoryMilliseconds = 100;
const printedCharacters = 2_000;
const program = join(import.meta.dirname, `source-reader${extname(import.meta.filename)}`);

export class ReaderProcess {
  readonly #child: LimitedProcess;
  readonly #ended: Promise<Pick<ReaderEnd, "reason" | "how">>;
  #hasEnded = false;
  #turn: Turn | undefined;
  #printed = "";
  #reason: ReaderEnd["reason"] = "crash";

  /** Starts it. @param memoryBytes what it may have in memory; two thirds of it are DuckDB's */
  constructor(memoryBytes: number) {
    this.#child = startProcess(composeCommand(memoryBytes), {
      // What it writes lies in the folder of a request.
      folder: "/",
      environment: composeEnvironment(),
      memoryBytes,
      watchMilliseconds: memoryMilliseconds,
      graceSeconds: 0,
      hasChannel: true,
      onLine: (line) => {
        this.#printed = `${this.#printed}${line}\n`.slice(-printedCharacters);
      },
    });
    this.#ended = this.#watch(this.#child);
  }

  /** Whether it has ended, or been told to. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether something that it was asked for is not answered. */
  get isBusy(): boolean {
    return this.#turn !== undefined;
  }

  /** Asks for something, what was asked before being answered. */
  async ask(request: ReadRequest, options: TurnOptions): Promise<Outcome> {
    const { signal } = options;
    const abort = (): void => this.#stop("crash");
    const answered = new Promise<Answer>((answer) => {
      this.#turn = { ...options, folder: request.folder, answer, idleLooks: 0, told: { moved: "", progress: "" } };
    });
    const watch = setInterval(() => void this.#look(), watchMilliseconds);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      if (this.#child.channel) sendLine(this.#child.channel, request);
      const outcome = await Promise.race([answered, this.#ended]);
      return "how" in outcome ? { ...outcome, printed: this.#printed } : outcome;
    } finally {
      signal?.removeEventListener("abort", abort);
      clearInterval(watch);
      this.#turn = undefined;
    }
  }

  /** Has it let go of the folder of its last request. */
  async rest(folder: string): Promise<void> {
    const rested = new Promise<Answer>((answer) => {
      const limits = { stallSeconds: Number.POSITIVE_INFINITY, diskBytes: Number.POSITIVE_INFINITY };
      this.#turn = { ...limits, folder, answer, idleLooks: 0, told: { moved: "", progress: "" } };
    });
    if (this.#child.channel) sendLine(this.#child.channel, { rest: true });
    await Promise.race([rested, this.#ended]);
    this.#turn = undefined;
  }

  /** Whether this process may end while it has nothing to do: it ends then too. */
  setIdle(isIdle: boolean): void {
    this.#child.setIdle(isIdle);
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#hasEnded = true;
    this.#child.setIdle(false);
    await this.#child.stop();
    await this.#ended;
  }

  async #watch({ channel, ended }: LimitedProcess): Promise<Pick<ReaderEnd, "reason" | "how">> {
    // A broken channel is the end of the process, which is told below.
    channel?.on("error", () => {});
    if (channel) onEachLine(channel, (line) => this.#hear(line));
    const { reason, how } = await ended;
    this.#hasEnded = true;
    return { reason: reason === "memory" ? "memory" : this.#reason, how };
  }

  #hear(line: string): void {
    const message = readMessage(line);
    const turn = this.#turn;
    if (message === undefined) this.#stop("garbled");
    else if ("progress" in message) {
      turn?.onProgress?.(message.progress);
      noteProgress(turn, "progress", line);
    } else if ("moved" in message) noteProgress(turn, "moved", line);
    else turn?.answer(message);
  }

  async #look(): Promise<void> {
    const turn = this.#turn;
    if (!turn) return;
    turn.idleLooks += 1;
    if (turn.idleLooks * watchMilliseconds > turn.stallSeconds * 1_000) return this.#stop("stalled");
    const written = await measureFolder(turn.folder);
    if (written > turn.diskBytes && turn === this.#turn) this.#stop("written");
  }

  #stop(reason: ReaderEnd["reason"]): void {
    this.#reason = reason;
    this.#hasEnded = true;
    void this.#child.stop();
  }
}

function noteProgress(turn: Turn | undefined, kind: keyof Turn["told"], line: string): void {
  if (!turn || turn.told[kind] === line) return;
  turn.told[kind] = line;
  turn.idleLooks = 0;
}

function composeCommand(memoryBytes: number): [string, ...string[]] {
  const reserveBytes = Math.floor(memoryBytes * databaseShare);
  const settings: ReaderSettings = { databaseBytes: Math.min(databaseBytes, reserveBytes), reserveBytes };
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

function composeEnvironment(): Record<string, string> {
  const { LD_LIBRARY_PATH: libraries } = process.env;
  const cache = prepareCache();
  return {
    HOME: "/",
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
