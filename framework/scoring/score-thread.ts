/**
 * The program of a thread of a scorer: it scores the slices that it is given, one after the other, until it is told that there are none.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import type { ScorerMessage, SliceRequest } from "./scorer-message.ts";
import { openSliceScorer, type SliceScorerOptions } from "./slice-scorer.ts";

/** What a thread says: what the scorer passes on, and first of all that it is ready. */
export type ThreadMessage = ScorerMessage | "ready";

const settings: SliceScorerOptions = workerData;
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);
const scorer = await openSliceScorer(settings);
say("ready");

parentPort?.on("message", async (slice: SliceRequest | "done") => {
  if (slice === "done") {
    await scorer.close();
    parentPort?.close();
    return;
  }
  try {
    const { rows, refused } = await scorer.score(slice, (scored) => say({ scored }));
    say({ slice: slice.id, rows, refused });
  } catch (error) {
    say({ failure: error instanceof Error ? error.message : String(error) });
  }
});
