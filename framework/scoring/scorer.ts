/**
 * The program of a scorer: a process that scores slices in threads, as it is told over its socket, and ends when the socket does. It reads
 * nothing but the files that slices name, and knows nothing of the store.
 * @module
 */
// Here and not only in the threads: what a thread sets of the environment, the libraries that it loads do not see.
import "../models/onnx-telemetry.ts";
import { once } from "node:events";
import { Socket } from "node:net";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import type { SharedTrees } from "../models/compiled-session.ts";
import type { CompileAnswer } from "./compile-thread.ts";
import type { ThreadMessage } from "./score-thread.ts";
import {
  channelDescriptor,
  type ScorerMessage,
  type SliceRequest,
  scorerSettings,
  sliceRequest,
} from "./scorer-message.ts";
import type { SliceScorerOptions } from "./slice-scorer.ts";

const youngMegabytes = 4;
const program = (name: string): string => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`);

const { threads: count, ...settings } = scorerSettings.parse(JSON.parse(process.argv[2] ?? ""));
// That nothing more is asked for is no reason to say nothing more.
const channel = new Socket({ fd: channelDescriptor, readable: true, writable: true, allowHalfOpen: true });
const say = (message: ScorerMessage): void => void channel.write(`${JSON.stringify(message)}\n`);

const waiting: SliceRequest[] = [];
const idle = new Set<Worker>();
let isDone = false;
let hasFailed = false;

const trees = await compileTrees();
say({ engine: trees ? "trees" : "onnxruntime" });
const threads = Array.from({ length: count }, () => startThread({ ...settings, trees }));
createInterface({ input: channel })
  .on("line", (line) => {
    // What is on its way when it fails is not scored either.
    if (hasFailed) return;
    waiting.push(sliceRequest.parse(JSON.parse(line)));
    serve();
  })
  .on("close", () => {
    isDone = true;
    serve();
  });
await Promise.all(threads);
channel.end();

/** What the trees of the model are, where they answer. */
async function compileTrees(): Promise<SharedTrees | undefined> {
  const thread = new Worker(program("compile-thread"), { workerData: settings, execArgv: ["--no-warnings"] });
  const [[answer]]: [CompileAnswer[], unknown] = await Promise.all([once(thread, "message"), once(thread, "exit")]);
  if (answer && "trees" in answer) return answer.trees;
  throw new Error(answer?.failure ?? "a thread ended without an answer");
}

/** A thread, until it has ended. */
function startThread(workerData: SliceScorerOptions): Promise<void> {
  const thread = new Worker(program("score-thread"), {
    workerData,
    execArgv: ["--no-warnings"],
    // What a thread makes and forgets is small: room for more of it would only stay in memory.
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });
  return new Promise((resolve) => {
    thread.on("message", (message: ThreadMessage) => {
      if (message !== "ready") say(message);
      if (message !== "ready" && "scored" in message) return;
      // One slice that cannot be scored is the end of all: what waits is asked for no more.
      if (message !== "ready" && "failure" in message) {
        hasFailed = true;
        waiting.length = 0;
      }
      idle.add(thread);
      serve();
    });
    thread.on("error", (error) => say({ failure: error instanceof Error ? error.message : String(error) }));
    thread.on("exit", () => resolve());
  });
}

/** Gives what waits to threads that have nothing to do; when nothing more comes, they end. */
function serve(): void {
  for (const thread of idle) {
    const slice = waiting.shift();
    if (slice === undefined && !isDone) return;
    idle.delete(thread);
    thread.postMessage(slice ?? "done");
  }
}
