/**
 * The supervisor's process as its clients see it: how it is found, started and asked.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { admitDocument } from "../definitions/versioned.ts";
import { pickBaseEnvironment } from "./environment.ts";
import { openLog, readLastLines } from "./log.ts";
import { findJson } from "./private-file.ts";
import { isRunning } from "./process-group.ts";
import { addressSchema, type Greeting, greetingSchema, protocolVersion, refusalSchema } from "./protocol.ts";
import { prepareStack, type StackLayout } from "./stack-layout.ts";

/** A supervisor that answers. */
export interface Daemon extends Greeting {
  /** Asks it something. @throws StewardError for what it refuses */
  ask<T>(question: Question, answer: z.ZodType<T>): Promise<T>;
}

export interface Question {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  /** @default none */
  readonly body?: unknown;
  /** How long it may take, in milliseconds. @default 15,000 */
  readonly patience?: number | undefined;
}

const patienceMilliseconds = 15_000;
/** Long enough for one that is ending to stop its services, and for a busy machine. */
const startMilliseconds = 90_000;
const endingMilliseconds = 1_000;
const lookMilliseconds = 50;
const retryMilliseconds = 500;

/** The supervisor of a stack; nothing when none answers. @throws StewardError `format-newer` when it is one of a newer Steward */
export async function findDaemon(layout: StackLayout): Promise<Daemon | undefined> {
  const address = addressSchema.safeParse(findJson(layout.address));
  if (!address.success || !isRunning(address.data.process)) return undefined;
  const { socket } = address.data;
  const ask = <T>(question: Question, answer: z.ZodType<T>): Promise<T> =>
    exchange(layout, { socket, question, answer });
  let greeting: Greeting;
  try {
    greeting = await ask({ method: "GET", path: "/" }, greetingSchema);
  } catch (error) {
    if (await hasEnded(address.data.process)) return undefined;
    throw error;
  }
  if (greeting.folder !== layout.folder) return undefined;
  admitDocument({ format: `supervisor/${greeting.protocol}` }, { at: layout.folder, name: "supervisor" });
  return { ...greeting, ask };
}

/** The supervisor of a stack, started where there is none. However many do so at once, one supervisor stays. */
export async function ensureDaemon(stackFolder: string): Promise<Daemon> {
  const layout = prepareStack(stackFolder);
  const deadline = performance.now() + startMilliseconds;
  let child: ChildProcess | undefined;
  while (performance.now() < deadline) {
    const daemon = await findDaemon(layout);
    if (daemon && !daemon.goingDown && daemon.protocol === protocolVersion) return daemon;
    // One of an older version hands over: it leaves the services running, and the next one adopts them.
    if (daemon && daemon.protocol !== protocolVersion && isRunning(daemon.process))
      process.kill(daemon.process.pid, "SIGTERM");
    if (child?.exitCode) throw explainSilence(layout, `the supervisor of the stack ended with code ${child.exitCode}`);
    if (!child || child.exitCode === 0 || child.signalCode !== null) {
      // It found another one, which may be ending: then the next attempt succeeds.
      if (child) await sleep(retryMilliseconds);
      child = spawnDaemon(layout);
    }
    await sleep(lookMilliseconds);
  }
  throw explainSilence(layout, `the supervisor of the stack did not start within ${startMilliseconds / 1000} s`);
}

/** Whether a supervisor that broke off a conversation did so because it ended; a killed process takes a moment. */
export async function hasEnded(process: Greeting["process"]): Promise<boolean> {
  const deadline = performance.now() + endingMilliseconds;
  while (isRunning(process) && performance.now() < deadline) await sleep(lookMilliseconds);
  return !isRunning(process);
}

/** Waits until a supervisor that has been brought down is gone as a process, too. */
export async function waitForEnd(daemon: Daemon): Promise<void> {
  const deadline = performance.now() + patienceMilliseconds;
  while (isRunning(daemon.process) && performance.now() < deadline) await sleep(lookMilliseconds);
}

/** Starts it in a session of its own, on nobody's terminal, with nothing of the starter's environment that is secret. */
function spawnDaemon(layout: StackLayout): ChildProcess {
  const log = openLog(layout.supervisorLog);
  try {
    const main = join(import.meta.dirname, `main${extname(import.meta.filename)}`);
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, layout.folder], {
      cwd: "/",
      env: pickBaseEnvironment(),
      detached: true,
      stdio: ["ignore", log, log],
    });
    child.once("error", () => {});
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function exchange<T>(
  layout: StackLayout,
  call: { readonly socket: string; readonly question: Question; readonly answer: z.ZodType<T> },
): Promise<T> {
  const { method, path, body, patience = patienceMilliseconds } = call.question;
  return new Promise((resolve, reject) => {
    const options = { socketPath: call.socket, method, path, agent: false, signal: AbortSignal.timeout(patience) };
    const request = httpRequest(options, async (response) => {
      try {
        const answer: unknown = JSON.parse(await text(response));
        if (response.statusCode === 200) resolve(call.answer.parse(answer));
        else reject(new StewardError(refusalSchema.parse(answer).problems));
      } catch (error) {
        reject(error);
      }
    });
    request.once("error", (error) => {
      const how =
        error.name === "AbortError"
          ? `did not answer within ${patience / 1000} s`
          : `cannot be reached: ${error.message}`;
      reject(explainSilence(layout, `the supervisor of the stack ${how}`));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function explainSilence(layout: StackLayout, what: string): StewardError {
  const lines = readLastLines(layout.supervisorLog, 8);
  return new StewardError({
    code: "supervisor-unreachable",
    at: layout.folder,
    what,
    ...(lines.length === 0 ? {} : { got: `in its log:\n${lines.join("\n")}\n` }),
    fix: `look into ${layout.supervisorLog}`,
  });
}
