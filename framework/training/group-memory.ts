/**
 * How much memory the processes of a group use together.
 * @module
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const bytesPerKilobyte = 1024;
const run = promisify(execFile);

/**
 * The resident memory of a group, in bytes; 0 when none of it is left. Pages that members share count in each of them,
 * unless that puts the group above `limit`: then, on Linux, each member counts with its share.
 */
export async function measureGroupMemory(group: number | undefined, limit = Number.POSITIVE_INFINITY): Promise<number> {
  if (group === undefined) return 0;
  if (process.platform !== "linux") return sumFromPs(group);
  const members = listMembers(group);
  const resident = sum(members.map((pid) => readKilobytes(`/proc/${pid}/status`, "VmRSS")));
  if (resident <= limit || members.length === 1) return resident;
  return sum(members.map((pid) => readKilobytes(`/proc/${pid}/smaps_rollup`, "Pss")));
}

function listMembers(group: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    const stat = readOrNothing(`/proc/${pid}/stat`);
    // After the name in brackets come state, parent and group.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]) === group;
  });
}

function readKilobytes(path: string, field: string): number {
  const [, kilobytes = "0"] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readOrNothing(path)) ?? [];
  return Number(kilobytes) * bytesPerKilobyte;
}

/** A process may end between two looks at it. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function sumFromPs(group: number): Promise<number> {
  const { stdout } = await run("ps", ["-A", "-o", "pgid=,rss="]).catch(() => ({ stdout: "" }));
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return sum(rows.filter(([pgid]) => pgid === group).map(([, kilobytes = 0]) => kilobytes * bytesPerKilobyte));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
