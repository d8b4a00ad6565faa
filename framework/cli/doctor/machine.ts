/**
 * What the machine has: cores, memory, room on its disks.
 * @module
 */
import { readFileSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { locateUserCache } from "../../toolchain/cache.ts";
import { formatBytes, measureFree } from "../../toolchain/system-failure.ts";
import type { Finding } from "./finding.ts";

const section = "Machine";

/** What a stack at rest and a build take, in bytes. */
const needs = { memory: 2e9, project: 2e9, cache: 9e9 };

/** Looks at the machine. @param folder of the project */
export function checkMachine(folder: string): readonly Finding[] {
  return [
    { section, what: "cores", verdict: "ok", detail: `${availableParallelism()}` },
    judgeRoom("memory", readAvailableMemory(), { needed: needs.memory, of: totalmem() }),
    { ...judgeRoom("disk of the project", measureFree(folder), { needed: needs.project }), path: folder },
    { ...judgeRoom("disk of the cache", measureFree(cache()), { needed: needs.cache }), path: cache() },
  ];
}

/** Judges how much there is of something, in bytes. Pure. */
export function judgeRoom(
  what: string,
  free: number | undefined,
  { needed, of }: { readonly needed: number; readonly of?: number },
): Finding {
  if (free === undefined)
    return { section, what, verdict: "warning", detail: "the system does not tell how much is free" };
  const said = `${formatBytes(free)} free${of === undefined ? "" : ` of ${formatBytes(of)}`}`;
  if (free >= needed) return { section, what, verdict: "ok", detail: said };
  return { section, what, verdict: "warning", detail: `${said}: a first run needs about ${formatBytes(needed)}` };
}

function cache(): string {
  return locateUserCache();
}

/** What programs may still get: on Linux also what the system holds for files and gives back. */
function readAvailableMemory(): number {
  try {
    const [, kilobytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  } catch {
    return freemem();
  }
}
