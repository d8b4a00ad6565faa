/**
 * Finds the line at which a project is busy: preloaded into the child of a second attempt, after a first one came to no end. A thread
 * of this file asks the debugger of the main thread to pause, and reports where it stood.
 * @module
 */
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { readPlace } from "../definitions/place.ts";
import type { Question } from "./channel.ts";

interface Script {
  readonly scriptId: string;
  readonly url: string;
}

interface Pause {
  readonly callFrames: readonly { readonly location: { readonly scriptId: string; readonly lineNumber: number } }[];
}

const retryMilliseconds = 200;

function watch(pauseAfter: number): void {
  const session = new Session();
  const scripts = new Map<string, string>();
  const pause = (): void => void session.post("Debugger.pause");
  session.connectToMainThread();
  session.on("Debugger.scriptParsed", ({ params }: { params: Script }) => scripts.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }: { params: Pause }) => {
    const frames = params.callFrames.map(
      ({ location }) => `    at ${scripts.get(location.scriptId)}:${location.lineNumber + 1}:1`,
    );
    const place = readPlace(frames.join("\n"));
    if (place === undefined) {
      // A busy machine has not come to the project yet.
      session.post("Debugger.resume");
      setTimeout(pause, retryMilliseconds);
      return;
    }
    writeSync(3, `${JSON.stringify({ paused: place })}\n`);
    process.kill(process.pid, "SIGKILL");
  });
  session.post("Debugger.enable");
  setTimeout(pause, pauseAfter);
  // An inspector alone does not keep a thread alive.
  setInterval(() => {}, 60_000);
}

if (isMainThread) {
  const { pauseAfter }: Question & { readonly pauseAfter: number } = JSON.parse(process.argv[2] ?? "");
  new Worker(new URL(import.meta.url), { workerData: { pauseAfter }, execArgv: [] }).unref();
} else {
  watch((workerData as { readonly pauseAfter: number }).pauseAfter);
}
