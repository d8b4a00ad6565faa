/**
 * A tracking server of a bench, in a process of its own, and how it is asked.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { openKeptAlive } from "./keep-alive.ts";

/** The protocol, over one connection. */
export interface TrackedLine {
  /** @throws Error for any answer but 200 */
  post(path: string, body: object): Promise<unknown>;
  /** @throws Error for any answer but 200 */
  get(path: string): Promise<unknown>;
  close(): void;
}

export interface TrackedServer {
  readonly name: string;
  open(): Promise<TrackedLine>;
  /** Ends it, and waits until it has ended. */
  stop(): Promise<void>;
}

export interface TrackedProgram {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly port: number;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** Starts a server and waits until it answers. */
export async function startTracked(tracked: TrackedProgram): Promise<TrackedServer> {
  const { name, command, env, cwd, port, token, signal } = tracked;
  const [program, ...args] = command;
  const own = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env };
  // A group of its own: whatever processes it starts end with it.
  const child = spawn(program, args, { cwd, env: own, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => {
      said.push(text);
      if (said.length > 50) said.shift();
    });
  }
  const ended = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-(child.pid ?? 0), "SIGTERM");
      await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
    }
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      // All of the group has ended.
    }
    await ended;
  };
  try {
    await untilHealthy(`http://127.0.0.1:${port}/health`, () => child.exitCode === null && !signal.aborted);
  } catch (cause) {
    await stop();
    signal.throwIfAborted();
    throw new Error(`${name} did not start: ${said.join("")}`, { cause });
  }
  return { name, open: () => openLine({ name, port, token }), stop };
}

async function untilHealthy(url: string, lives: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 3000 && lives(); attempt++) {
    const isHealthy = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isHealthy) return;
    await sleep(100);
  }
  throw new Error("it never answered");
}

async function openLine({ name, port, token }: Pick<TrackedProgram, "name" | "port" | "token">): Promise<TrackedLine> {
  const line = await openKeptAlive(port, token);
  const ask = async (method: "GET" | "POST", path: string, body?: object) => {
    const asked = body === undefined ? undefined : JSON.stringify(body);
    const { status, text } = await line.ask(method, `/api/2.0/mlflow/${path}`, asked);
    if (status !== 200) throw new Error(`${name} answered ${status} to ${path}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  };
  return { post: (path, body) => ask("POST", path, body), get: (path) => ask("GET", path), close: () => line.close() };
}

/** Makes an experiment. @returns how the server calls it */
export async function makeExperiment(server: TrackedServer, name: string): Promise<string> {
  const line = await server.open();
  try {
    return ((await line.post("experiments/create", { name })) as { experiment_id: string }).experiment_id;
  } finally {
    line.close();
  }
}
