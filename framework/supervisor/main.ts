/**
 * The supervisor of one stack as a program: `node main.ts <stack folder>`. It ends when the stack is brought down or its
 * folder removed; ended in any other way it leaves the services running, and the next one adopts them. Where another
 * supervises the stack already, it ends at once.
 * @module
 */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { StewardError } from "../definitions/problem.ts";
import { withLock } from "../toolchain/lock.ts";
import { identifyProcess } from "../toolchain/process-identity.ts";
import { writePrivateJson } from "./private-file.ts";
import { clearAddress } from "./protocol.ts";
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
  writePrivateJson(layout.address, { socket, process: self });
  log(`supervises ${layout.folder} as pid ${process.pid}`);
  await Promise.race([supervision.ended, waitUntilAbandoned(supervision)]);
  await supervision.down();
  clearAddress(layout);
  // Closing waits for the answer to whoever asked for this, but not for long.
  server.close();
  await Promise.race([once(server, "close"), sleep(farewellMilliseconds)]);
  log("has brought everything down");
}

async function waitUntilAbandoned(supervision: Supervision): Promise<void> {
  while (!supervision.isAbandoned()) await sleep(lookForFolderMilliseconds);
  log("the folder is gone");
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function explain(error: unknown): string {
  if (error instanceof StewardError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const [stackFolder] = process.argv.slice(2);
if (stackFolder === undefined) throw new Error("usage: node main.ts <stack folder>");
const layout = prepareStack(stackFolder);
const another = new AbortController();
try {
  await withLock(layout.lock, { signal: another.signal, onWait: () => another.abort() }, () => supervise(layout));
} catch (error) {
  if (!another.signal.aborted) log(explain(error));
  process.exit(another.signal.aborted ? 0 : 1);
}
process.exit(0);
