/**
 * Does what `decide` decided for one instance, and reports what came of it.
 * @module
 */
import { rmSync } from "node:fs";
import { toReadable } from "../toolchain/system-failure.ts";
import { runCommand } from "./command.ts";
import type { Observed } from "./decide.ts";
import { composeEnvironment } from "./environment.ts";
import { type Instance, locateLog } from "./instance.ts";
import { measureLog, readLastLines } from "./log.ts";
import { findPortHolder, sayPortTaken } from "./port-holder.ts";
import { runProbe } from "./probe.ts";
import { endGroup, signalGroup } from "./process-group.ts";
import { type Exit, launchProgram, removeRecord } from "./program.ts";
import { redact } from "./redact.ts";
import type { Service } from "./service.ts";
import { locateSocket, type StackLayout } from "./stack-layout.ts";

/** How much of its log a failed program is quoted with. */
const quotedLines = 12;

/** What an action needs besides its instance. */
export interface Surroundings {
  readonly layout: StackLayout;
  readonly observe: (instance: Instance, observed: Observed) => void;
}

/** Starts the program and stays with it until it has ended. */
export async function launch(instance: Instance, { layout, observe }: Surroundings): Promise<void> {
  const { service, id, condition } = instance;
  let launched: Awaited<ReturnType<typeof launchProgram>>;
  // Whatever fails here is a failed launch: an instance of which nobody hears again could not even be brought down.
  try {
    const failure = await findTakenPort(service);
    if (failure !== undefined) return observe(instance, { kind: "launch-failed", failure });
    const log = locateLog(layout, instance);
    const healthSocket = locateSocket(layout, id);
    // A killed program leaves its socket behind, on which the next one could not listen.
    rmSync(healthSocket, { force: true });
    instance.logFrom = measureLog(log);
    launched = await launchProgram(layout, {
      command: service.command,
      environment: composeEnvironment(service, {
        healthSocket: service.probe.kind === "socket" ? healthSocket : undefined,
        superseded: instance.role === "draining",
      }),
      cwd: layout.folder,
      log,
      record: {
        instance: id,
        stopSeconds: service.stopSeconds,
        healthSocket,
        initialised: false,
        restarts: condition.restarts,
      },
    });
  } catch (thrown) {
    const error = toReadable(thrown);
    const why = error instanceof Error ? error.message : String(error);
    const failure = redact(`${service.command[0]} could not be started: ${why}`, service);
    return observe(instance, { kind: "launch-failed", failure });
  }
  instance.record = launched.record;
  observe(instance, { kind: "launched" });
  await conclude(instance, await launched.exited, { layout, observe });
}

/** Clears away what an ended program has left, and reports its end. */
export async function conclude(instance: Instance, exit: Exit, { layout, observe }: Surroundings): Promise<void> {
  const { record, service } = instance;
  if (record) {
    await endGroup(record.process, service.stopSeconds);
    rmSync(record.healthSocket, { force: true });
  }
  removeRecord(layout, instance.id);
  instance.record = undefined;
  instance.initialising?.abort();
  const lines = readLastLines(locateLog(layout, instance), quotedLines, instance.logFrom);
  const quote = lines.length === 0 ? "it printed nothing" : `the last lines of its log:\n${lines.join("\n")}`;
  const failure = redact(`${exit.how}; ${quote}`, service);
  observe(instance, { kind: "exited", failure, ...(exit.code === undefined ? {} : { code: exit.code }) });
}

/** Probes the program once. */
export async function probe(instance: Instance, { observe }: Surroundings): Promise<void> {
  const { record, service } = instance;
  if (!record) return;
  const failure = await runProbe(service.probe, record.healthSocket);
  // An answer that comes after the program's end says nothing of its successor.
  if (instance.record?.process === record.process) observe(instance, { kind: "probed", failure });
}

/** Runs `afterStart` once; the end of the program ends it. */
export async function initialise(instance: Instance, { layout, observe }: Surroundings): Promise<void> {
  const { service } = instance;
  if (!service.afterStart) return;
  const running = new AbortController();
  instance.initialising = running;
  const options = { cwd: layout.folder, signal: running.signal };
  const result = await runCommand(service, service.afterStart, options).catch((error: unknown) => {
    if (!running.signal.aborted) throw error;
  });
  if (instance.initialising === running) instance.initialising = undefined;
  if (!result) return;
  const output = result.output.split("\n").slice(-quotedLines).join("\n");
  const failure =
    result.code === 0 ? undefined : `"afterStart" exited with code ${result.code}; it printed:\n${output}`;
  observe(instance, { kind: "initialised", failure });
}

/** Signals the program's group, and ends a running `afterStart`. */
export function signal(instance: Instance, name: NodeJS.Signals): void {
  instance.initialising?.abort();
  if (instance.record) signalGroup(instance.record.process, name);
}

async function findTakenPort({ ports, probe }: Service): Promise<string | undefined> {
  const named = Object.entries(ports);
  const isNamed = probe.kind === "socket" || named.some(([, port]) => port === probe.port);
  for (const [purpose, port] of isNamed ? named : [...named, ["probe", probe.port] as const]) {
    const holder = await findPortHolder(port);
    if (holder !== undefined) return sayPortTaken({ port, purpose, holder });
  }
  return undefined;
}
