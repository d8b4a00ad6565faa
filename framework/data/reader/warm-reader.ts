/**
 * Warm readers: processes that have nothing to do are kept for the next ingest, as to start one takes longer than to read a
 * small file does. Each reads for one dataset alone, so that a file that took it over would reach no further than the files
 * of its own dataset; it keeps nobody from ending, and ends with whoever started it, or when it was idle for a while.
 * @module
 */
import type { ReaderProcess } from "./reader-process.ts";

/** How long one is kept, in milliseconds. */
const keptMilliseconds = 10_000;
/** How many are kept: each has about 150 MB of memory. */
const mostKept = 2;

interface KeptReader {
  readonly process: ReaderProcess;
  readonly timer: NodeJS.Timeout;
}

/** By the names of their datasets, the oldest first. */
const kept = new Map<string, KeptReader>();

/** The process that is kept for a dataset, if there is one: whoever takes it gives it back, or closes it. */
export function takeWarmReader(dataset: string): ReaderProcess | undefined {
  const found = take(dataset);
  if (found?.hasEnded) return undefined;
  found?.setIdle(false);
  return found;
}

function take(dataset: string): ReaderProcess | undefined {
  const found = kept.get(dataset);
  clearTimeout(found?.timer);
  kept.delete(dataset);
  return found?.process;
}

/** Keeps a process that has nothing to do, or ends it where another is kept for its dataset already. */
export async function keepWarmReader(process: ReaderProcess, dataset: string): Promise<void> {
  if (kept.has(dataset) || process.hasEnded) return process.close();
  process.setIdle(true);
  const timer = setTimeout(() => void take(dataset)?.close(), keptMilliseconds);
  timer.unref();
  kept.set(dataset, { process, timer });
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) await take(oldest)?.close();
}

/** Ends the processes that are kept. */
export async function closeWarmReaders(): Promise<void> {
  await Promise.all(Array.from(kept.keys(), (dataset) => take(dataset)?.close()));
}
