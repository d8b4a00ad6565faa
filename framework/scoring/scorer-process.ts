/**
 * A scorer from the outside: a process group within a limit of memory, which ends with whoever started it, and is told slice by slice what
 * to score.
 * @module
 */
import { extname, join } from "node:path";
import type { Duplex } from "node:stream";
import { onEachLine } from "../data/reader/channel.ts";
import { StewardError } from "../definitions/problem.ts";
import { startProcess } from "../training/limited-process.ts";
import { type ScorerMessage, type ScorerSettings, type SliceRequest, scorerMessage } from "./scorer-message.ts";
import type { ScoredSlice } from "./slice-scorer.ts";

export interface ScorerOptions extends Omit<ScorerSettings, "databaseBytes"> {
  /** What it may have in memory, in bytes. @default 512 MB, and 256 MB more for each thread */
  readonly memoryBytes?: number;
  /** Ends it; what is thrown is the signal's reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Told how many rows more are scored. @default nobody is told */
  readonly onRows?: ((rows: number) => void) | undefined;
  /** Given each slice that is written, before the next one is asked for in its place. */
  readonly onSlice: (request: SliceRequest, scored: ScoredSlice) => Promise<void>;
}

/** How a scorer ended that has scored all. */
export interface ScorerRun {
  /** What answered. */
  readonly engine: "onnxruntime" | "trees";
  /** The most memory that was seen in use, in bytes. */
  readonly peakBytes: number;
}

const [baseBytes, threadBytes] = [512_000_000, 256_000_000];
/** What the database of a thread may hold before it spills. */
const databaseBytes = 96_000_000;
const heapMegabytes = 256;
/** What is made and forgotten, of which V8 would keep much more. */
const youngMegabytes = 2;
const program = join(import.meta.dirname, `scorer${extname(import.meta.filename)}`);

/**
 * Scores slices, as many at once as there are threads; one more for each waits for its thread.
 * @throws StewardError `scoring-out-of-memory`, and Error where the process ends before it has scored all
 */
export async function scoreSlices(slices: AsyncIterable<SliceRequest>, options: ScorerOptions): Promise<ScorerRun> {
  const { memoryBytes, signal, onRows, onSlice, ...settings } = options;
  signal?.throwIfAborted();
  const limit = memoryBytes ?? baseBytes + settings.threads * threadBytes;
  let printed = "";
  const child = startProcess(composeCommand({ ...settings, databaseBytes }), {
    folder: settings.folder,
    environment: composeEnvironment(settings.folder),
    memoryBytes: limit,
    graceSeconds: 1,
    hasChannel: true,
    onLine: (line) => {
      printed = `${printed}${line}\n`.slice(-2_000);
    },
  });
  const stop = (): void => void child.stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const channel = child.channel;
    if (!channel) throw new TypeError("a scorer has no channel");
    const told = converse(channel, { slices, ahead: settings.threads * 2, onRows, onSlice });
    // Whatever is left to be stored is stored before it is said how the process ended.
    const [end, engine] = await Promise.all([child.ended, told.catch((error: unknown) => ({ error }))]);
    signal?.throwIfAborted();
    if (typeof engine === "object") throw engine.error;
    if (end.ok && engine !== undefined) return { engine, peakBytes: end.peakBytes };
    if (end.reason === "memory") throw explainMemory(limit);
    // That may be the machine's fault: whoever scores tries again, and goes on where this one ended.
    throw new Error(
      `the process that scores rows has ended before it was done: ${[end.how, printed.trim()].join(" ")}`,
    );
  } finally {
    signal?.removeEventListener("abort", stop);
    await child.stop();
  }
}

function explainMemory(limit: number): StewardError {
  return new StewardError({
    code: "scoring-out-of-memory",
    at: "",
    what: "the process that scores rows used more memory than it may",
    got: `more than ${Math.round(limit / 1e6)} MB`,
  });
}

function composeEnvironment(folder: string): Record<string, string> {
  const { LD_LIBRARY_PATH: libraries } = process.env;
  return {
    HOME: folder,
    TMPDIR: folder,
    LANG: "C.UTF-8",
    TZ: "UTC",
    // Threads of the C library would each keep what they have given back to themselves.
    MALLOC_ARENA_MAX: "1",
    // Where Node's own libraries are is Node's.
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
  };
}

function composeCommand(settings: ScorerSettings): [string, ...string[]] {
  return [
    process.execPath,
    "--no-warnings",
    "--expose-gc",
    `--max-semi-space-size=${youngMegabytes}`,
    `--max-old-space-size=${heapMegabytes}`,
    program,
    JSON.stringify(settings),
  ];
}

interface Conversation extends Pick<ScorerOptions, "onRows" | "onSlice"> {
  readonly slices: AsyncIterable<SliceRequest>;
  /** How many slices are told and not answered at most. */
  readonly ahead: number;
}

/** Tells slices and hears answers until the socket ends. @returns what answered, once all is scored; else nothing */
async function converse(channel: Duplex, conversation: Conversation): Promise<ScorerRun["engine"] | undefined> {
  const { slices, ahead, onRows, onSlice } = conversation;
  const open = new Map<number, SliceRequest>();
  const keeping = new Set<Promise<void>>();
  const closed = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  let engine: ScorerRun["engine"] | undefined;
  let [isToldAll, hasClosed] = [false, false];
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    room.resolve();
    channel.end();
  };
  const tellAll = async (): Promise<void> => {
    for await (const slice of slices) {
      while (open.size >= ahead && !failure && !hasClosed) await room.promise;
      if (failure || hasClosed) return;
      open.set(slice.id, slice);
      channel.write(`${JSON.stringify(slice)}\n`);
    }
    isToldAll = true;
    channel.end();
  };
  const keep = async (id: number, scored: ScoredSlice): Promise<void> => {
    const request = open.get(id);
    if (!request) throw new Error("a scorer answered what it was not asked");
    await onSlice(request, scored);
    open.delete(id);
    room.resolve();
    room = Promise.withResolvers();
  };
  const hear = (message: ScorerMessage): void => {
    if ("engine" in message) engine = message.engine;
    else if ("scored" in message) onRows?.(message.scored);
    else if ("failure" in message) fail(new Error(message.failure));
    else {
      const { slice, rows, refused } = message;
      const kept = keep(slice, { rows, refused })
        .catch(fail)
        .finally(() => keeping.delete(kept));
      keeping.add(kept);
    }
  };
  // A broken socket is the end of the process, which is told by whoever started it.
  channel
    .on("error", () => undefined)
    .on("close", () => {
      hasClosed = true;
      room.resolve();
      closed.resolve();
    });
  onEachLine(channel, (line) => hear(scorerMessage.parse(JSON.parse(line))));
  await Promise.all([tellAll().catch(fail), closed.promise]);
  await Promise.all(keeping);
  if (failure) throw failure.error;
  return isToldAll && open.size === 0 ? engine : undefined;
}
