/**
 * A real Ray for the tests of a file, in a network namespace of its own, for its daemons listen on every interface.
 * @module
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import { type GivenPython, usePythonPackages } from "./python-packages.ts";

const run = promisify(execFile);

/** What a test finds prepared; the fields are there once a test runs. */
export interface GivenRay {
  /** Where its dashboard answers. @default it cannot be had here */
  address?: string;
  /** Why there is none. */
  missing: string;
  /** Has it take no connections, or take them again. */
  setSilent(isSilent: boolean): void;
}

const program = join(import.meta.dirname, "ray-head.py");
const startSeconds = 90;

/** Starts Ray before the tests of a file, and ends all of it after. @param lock hash-locked requirements with `ray[default]` */
export function useRay(lock: string, cores: number): GivenRay {
  const python = usePythonPackages("Ray", lock);
  const door = createDoor(() => join(python.folder, "dashboard.sock"));
  const given: GivenRay = { missing: "", setSilent: door.setSilent };
  let head: ChildProcess | undefined;
  beforeAll(async () => {
    const namespace = await findNamespace();
    if (typeof namespace === "string") {
      given.missing = namespace;
      process.stderr.write(`the tests on Ray are skipped: ${namespace}\n`);
      return;
    }
    if (python.python === undefined) throw new Error(python.missing);
    head = startHead(namespace, python, cores);
    await door.open();
    await waitForAnswer(door.address(), join(python.folder, "ray.log"));
    given.address = door.address();
  });
  afterAll(async () => {
    door.close();
    if (!head || head.exitCode !== null || head.signalCode !== null) return;
    const ended = once(head, "exit");
    // With it goes the first process of the namespace, and with that one all there are in it.
    head.kill("SIGKILL");
    await ended;
  });
  return given;
}

/** The arguments of `unshare` that make the namespaces, or why none can be made. */
async function findNamespace(): Promise<readonly string[] | string> {
  const own = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
  let reason: unknown;
  for (const args of [own, ["--user", "--map-root-user", ...own]]) {
    try {
      await run("unshare", [...args, "true"]);
      return args;
    } catch (error) {
      reason = error;
    }
  }
  return `a network namespace cannot be made here: ${reason instanceof Error ? reason.message : String(reason)}`;
}

function startHead(namespace: readonly string[], { python = "", folder }: GivenPython, cores: number): ChildProcess {
  const log = openSync(join(folder, "ray.log"), "a");
  const ray = join(dirname(python), "ray");
  return spawn("unshare", [...namespace, python, program, ray, folder, String(cores)], {
    stdio: ["ignore", log, log],
    // Nothing of the test's own environment is a job's.
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "C.UTF-8", RAY_enable_metrics_collection: "0" },
  });
}

async function waitForAnswer(address: string, log: string): Promise<void> {
  const until = performance.now() + startSeconds * 1000;
  while (performance.now() < until) {
    const answer = await fetch(`${address}/api/version`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(500);
  }
  throw new Error(`Ray does not answer after ${startSeconds} s:\n${await readFile(log, "utf8")}`);
}

/** A port of this machine from which connections lead to a socket in the file system. @param path of it, once it is opened */
function createDoor(path: () => string) {
  const open = new Set<Socket>();
  let isSilent = false;
  const server: Server = createServer((outside) => {
    if (isSilent) {
      outside.destroy();
      return;
    }
    const inside = connect(path());
    for (const socket of [outside, inside]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        outside.destroy();
        inside.destroy();
      });
    }
    outside.pipe(inside).pipe(outside);
  });
  const closeAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    async open() {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    },
    address: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setSilent(next: boolean) {
      isSilent = next;
      if (next) closeAll();
    },
    close() {
      server.close();
      closeAll();
    },
  };
}
