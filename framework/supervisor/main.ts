/**
 * The supervisor of one stack as a program: `node main.ts <stack folder>`. It ends when the stack is brought down or its
 * folder removed; ended in any other way it leaves the services running, and the next one adopts them. Where another
 * supervises the stack already, it ends at once.
 * @module
 */
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { withLock } from "../toolchain/lock.ts";
import { identifyProcess } from "../toolchain/process-identity.ts";
import { toReadable } from "../toolchain/system-failure.ts";
import { findJson, writePrivateJson } from "./private-file.ts";
import { addressSchema, clearAddress } from "./protocol.ts";
import { createSupervisorServer } from "./server.ts";
import { locateSocket, prepareStack, type StackLayout } from "./stack-layout.ts";
import { Supervision } from "./supervision.ts";

const lookForFolderMilliseconds = 1_000;
const farewellMilliseconds = 2_000;

async function supervise(layout: StackLayout): Promise<void> {
  const self = identifyProcess(process.pid);
  if (!self) throw new Error("this process cannot find itself among the processes of this machine");
  const supervision = await Supervision.open(layout, { log });
  const server = createSupervisorServer({ supervision, greeting: { folder: layout.folder, process: self }, log });
  // The pid makes it another path than that of a supervisor of the same folder that is only just ending.
  const socket = locateSocket(layout, `supervisor ${process.pid}`);
  clearAddress(layout);
  rmSync(socket, { force: true });
  server.listen(socket);
  await once(server, "listening");
  const address = { socket, process: self };
  writePrivateJson(layout.address, address);
  log(`supervises ${layout.folder} as pid ${process.pid}`);
  const findable = setInterval(() => keepFindable(layout, address), lookForFolderMilliseconds);
  await Promise.race([supervision.ended, waitUntilAbandoned(supervision)]);
  await supervision.down();
  clearInterval(findable);
  clearAddress(layout);
  // Closing waits for the answer to whoever asked for this, but not for long.
  server.close();
  await Promise.race([once(server, "close"), sleep(farewellMilliseconds)]);
  log("has brought everything down");
}

/** Mends the address: without it nobody would find this supervisor, which keeps every other one from starting. */
function keepFindable(layout: StackLayout, address: z.output<typeof addressSchema>): void {
  if (!existsSync(layout.run) || addressSchema.safeParse(findJson(layout.address)).success) return;
  try {
    writePrivateJson(layout.address, address);
    log("its address was damaged and is mended");
  } catch (error) {
    log(explain(error));
  }
}

async function waitUntilAbandoned(supervision: Supervision): Promise<void> {
  while (!supervision.isAbandoned()) await sleep(lookForFolderMilliseconds);
  log("the folder is gone");
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function explain(thrown: unknown): string {
  const error = toReadable(thrown);
  if (error instanceof StewardError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const [stackFolder] = process.argv.slice(2);
if (stackFolder === undefined) throw new Error("usage: node main.ts <stack folder>");
// Whoever started this one made the folder. Where it is gone by now, nothing is left to supervise.
if (!existsSync(stackFolder)) process.exit(0);
const layout = prepareStack(stackFolder);
const another = new AbortController();
try {
  await withLock(layout.lock, { signal: another.signal, onWait: () => another.abort() }, () => supervise(layout));
} catch (error) {
  if (!another.signal.aborted) log(explain(error));
  process.exit(another.signal.aborted ? 0 : 1);
}
process.exit(0);
