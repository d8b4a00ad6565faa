/**
 * A MinIO of a test's own: a fresh server with its own folder, port and credentials.
 * @module
 */
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoreConnection } from "../../framework/connection/connection.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";

export interface TestMinio {
  /** Where it listens and with which credentials; the buckets are not made yet. */
  readonly connection: StoreConnection;
  /** Its folder, for tests that damage what is in it. */
  readonly folder: string;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a MinIO on loopback and waits until it serves. */
export async function startMinio(): Promise<TestMinio> {
  const { minio } = await ensureTools(["minio"]);
  const folder = await mkdtemp(join(tmpdir(), "steward-minio-"));
  const address = `127.0.0.1:${await findFreePort()}`;
  const accessKey = "test";
  const secretKey = randomBytes(16).toString("hex");
  const server = spawn(minio.path, ["server", folder, "--address", address, "--quiet"], {
    env: { PATH: process.env["PATH"], HOME: folder, MINIO_ROOT_USER: accessKey, MINIO_ROOT_PASSWORD: secretKey },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  server.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  const ended = once(server, "exit");
  const stop = async () => {
    server.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(`http://${address}/minio/health/live`, () => server.exitCode === null);
  } catch (error) {
    await stop();
    throw new Error(`MinIO did not start: ${complaint}`, { cause: error });
  }
  const connection = {
    endpoint: `http://${address}`,
    region: "us-east-1",
    accessKey,
    secretKey,
    bucket: "steward-test",
    lockedBucket: "steward-test-locked",
  };
  return { connection, folder, stop };
}

/**
 * A port that nobody listens on, and that nobody else is given in this run: below those that the system gives to whoever asks for any,
 * and those of stacks.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 20_000);
    if (!(await claim(port))) continue;
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** Whoever makes the file has the port until the run ends, where there is a run. */
async function claim(port: number): Promise<boolean> {
  const folder = process.env["STEWARD_TEST_FOLDER"];
  if (folder === undefined) return true;
  try {
    await writeFile(join(folder, `port-${port}`), "", { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function untilReady(url: string, lives: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 600 && lives(); attempt++) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await sleep(50);
  }
  throw new Error(`${url} never answered`);
}
