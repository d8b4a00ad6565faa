/**
 * Times whole processes, one after the other in turns, so that what else the machine does falls on all of them alike.
 * @module
 */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface TimedCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Finished {
  readonly seconds: number;
  readonly code: number | null;
  readonly output: string;
}

/** Runs a command from start to end. */
export async function runTimed({ program, args, cwd, env }: TimedCommand, signal: AbortSignal): Promise<Finished> {
  const start = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], signal });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [code, ...output] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { seconds: (performance.now() - start) / 1000, code, output: output.join("") };
}

export interface Turns {
  readonly repeats: number;
  readonly signal: AbortSignal;
  /** Looks at what a command said. @throws Error when it is not what it must say */
  readonly check: (name: string, finished: Finished) => void;
}

/** Runs every command in turns, once before that counts. @returns the seconds of each, by name */
export async function measureInTurns(
  commands: readonly TimedCommand[],
  { repeats, signal, check }: Turns,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const seconds = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
  for (let turn = 0; turn <= repeats; turn++) {
    for (const command of commands) {
      const finished = await runTimed(command, signal);
      check(command.name, finished);
      if (turn > 0) seconds.get(command.name)?.push(finished.seconds);
    }
  }
  return seconds;
}

/** The middle of an odd number of values, the mean of the two in the middle of an even one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}
