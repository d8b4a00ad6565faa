/**
 * The supervisor of a stack as the provider, the command line and tests use it.
 *
 * The supervisor is a process of its own, one per stack folder. It is started when it is needed and outlives whoever
 * started it; while it lives, every declared service is kept running. Killed, it takes no service with it, and the next
 * one adopts what still lives.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { withLock } from "../toolchain/lock.ts";
import { type CommandResult, runCommand } from "./command.ts";
import { type Daemon, ensureDaemon, findDaemon, hasEnded, waitForEnd } from "./daemon.ts";
import { digestService, readDeclarations, removeDeclaration } from "./declaration.ts";
import { createInstance, describeInstance, type Instance, locateLog } from "./instance.ts";
import { readLastLines } from "./log.ts";
import { sortByOrder } from "./order.ts";
import { saysPortTaken } from "./port-holder.ts";
import { isRunning } from "./process-group.ts";
import { readRecords } from "./program.ts";
import { clearAddress, statusSchema } from "./protocol.ts";
import { redact } from "./redact.ts";
import type { Service, ServiceStatus } from "./service.ts";
import { checkStackFormat, locateStack, type StackLayout } from "./stack-layout.ts";
import { Supervision } from "./supervision.ts";

export interface WaitOptions {
  /** Ends the waiting; what is waited for goes on. @default it waits until the service is ready or has failed */
  readonly signal?: AbortSignal;
  /** Called with each change of state or reason. @default nothing */
  readonly onProgress?: (status: ServiceStatus) => void;
}

/** The services of one stack. */
export interface Supervisor {
  /**
   * Declares a service, durably, and sees to it that it runs: it is (re)started where the description has changed or it
   * does not run. Yields at once; `waitReady` waits. Starts the supervisor, and with it the stack, where there is none.
   *
   * @throws StewardError `service-preflight-failed` when the preflight of a changed description fails: the old one goes on.
   */
  apply(service: Service): Promise<ServiceStatus>;
  /** Waits until a service is ready. @throws StewardError `service-not-ready` with the reason when it failed or is stopped. */
  waitReady(name: string, options?: WaitOptions): Promise<ServiceStatus>;
  /** Runs the preflight of a description in this process; without a preflight it succeeds. Starts nothing else. */
  preflight(service: Service, options?: Pick<WaitOptions, "signal">): Promise<CommandResult>;
  /**
   * Stops a service with its older descriptions and forgets it; its log and data stay. Nothing happens when there is none.
   * The last one takes the supervisor with it.
   */
  remove(name: string): Promise<void>;
  /** The services as they are. Starts nothing: without a supervisor it tells what is declared and what still lives. */
  list(): Promise<ServiceStatus[]>;
  /** Starts the supervisor where there is none, lets every declared service run, and waits until all are ready, in order. */
  revive(options?: WaitOptions): Promise<ServiceStatus[]>;
  /** Stops every service, last started first, and then the supervisor. The declarations stay. */
  down(): Promise<void>;
  /** The last lines that a service, or `<name>@<digest8>`, printed, secrets taken out. @param lines default 100 */
  logs(name: string, lines?: number): Promise<string[]>;
}

export interface OpenOptions {
  /** Whether to start the supervisor at once where there is none. @default false: the first `apply` or `revive` does */
  readonly start?: boolean;
}

const pollMilliseconds = 100;
const lookMilliseconds = 100;
/** Stopping takes as long as the services may take, and they may take long. */
const stopPatience = 2 ** 31 - 1;

/** Opens the supervisor of the stack in a folder, which need not exist. @throws StewardError as `checkStackFormat` */
export async function openSupervisor(stackFolder: string, options: OpenOptions = {}): Promise<Supervisor> {
  checkStackFormat(stackFolder);
  if (options.start) await ensureDaemon(stackFolder);
  const list = () => listServices(locateStack(stackFolder));
  const down = () =>
    atWorkOrRest(stackFolder, {
      async atWork(daemon) {
        await daemon.ask({ method: "POST", path: "/down", patience: stopPatience }, z.null());
        await waitForEnd(daemon);
      },
      atRest: (layout) => stopAtRest(layout, {}),
    });
  return {
    list,
    async apply(service) {
      const before = (await list()).find(({ name }) => name === service.name);
      if (before?.pid !== undefined && before.digest !== digestService(service))
        await requirePreflight(stackFolder, service);
      const daemon = await ensureDaemon(stackFolder);
      return daemon.ask({ method: "PUT", path: `/services/${service.name}`, body: service }, statusSchema);
    },
    waitReady: (name, wait) => waitUntilReady(stackFolder, name, wait ?? {}),
    preflight: (service, wait) => runPreflight(stackFolder, service, wait?.signal),
    async remove(name) {
      const question = { method: "DELETE", path: `/services/${name}`, patience: stopPatience } as const;
      await atWorkOrRest(stackFolder, {
        atWork: (daemon) => daemon.ask(question, z.null()),
        atRest: async (layout) => {
          await stopAtRest(layout, { name });
          removeDeclaration(layout, name);
        },
      });
      // Of a stack without services nothing should be left running.
      if ((await list()).length === 0) await down();
    },
    async revive(wait = {}) {
      const daemon = await ensureDaemon(stackFolder);
      const all = await daemon.ask({ method: "POST", path: "/revive" }, z.array(statusSchema));
      for (const { name } of all) if (!name.includes("@")) await waitUntilReady(stackFolder, name, wait);
      return list();
    },
    down,
    logs: async (name, lines = 100) => readLogs(locateStack(stackFolder), name, lines),
  };
}

