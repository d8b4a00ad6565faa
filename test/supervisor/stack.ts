/**
 * A stack folder with a supervisor and small programs, for tests.
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type TestContext, vi } from "vitest";
import { openSupervisor, type Supervisor } from "../../framework/supervisor/client.ts";
import { type Service, type ServiceInput, serviceSchema } from "../../framework/supervisor/service.ts";
import { identifyProcess } from "../../framework/toolchain/process-identity.ts";
import { findFreePort } from "../support/minio.ts";

const program = [process.execPath, join(import.meta.dirname, "program.mjs")] as const;

/** Processes take their time on a busy machine. */
export const limit = { timeout: 60_000 };

export interface Stack {
  readonly folder: string;
  readonly supervisor: Supervisor;
  /** Ends it, so that nothing of it lives any more, and removes it. */
  readonly end: () => Promise<void>;
  /** A path in a folder that is removed with the stack. */
  readonly file: (name: string) => string;
  /** The lines of such a file; none when it is not there. */
  readonly lines: (name: string) => string[];
  /** The pid of the supervisor's process. */
  readonly daemonPid: () => number;
  /** The pid of a service's process. */
  readonly pidOf: (name: string) => Promise<number>;
}

/**
 * Makes a stack.
 *
 * @param onTestFinished of the test that it ends with. @default the caller ends it
 */
export async function createStack(onTestFinished?: TestContext["onTestFinished"]): Promise<Stack> {
  const root = mkdtempSync(join(tmpdir(), "steward-stack-"));
  const folder = join(root, "stack");
  const supervisor = await openSupervisor(folder);
  const file = (name: string) => join(root, name);
  const end = async (): Promise<void> => {
    await supervisor.down();
    rmSync(root, { recursive: true, force: true });
  };
  onTestFinished?.(end);
  return {
    folder,
    supervisor,
    end,
    file,
    lines: (name) => (existsSync(file(name)) ? readFileSync(file(name), "utf8").trim().split("\n") : []),
    daemonPid: () => JSON.parse(readFileSync(join(folder, "run", "supervisor.json"), "utf8")).process.pid,
    async pidOf(name) {
      const pid = (await supervisor.list()).find((status) => status.name === name)?.pid;
      if (pid === undefined) throw new Error(`${name} has no process`);
      return pid;
    },
  };
}

/** A service that answers on a free port. */
export async function describeServer(name: string, more: Partial<ServiceInput> = {}): Promise<Service> {
  const port = await findFreePort();
  return serviceSchema.parse({
    name,
    command: program,
    probe: { kind: "http", port, path: "/" },
    ports: { http: port },
    stopSeconds: 5,
    ...more,
    environment: { PORT: String(port), ...more.environment },
  });
}

/** A service that answers on its health socket, of which two descriptions can run side by side. */
export function describeWorker(name: string, more: Partial<ServiceInput> = {}): Service {
  return serviceSchema.parse({
    name,
    command: program,
    probe: { kind: "socket", path: "/" },
    update: "overlap",
    ...more,
  });
}

/** Waits until a value is what it is to become. */
export async function expectEventually<T>(read: () => T | Promise<T>, expected: T): Promise<void> {
  await vi.waitFor(async () => expect(await read()).toEqual(expected), { timeout: 20_000, interval: 20 });
}

/** Kills a process and waits for its end. */
export async function kill(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await expectEventually(() => isLiving(pid), false);
}

export function isLiving(pid: number): boolean {
  return identifyProcess(pid) !== undefined;
}

/** The arguments of a process, which every user of the machine may read. */
export function readCommandLine(pid: number): string {
  return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" });
}

/** Every text of a stack that is not meant for secrets: its logs and its records of processes. */
export function readOpenFiles(folder: string): string {
  return ["logs", "run"]
    .flatMap((part) => readdirSync(join(folder, part), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}
