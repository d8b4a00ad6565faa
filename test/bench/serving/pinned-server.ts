/**
 * A server of the bench, in processes of its own that all have the one core that is measured.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { listDescendants } from "./descendants.ts";

/** The core that servers have, and the one of whoever asks them. */
export const cores = { server: "0", client: "1" } as const;

export interface ServerProgram {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** Besides what every program gets. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
}

export interface PinnedServer {
  readonly port: number;
  /** Ends it with all that it started, and waits until they have ended. */
  stop(): Promise<void>;
}

/** How long it may take until a server answers, in milliseconds: Python imports a lot on one core. */
const patience = 120_000;
/** How long a server may take to end by itself, in milliseconds. */
const grace = 10_000;

/** How a server is started. */
export interface Starting {
  readonly name: string;
  readonly port: number;
  /** Where it is asked, and a body that it answers with 200 once it is ready. */
  readonly path: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Starts a server and waits until it answers. @throws Error with what it said when it does not */
export async function startPinned(program: ServerProgram, starting: Starting): Promise<PinnedServer> {
  const { name, port, signal } = starting;
  signal.throwIfAborted();
  const child = spawn("taskset", ["-c", cores.server, ...program.command], {
    cwd: program.cwd,
    env: { ...ownEnvironment(), ...program.env, PORT: String(port) },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => {
      said.push(text);
      if (said.length > 50) said.shift();
    });
  }
  child.once("error", (error) => said.push(String(error)));
  try {
    await untilAnswering(starting, () => child.pid !== undefined && child.exitCode === null);
  } catch (cause) {
    await stop(child);
    signal.throwIfAborted();
    throw new Error(`${name} did not start: ${said.join("")}`, { cause });
  }
  return { port, stop: () => stop(child) };
}

/** No thread but one computes, and nobody is told of the bench. */
function ownEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, OMP_NUM_THREADS: "1", DO_NOT_TRACK: "1", PYTHONDONTWRITEBYTECODE: "1" };
}

async function untilAnswering({ port, path, body, signal }: Starting, lives: () => boolean): Promise<void> {
  const url = `http://127.0.0.1:${port}${path}`;
  const headers = { "content-type": "application/json" };
  for (const begun = performance.now(); performance.now() - begun < patience && lives() && !signal.aborted; ) {
    const answers = await fetch(url, { method: "POST", headers, body, signal }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (answers) return;
    await sleep(100);
  }
  throw new Error("it never answered");
}

/** Some servers put their workers into sessions of their own, which a signal to the group does not reach. */
async function stop(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const all = [pid, ...listDescendants(pid)];
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    process.kill(pid, "SIGTERM");
    await Promise.race([ended, sleep(grace, undefined, { ref: false })]);
  }
  for (const each of all) kill(each);
  // Whoever has become their parent may take its time to notice that they are dead.
  for (const begun = performance.now(); all.some(lives) && performance.now() - begun < grace; ) await sleep(20);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
