/**
 * A program with all that it starts, as one process group: within a memory limit, ended as a whole, and never outliving
 * the process that started it, in whatever way that one ends.
 *
 * A group leader waits at a gate until a guard stands beside it: a shell that reads a pipe of ours and kills the group
 * when the pipe breaks. On Linux the group is also the first that the kernel ends when the machine's memory is used up.
 * Out of reach is a process that leaves its group on purpose.
 * @module
 */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { measureGroupMemory } from "./group-memory.ts";

type OutputName = "stdout" | "stderr";

export interface ProcessOptions {
  /** The working directory. */
  readonly folder: string;
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets each line of output without its end; a line longer than 64 KiB comes in parts. */
  readonly onLine: (line: string, output: OutputName) => void;
  /** What all processes of the group may have in memory together, in bytes. @default no limit */
  readonly memoryBytes?: number;
  /** How often memory is measured, in milliseconds: between two looks more may be used. @default 250 */
  readonly watchMilliseconds?: number;
  /** How long the group may take from SIGTERM to its end, in seconds; then SIGKILL. @default 10 */
  readonly graceSeconds?: number;
  /** Whether the program has a socket as descriptor 3, whose other end is `channel`. @default it has none */
  readonly hasChannel?: boolean;
}

/** How a program ended. */
export interface ProcessEnd {
  /** `memory`: ended for using too much. `stopped`: ended because `stop` was called. */
  readonly reason: "exit" | "memory" | "stopped";
  /** For people: `exit code 1`, `signal SIGSEGV`, or why it did not start. */
  readonly how: string;
  /** Whether it ended by itself with exit code 0. */
  readonly ok: boolean;
  /** Wall time from its start, in seconds. */
  readonly seconds: number;
  /** The most memory that was seen in use, in bytes. */
  readonly peakBytes: number;
}

export interface LimitedProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Both ways. @default nothing was asked for */
  readonly channel?: Duplex;
  /**
   * Whether it has nothing to do: then it keeps this process from ending no more than if it were not there, and its memory is
   * not measured.
   */
  setIdle(isIdle: boolean): void;
  /** Sends SIGTERM to the group, then SIGKILL after the grace; resolves when it has ended. */
  stop(): Promise<ProcessEnd>;
}

const longestLine = 65_536;
/** How long output may keep coming after the group has ended, from a process that left it with our pipe in hand. */
const drainMilliseconds = 1_000;

const gate = 'read -r go || exit 1; { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; exec "$@" </dev/null';
const guardian = 'read -r done || kill -s KILL -- "-$0"';

/** Starts a program. */
export function startProcess(command: readonly [string, ...string[]], options: ProcessOptions): LimitedProcess {
  const started = performance.now();
  let reason: ProcessEnd["reason"] = "exit";
  let peakBytes = 0;
  const child = spawn("/bin/sh", ["-c", gate, "gate", ...command], {
    cwd: options.folder,
    env: options.environment,
    stdio: ["pipe", "pipe", "pipe", ...(options.hasChannel ? ["pipe" as const] : [])],
    detached: true,
  }) as ChildProcessWithoutNullStreams;
  const channel = child.stdio[3] as Duplex | undefined;
  const outputs = [
    readLines(child.stdout, (line) => options.onLine(line, "stdout")),
    readLines(child.stderr, (line) => options.onLine(line, "stderr")),
  ];
  const exited = watchExit(child);
  const guard = openGate(child);

  let isIdle = false;
  const watch = setInterval(async () => {
    if (isIdle) return;
    const bytes = await measureGroupMemory(child.pid, options.memoryBytes);
    peakBytes = Math.max(peakBytes, bytes);
    if (options.memoryBytes === undefined || bytes <= options.memoryBytes || reason !== "exit") return;
    reason = "memory";
    signalGroup(child.pid, "SIGKILL");
  }, options.watchMilliseconds ?? 250);

  const ended = exited.then(async (how): Promise<ProcessEnd> => {
    clearInterval(watch);
    // What it left running would hold files, cores and our pipes.
    signalGroup(child.pid, "SIGKILL");
    await Promise.race([Promise.all(outputs), sleep(drainMilliseconds, undefined, { ref: false })]);
    child.stdout.destroy();
    child.stderr.destroy();
    await Promise.all(outputs);
    guard?.stdin?.end("done\n");
    const ok = reason === "exit" && how === "exit code 0";
    return { reason, how, ok, seconds: (performance.now() - started) / 1000, peakBytes };
  });

  return {
    ended,
    ...(channel && { channel }),
    setIdle(idle) {
      isIdle = idle;
      const handles = [child, ...child.stdio, guard, guard?.stdin, watch];
      for (const handle of handles) if (isHandle(handle)) handle[idle ? "unref" : "ref"]();
    },
    async stop() {
      if (reason === "exit") reason = "stopped";
      signalGroup(child.pid, "SIGTERM");
      const killing = setTimeout(() => signalGroup(child.pid, "SIGKILL"), (options.graceSeconds ?? 10) * 1000);
      try {
        return await ended;
      } finally {
        clearTimeout(killing);
      }
    },
  };
}

/**
 * What keeps a process from ending. The pipes of a child are sockets, which their types do not say; one that is closed would
 * wait to be opened again, with a listener more each time.
 */
function isHandle(value: unknown): value is { ref(): unknown; unref(): unknown } {
  if (typeof value !== "object" || value === null || ("destroyed" in value && value.destroyed === true)) return false;
  return "unref" in value && "ref" in value;
}

/** Places the guard and lets the program begin. */
function openGate(child: ChildProcess): ChildProcess | undefined {
  // Writing to a program that has already ended is no fault.
  child.stdin?.on("error", () => {});
  if (child.pid === undefined) return undefined;
  const stdio = ["pipe", "ignore", "ignore"] as const;
  const guard = spawn("/bin/sh", ["-c", guardian, String(child.pid)], { env: {}, stdio: [...stdio], detached: true });
  guard.stdin?.on("error", () => {});
  guard.once("spawn", () => child.stdin?.end("go\n"));
  // Unguarded it does not begin: the gate reads an end and closes.
  guard.once("error", () => child.stdin?.end());
  return guard;
}

function watchExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`it did not start: ${error.message}`));
    child.once("exit", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

/** Resolves when the stream is closed and its last line has been handed over, ended or not. */
function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
    if (rest.length < longestLine) return;
    onLine(rest);
    rest = "";
  });
  return new Promise((resolve) => {
    stream.once("close", () => {
      if (rest !== "") onLine(rest);
      resolve();
    });
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // None of it is left.
  }
}
