/**
 * The processes of this machine, for tests that end one as a machine would, and see that none is left.
 * @module
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface ListedProcess {
  readonly pid: number;
  /** The process that started it; 1 where that has ended. */
  readonly parent: number;
  readonly command: string;
}

/** All that live. */
export async function listProcesses(): Promise<readonly ListedProcess[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { maxBuffer: 16 * 2 ** 20 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, state = "Z", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return state.startsWith("Z") ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** Those that a process has started, and those that they have. */
export function findBelow(all: readonly ListedProcess[], pid: number): readonly ListedProcess[] {
  const own = all.filter(({ parent }) => parent === pid);
  return [...own, ...own.flatMap((each) => findBelow(all, each.pid))];
}

/** The samplers of a worker. */
export function findSamplers(all: readonly ListedProcess[], worker: number): readonly ListedProcess[] {
  return findBelow(all, worker).filter(
    ({ command }) => /tuning\/python$/.test(command) && !command.includes("/bin/sh"),
  );
}
