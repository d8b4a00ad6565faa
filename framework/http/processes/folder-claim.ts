/**
 * A claim on a folder: one process has it, until it ends however it ends. Processes that share a port are not kept apart by it.
 * @module
 */
import { hash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How long a predecessor may take to end, in milliseconds. */
const patience = 15_000;

/**
 * Claims a folder for this process. The claim is a socket in Linux's abstract namespace, which the kernel takes back when the
 * process ends.
 *
 * @param folder its absolute path
 * @throws Error where another process has it for longer than a predecessor takes to end
 */
export async function claimFolder(folder: string): Promise<void> {
  await claim(folder);
}

/**
 * Waits until no process has a folder.
 *
 * @param folder its absolute path
 * @throws Error where another process has it for longer than a predecessor takes to end
 */
export async function untilUnclaimed(folder: string): Promise<void> {
  const server = await claim(folder);
  server.close();
  await once(server, "close");
}

async function claim(folder: string): Promise<Server> {
  for (const begun = performance.now(); ; await sleep(100)) {
    const server = await tryClaim(folder);
    if (server) return server;
    if (performance.now() - begun > patience) throw new Error(`another process uses the folder ${folder}`);
  }
}

/** @returns nothing while another process has it */
async function tryClaim(folder: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(`\0steward-folder-${hash("sha256", folder)}`);
    await once(server, "listening");
    server.unref();
    return server;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}
