/**
 * A program as a process: how it is started, and the record by which a later supervisor finds it again.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { identifyProcess } from "../toolchain/process-identity.ts";
import { listFiles } from "./declaration.ts";
import { openLog } from "./log.ts";
import { draftOf, findJson, writePrivateJson } from "./private-file.ts";
import type { StackLayout } from "./stack-layout.ts";

const recordSchema = z.strictObject({
  /** `worker@1a2b3c4d`. */
  instance: z.string(),
  /** Pid, start time and machine: a pid alone may by now be somebody else's. */
  process: z.strictObject({ pid: z.int(), started: z.string(), machine: z.string() }),
  /** How long its group may take from SIGTERM to its end, in seconds, should its declaration be gone. */
  stopSeconds: z.number(),
  /** Where it answers a probe of kind `socket`: a later supervisor may have another folder for temporary files. */
  healthSocket: z.string(),
  /** Whether it has become ready, and so has run its `afterStart`. */
  initialised: z.boolean(),
  restarts: z.int(),
});

/** What is recorded of a running program. */
export type ProgramRecord = z.output<typeof recordSchema>;

/** How a program ended. */
export interface Exit {
  /** The exit code. @default a signal ended it, or it is not known */
  readonly code?: number;
  /** In words: `exited with code 1`. */
  readonly how: string;
}

export interface LaunchOptions {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** The working directory, an absolute path. */
  readonly cwd: string;
  /** The file to which it prints. */
  readonly log: string;
  /** What to record beside the process. */
  readonly record: Omit<ProgramRecord, "process">;
}

/**
 * Starts a program in a session of its own and records it before anything else can happen.
 *
 * @throws the system's error when there is no such program.
 */
export async function launchProgram(
  layout: StackLayout,
  options: LaunchOptions,
): Promise<{ record: ProgramRecord; exited: Promise<Exit> }> {
  const [program, ...args] = options.command;
  const log = openLog(options.log);
  try {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...options.environment },
      detached: true,
      stdio: ["ignore", log, log],
    });
    const exited = new Promise<Exit>((resolve) =>
      child.once("exit", (code, signal) => resolve(describeExit(code, signal))),
    );
    if (child.pid === undefined) {
      const [error] = (await once(child, "error")) as [Error];
      throw error;
    }
    // One that has ended already has no identity any more: there is nothing to find again, and its exit follows.
    const identity = identifyProcess(child.pid) ?? { pid: child.pid, started: "", machine: "" };
    const record = { ...options.record, process: identity };
    try {
      writeRecord(layout, record);
    } catch (error) {
      // Nobody would find it again.
      child.kill("SIGKILL");
      throw error;
    }
    return { record, exited };
  } finally {
    closeSync(log);
  }
}

/** Keeps the record of a program. */
export function writeRecord(layout: StackLayout, record: ProgramRecord): void {
  writePrivateJson(locate(layout, record.instance), record);
}

/** Forgets a program that has ended. */
export function removeRecord(layout: StackLayout, instance: string): void {
  const path = locate(layout, instance);
  for (const file of [path, draftOf(path)]) rmSync(file, { force: true });
}

/** The programs recorded in a stack, whether they live or not. A record that cannot be read is none. */
export function readRecords(layout: StackLayout): ProgramRecord[] {
  return listFiles(layout.run).flatMap((file) => {
    const parsed = recordSchema.safeParse(findJson(join(layout.run, file)));
    return parsed.success ? [parsed.data] : [];
  });
}

function locate(layout: StackLayout, instance: string): string {
  return join(layout.run, `${instance}.json`);
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): Exit {
  return code === null ? { how: `was ended by ${signal}` } : { code, how: `exited with code ${code}` };
}
