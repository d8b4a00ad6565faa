/**
 * The processes that a process started, and those that they started, whatever groups and sessions they are in.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

/** Lists them as they are now. Linux alone tells. */
export function listDescendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = readParent(name);
    if (parent === undefined) continue;
    const siblings = children.get(parent) ?? [];
    children.set(parent, [...siblings, Number(name)]);
  }
  const found: number[] = [];
  for (const open = [pid]; open.length > 0; ) {
    const own = children.get(open.pop() ?? 0) ?? [];
    found.push(...own);
    open.push(...own);
  }
  return found;
}

/** The parent stands behind the name in brackets, which may hold anything, and the state: proc(5). */
function readParent(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}