async function listServices(layout: StackLayout): Promise<ServiceStatus[]> {
  return (await listAtWork(layout)) ?? listAtRest(layout);
}

/** What the supervisor tells; nothing when there is none. */
async function listAtWork(layout: StackLayout): Promise<ServiceStatus[] | undefined> {
  const daemon = await findDaemon(layout);
  try {
    return await daemon?.ask({ method: "GET", path: "/services" }, z.array(statusSchema));
  } catch (error) {
    if (daemon && (await hasEnded(daemon.process))) return undefined;
    throw error;
  }
}

/** What is declared, and which of it still lives although its supervisor does not. */
function listAtRest(layout: StackLayout): ServiceStatus[] {
  const records = readRecords(layout);
  return sortByOrder(readInstances(layout).map((instance) => ({ ...instance.service, instance }))).map(
    ({ instance }) => {
      const record = records.find((found) => found.instance === instance.id && isRunning(found.process));
      const status = describeInstance(layout, { ...instance, record });
      if (record) return { ...status, state: "unhealthy", reason: "it lives, but its supervisor has ended" };
      return { ...status, state: "stopped" };
    },
  );
}

function readInstances(layout: StackLayout): Instance[] {
  return readDeclarations(layout).flatMap(({ service, draining }) => [
    createInstance(service, "current", Date.now()),
    ...draining.map((old) => createInstance(old, "draining", Date.now())),
  ]);
}

async function waitUntilReady(
  stackFolder: string,
  name: string,
  { signal, onProgress }: WaitOptions,
): Promise<ServiceStatus> {
  const layout = locateStack(stackFolder);
  let seen = "";
  for (;;) {
    signal?.throwIfAborted();
    const atWork = await listAtWork(layout);
    const status = (atWork ?? listAtRest(layout)).find((service) => service.name === name);
    if (!status) {
      throw new StewardError({
        code: "service-unknown",
        at: name,
        what: `no service "${name}" is declared in this stack`,
      });
    }
    if (seen !== `${status.state} ${status.reason}`) onProgress?.(status);
    seen = `${status.state} ${status.reason}`;
    if (status.state === "ready") return status;
    if (!atWork || status.state === "failed" || status.state === "stopped") {
      if (status.reason !== undefined && saysPortTaken(status.reason)) {
        throw new StewardError({
          code: "port-taken",
          at: name,
          what: `service "${name}" cannot start: ${status.reason}`,
          fix: `stop that program, and npx pulumi up goes on; or remove "${join(layout.folder, "ports.json")}", and npx pulumi up chooses other ports, which changes this stack's addresses`,
        });
      }
      throw new StewardError({
        code: "service-not-ready",
        at: name,
        what: `service "${name}" ${status.state === "failed" ? "does not become ready" : "is not supervised"}`,
        ...(status.reason === undefined ? {} : { got: status.reason }),
        fix: `its log is ${status.log}`,
      });
    }
    await sleep(pollMilliseconds, undefined, signal ? { signal } : {});
  }
}

async function runPreflight(stackFolder: string, service: Service, signal?: AbortSignal): Promise<CommandResult> {
  if (!service.preflight) return { code: 0, output: "" };
  const { folder } = locateStack(stackFolder);
  return runCommand(service, service.preflight, { cwd: existsSync(folder) ? folder : "/", signal });
}

async function requirePreflight(stackFolder: string, service: Service): Promise<void> {
  const { code, output } = await runPreflight(stackFolder, service);
  if (code === 0) return;
  throw new StewardError({
    code: "service-preflight-failed",
    at: `${service.name}.preflight`,
    what: `the "preflight" of the changed service "${service.name}" failed, so the running one stays`,
    got: `exit code ${code}${output ? `:\n${output}\n` : ""}`,
    expected: "exit code 0",
  });
}

/** Does a thing by way of the supervisor, or, where there is none, in its place and holding its lock. */
async function atWorkOrRest(
  stackFolder: string,
  how: {
    readonly atWork: (daemon: Daemon) => Promise<unknown>;
    readonly atRest: (layout: StackLayout) => Promise<unknown>;
  },
): Promise<void> {
  const layout = locateStack(stackFolder);
  for (;;) {
    const daemon = await findDaemon(layout);
    if (daemon) return void (await how.atWork(daemon));
    if (readDeclarations(layout).length === 0 && readRecords(layout).length === 0) return;
    const taken = new AbortController();
    try {
      return await withLock(layout.lock, { signal: taken.signal, onWait: () => taken.abort() }, async () => {
        await how.atRest(layout);
      });
    } catch (error) {
      if (!taken.signal.aborted) throw error;
      // A supervisor is starting or ending; soon it answers, or is gone.
      await sleep(lookMilliseconds);
    }
  }
}

async function stopAtRest(layout: StackLayout, stopOnly: { readonly name?: string }): Promise<void> {
  const supervision = await Supervision.open(layout, { stopOnly, log: () => {} });
  await supervision.down();
  clearAddress(layout);
}

function readLogs(layout: StackLayout, name: string, lines: number): string[] {
  const instance = readInstances(layout).find(
    ({ role, service, id }) => (role === "current" ? service.name : id) === name,
  );
  if (!instance) {
    throw new StewardError({
      code: "service-unknown",
      at: name,
      what: `no service "${name}" is declared in this stack`,
    });
  }
  const read = readLastLines(locateLog(layout, instance), lines);
  return read.length === 0 ? [] : redact(read.join("\n"), instance.service).split("\n");
}
