/**
 * A program from its start to its end: how long it takes, and the most memory that it and its descendants hold at one time.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { listDescendants } from "../serving/descendants.ts";

export interface WatchedRun {
  /** From its start to its end: loading its libraries and its model is part of scoring a file. */
  readonly seconds: number;
  /** Resident memory in bytes; of pages that several of the processes have each has its share. */
  readonly peak: number;
}

const sampleMilliseconds = 20;

/** Runs a program on some of the cores. @throws Error when it fails */
export async function watchRun(
  command: readonly [string, ...string[]],
  { cores, signal }: { readonly cores: readonly number[]; readonly signal: AbortSignal },
): Promise<WatchedRun> {
  const started = performance.now();
  const child = spawn("taskset", ["--cpu-list", cores.join(","), ...command], {
    stdio: ["ignore", "ignore", "inherit"],
    signal,
  });
  let peak = 0;
  const sample = setInterval(() => {
    if (child.pid !== undefined) peak = Math.max(peak, measure([child.pid, ...listDescendants(child.pid)]));
  }, sampleMilliseconds);
  const [code] = (await once(child, "close").finally(() => clearInterval(sample))) as [number | null];
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}`);
  return { seconds: (performance.now() - started) / 1000, peak };
}

function measure(pids: readonly number[]): number {
  return pids.map(readShare).reduce((sum, bytes) => sum + bytes, 0);
}

function readShare(pid: number): number {
  try {
    const [, kilobytes = "0"] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    // It ended meanwhile.
    return 0;
  }
}
