/**
 * Profiling numbers in a thread of its own: while one core takes in some columns, another takes in others.
 * @module
 */
import { once } from "node:events";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Found, Part, ProfileOptions } from "./profile-numbers.ts";

/** What the thread is given. */
export interface NumbersTask {
  /** An existing folder for what its database spills. */
  readonly folder: string;
  readonly part: Part;
}

/** What it says in the end. */
export type NumbersAnswer = { readonly found: [string, Found][] } | { readonly failure: string };

const program = join(import.meta.dirname, `profile-numbers-thread${extname(import.meta.filename)}`);

/** `profileNumbers` with a thread and a database of its own in a folder; of no columns, nothing. */
export async function profileNumbersApart(
  folder: string,
  part: Part,
  { signal }: ProfileOptions,
): Promise<[string, Found][]> {
  if (part.columns.length === 0) return [];
  signal?.throwIfAborted();
  const task: NumbersTask = { folder, part };
  const thread = new Worker(program, { workerData: task, execArgv: ["--no-warnings"] });
  // A thread is not cut off in the middle of the engine's work: it is told, and ends by itself.
  const abort = (): void => thread.postMessage("abort");
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const [[answer]]: [NumbersAnswer[], unknown] = await Promise.all([once(thread, "message"), once(thread, "exit")]);
    signal?.throwIfAborted();
    if (answer && "found" in answer) return answer.found;
    throw new Error(answer?.failure ?? "a thread ended without an answer");
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
