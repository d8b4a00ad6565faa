/**
 * Running a program to its end: its output goes line by line to a log, and an interruption ends its whole process group.
 * @module
 */
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";

export interface CommandOptions {
  /** The working directory. */
  readonly folder: string;
  /** The whole environment of the program. */
  readonly environment: NodeJS.ProcessEnv;
  /** The file that gets the output; what it held before is lost. Only its owner may read it. */
  readonly log: string;
  /** Ends the program and what it started. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

export interface CommandEnd {
  /** Whether it ran and ended with exit code 0. */
  readonly ok: boolean;
  /** How it ended, for people: `exit code 1`, `signal SIGKILL`, or why it did not start. */
  readonly how: string;
  /** Its last lines of output, at most 12. */
  readonly lastLines: readonly string[];
}

const keptLines = 12;
const termMilliseconds = 3_000;

/** Runs a program to its end, also when `signal` is aborted: then it throws the reason. It throws too when the log cannot be written. */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandEnd> {
  options.signal?.throwIfAborted();
  const log = createWriteStream(options.log, { mode: 0o600 });
  const logFailure = finished(log).then(
    () => undefined,
    (error: unknown) => error,
  );
  const lastLines: string[] = [];
  // Its own process group, so that compilers it starts end with it.
  const child = spawn(program, args, {
    cwd: options.folder,
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on("line", (line) => {
      const shown = hideCredentials(line);
      log.write(`${shown}\n`);
      if (lastLines.push(shown) > keptLines) lastLines.shift();
    });
  }
  let killing: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(child.pid, "SIGTERM");
    killing = setTimeout(() => signalGroup(child.pid, "SIGKILL"), termMilliseconds);
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  const how = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`it did not start: ${error.message}`));
    child.once("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  options.signal?.removeEventListener("abort", stop);
  clearTimeout(killing);
  log.end();
  const failure = await logFailure;
  options.signal?.throwIfAborted();
  if (failure !== undefined) throw failure;
  return { ok: how === "exit code 0", how, lastLines };
}

/** Hides the user part of an address: a registry's address may carry a password. */
export function hideCredentials(line: string): string {
  return line.replace(/(\w:\/\/)[^\s/@]+@/g, "$1…@");
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
