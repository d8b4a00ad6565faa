/**
 * The samplers' processes that this process has started, for tests that end one as a machine would.
 * @module
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The ids of those that run. */
export async function listSamplerProcesses(): Promise<number[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,args="]);
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && /tuning\/python$/.test(command) ? [Number(pid)] : [];
  });
}

/** Ends them with SIGKILL. @returns how many there were */
export async function killSamplers(): Promise<number> {
  const found = await listSamplerProcesses();
  for (const pid of found) process.kill(pid, "SIGKILL");
  return found.length;
}
