/**
 * Whether a port of the loopback is taken, and by whom.
 * @module
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/** Who listens on a port; nothing when it is free, `"somebody"` when the system does not tell. */
export async function findPortHolder(port: number): Promise<string | undefined> {
  if (await isFree(port)) return undefined;
  const pid = process.platform === "linux" ? findListenerOnLinux(port) : findListenerWithLsof(port);
  if (pid === undefined) return "somebody";
  const folder = findFolder(pid);
  return `${nameProcess(pid)} (pid ${pid}${folder === undefined ? "" : `, in ${folder}`})`;
}

/** Says in a service's reason that a port is taken. */
export function sayPortTaken(taken: {
  readonly port: number;
  readonly purpose: string;
  readonly holder: string;
}): string {
  return `port ${taken.port} ("${taken.purpose}") is taken by ${taken.holder}`;
}

/** Whether a service's reason is that a port is taken. */
export function saysPortTaken(reason: string): boolean {
  return /^port \d+ \("[^"]*"\) is taken by /.test(reason);
}

/** Where a process works: a service of another checkout works in the folder of its stack, by which people know it. */
function findFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It is another user's, or this is no Linux.
    return undefined;
  }
}

/** Whether a program could listen: found by listening, which also sees who listens on all addresses. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function findListenerOnLinux(port: number): number | undefined {
  const sockets = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listListeningSockets(table, port)));
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      for (const file of readdirSync(`/proc/${pid}/fd`)) {
        if (sockets.has(readlinkSync(`/proc/${pid}/fd/${file}`))) return Number(pid);
      }
    } catch {
      // It ended while we looked, or it is another user's.
    }
  }
  return undefined;
}

/** The sockets that listen on a port, as links of `/proc/<pid>/fd` name them. Columns: proc(5), `/proc/net/tcp`. */
function listListeningSockets(table: string, port: number): string[] {
  const listening = "0A";
  try {
    return readFileSync(table, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((row) => row[3] === listening && Number.parseInt(row[1]?.split(":")[1] ?? "", 16) === port)
      .map((row) => `socket:[${row[9]}]`);
  } catch {
    return [];
  }
}

function findListenerWithLsof(port: number): number | undefined {
  try {
    const printed = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], {
      encoding: "utf8",
      stdio: "pipe",
    });
    return Number.parseInt(printed, 10) || undefined;
  } catch {
    return undefined;
  }
}

/** The bare name of a process: its arguments may hold what is not ours to print. */
export function nameProcess(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "a process";
  }
}
