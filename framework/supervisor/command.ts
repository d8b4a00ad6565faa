/**
 * Runs the commands of a service that come to an end: `preflight` and `afterStart`.
 * @module
 */
import { spawn } from "node:child_process";
import { identifyProcess } from "../toolchain/process-identity.ts";
import { composeEnvironment } from "./environment.ts";
import { signalGroup } from "./process-group.ts";
import { redact } from "./redact.ts";
import type { Service } from "./service.ts";

/** How a command ended. */
export interface CommandResult {
  /** Its exit code; 127 when it could not be started, 128 when a signal ended it. */
  readonly code: number;
  /** What it printed, standard output and error as they came, at most the last 64 KiB, secrets taken out. */
  readonly output: string;
}

const keptCharacters = 64 * 1024;

/** Runs a command of a service with the service's environment. An abort kills its process group. */
export function runCommand(
  service: Service,
  command: Service["command"],
  options: { readonly cwd: string; readonly signal?: AbortSignal | undefined },
): Promise<CommandResult> {
  const [program, ...args] = command;
  const { cwd, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // A session of its own, so that an abort also ends what the command has started.
    const child = spawn(program, args, {
      cwd,
      env: composeEnvironment(service),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (text: string): void => {
      output = (output + text).slice(-2 * keptCharacters);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    const abort = (): void => {
      if (identity) signalGroup(identity, "SIGKILL");
    };
    signal?.addEventListener("abort", abort, { once: true });
    const settle = (code: number): void => {
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) reject(signal.reason);
      else resolve({ code, output: redact(output, service).slice(-keptCharacters).trimEnd() });
    };
    child.once("error", (error) => {
      keep(`${program} could not be started: ${error.message}`);
      settle(127);
    });
    child.once("close", (code) => settle(code ?? 128));
  });
}
