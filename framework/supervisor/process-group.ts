/**
 * The process group of a supervised program: it is signalled as a whole, and never when its leader's pid has meanwhile
 * become somebody else's.
 * @module
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { identifyProcess, isAlive, type ProcessIdentity, thisMachine } from "../toolchain/process-identity.ts";

const pollMilliseconds = 50;
/** How long the kernel may take to end what SIGKILL was sent to. */
const killSeconds = 5;

/** Whether the program's own process lives, here and now. */
export function isRunning(program: ProcessIdentity): boolean {
  return program.machine === thisMachine() && isAlive(program);
}

/** Signals the whole group; nothing happens when none of it is left. */
export function signalGroup(program: ProcessIdentity, signal: NodeJS.Signals): void {
  if (listMembers(program).length === 0) return;
  try {
    process.kill(-program.pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Ends what lives of a group: SIGTERM, then SIGKILL after `graceSeconds`. */
export async function endGroup(program: ProcessIdentity, graceSeconds: number): Promise<void> {
  for (const [signal, seconds] of [
    ["SIGTERM", graceSeconds],
    ["SIGKILL", killSeconds],
  ] as const) {
    if (listMembers(program).length === 0) return;
    signalGroup(program, signal);
    const deadline = performance.now() + seconds * 1000;
    while (performance.now() < deadline && listMembers(program).length > 0) await sleep(pollMilliseconds);
  }
}

/**
 * The living members of a group; its leader may have ended before them. The kernel gives a pid away again only when no group has its
 * number any more: a stranger with that pid means that nothing of ours is left.
 */
function listMembers(program: ProcessIdentity): number[] {
  if (program.machine !== thisMachine()) return [];
  const leader = identifyProcess(program.pid);
  if (leader && leader.started !== program.started) return [];
  const processes = process.platform === "linux" ? listProcessesOnLinux() : listProcessesFromPs();
  return processes.filter(({ group }) => group === program.pid).map(({ pid }) => pid);
}

interface Member {
  readonly pid: number;
  readonly group: number;
}

function listProcessesOnLinux(): Member[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [state = "X", , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return isEnded(state) ? [] : [{ pid: Number(pid), group: Number(group) }];
      } catch {
        return [];
      }
    });
}

function listProcessesFromPs(): Member[] {
  const printed = execFileSync("ps", ["-A", "-o", "stat=,pid=,pgid="], { encoding: "utf8" });
  return printed.split("\n").flatMap((line) => {
    const [state = "X", pid, group] = line.trim().split(/\s+/);
    return isEnded(state) ? [] : [{ pid: Number(pid), group: Number(group) }];
  });
}

/** A zombie has ended: only its parent has not looked yet. */
function isEnded(state: string): boolean {
  return state.startsWith("Z") || state.startsWith("X");
}
