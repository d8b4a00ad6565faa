/**
 * Who a process is: its pid alone is not enough, because a pid is used again after its process has ended.
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What tells one process from every other, past and present. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the operating system's own terms. */
  readonly started: string;
  /** The machine, boot and pid space within which the pid means anything. */
  readonly machine: string;
}

/** The identity of a living process of this machine, or nothing when there is none with this pid. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const started = process.platform === "linux" ? readStartOnLinux(pid) : readStartFromPs(pid);
  return started === undefined ? undefined : { pid, started, machine: thisMachine() };
}

/** The machine that this process runs on, as `ProcessIdentity` names it. */
export function thisMachine(): string {
  if (process.platform !== "linux") return hostname();
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
}

/** The part of a machine's name that changes when it is started again. */
export function bootOf(machine: string): string {
  return machine.split(" ")[0] ?? "";
}

/** The computer that this process runs on, whenever it was started: its name, and its number where it has one. */
export function thisComputer(): string {
  return `${hostname()} ${readMachineId()}`;
}

function readMachineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return "";
  }
}

/** Whether the process still lives, for a process of this machine. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.started === identity.started;
}

/** Field 22 of `/proc/<pid>/stat`; the name before it, in brackets, may itself hold spaces and brackets. */
function readStartOnLinux(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended: only its parent has not looked yet.
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function readStartFromPs(pid: number): string | undefined {
  try {
    const printed = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
    const [state = "Z", ...started] = printed.trim().split(/\s+/);
    return state.startsWith("Z") ? undefined : started.join(" ");
  } catch {
    return undefined;
  }
}
