/**
 * The program of a thread that looks whether a model is an ensemble of trees that may be walked by ourselves, and ends: what reading it has
 * taken up goes with the thread.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { openCompiledSession, type SharedTrees } from "../models/compiled-session.ts";
import type { ScorerSettings } from "./scorer-message.ts";

/** What it says in the end. */
export type CompileAnswer = { readonly trees: SharedTrees | undefined } | { readonly failure: string };

const { onnx: file, width, answers }: ScorerSettings = workerData;
const say = (answer: CompileAnswer): void => parentPort?.postMessage(answer);
try {
  const session = await openCompiledSession({ file, width, answers, rows: "many" });
  await session.close();
  say({ trees: session.shared });
} catch (error) {
  say({ failure: error instanceof Error ? error.message : String(error) });
}
