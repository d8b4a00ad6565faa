import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { findFreePort } from "../../support/minio.ts";

const program = join(import.meta.dirname, "shared-service.ts");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
}

async function start(change: Record<string, string> = {}, port?: number): Promise<Started> {
  const own = port ?? (await findFreePort());
  const env = { PATH: process.env["PATH"], STEWARD_PORT: String(own), COUNT: "2", ...change };
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  return { child, port: own, output: () => output };
}

async function untilListening({ child, output }: Started): Promise<void> {
  await eventually(
    () => output().includes("processes: 2"),
    () => `${child.exitCode} ${output()}`,
  );
}

async function eventually(isSo: () => boolean | Promise<boolean>, say: () => string): Promise<void> {
  for (let left = 300; ; left--) {
    if (await isSo()) return;
    if (left === 0) throw new Error(`it never came: ${say()}`);
    await sleep(50);
  }
}

/** Asks on a connection of its own: whichever process takes it. */
async function ask<T>(port: number, path = "/"): Promise<T> {
  const agent = new Agent({ keepAlive: false });
  const request = get({ port, path, host: "127.0.0.1", agent, timeout: 10_000 });
  request.once("timeout", () => request.destroy(new Error("no answer came")));
  const [response] = await once(request, "response");
  return JSON.parse(await text(response)) as T;
}

interface Who {
  readonly index: number;
  readonly pid: number;
}

/** Who answers, over some connections; whoever does not is left out. */
async function askSome(port: number, count = 40): Promise<ReadonlyMap<number, number>> {
  const answers = await Promise.allSettled(Array.from({ length: count }, () => ask<Who>(port)));
  return new Map(answers.flatMap((one) => (one.status === "fulfilled" ? [[one.value.index, one.value.pid]] : [])));
}

async function untilBoth(port: number, isSo: (found: ReadonlyMap<number, number>) => boolean = () => true) {
  let found: ReadonlyMap<number, number> = new Map();
  await eventually(
    async () => {
      found = await askSome(port);
      return found.size === 2 && isSo(found);
    },
    () => JSON.stringify([...found]),
  );
  return found;
}

describe("a service in two processes", { timeout: 60_000 }, () => {
  it("answers on one port from both, and each can ask all", async () => {
    const started = await start();
    await untilListening(started);
    await untilBoth(started.port);
    expect(await ask(started.port, "/all")).toEqual({ values: [0, 1], of: 2 });
  });

  it.each([
    ["crashes", "/crash", "ended with code 3"],
    ["hangs", "/hang", "has not said that it lives for"],
    ["has work under way for too long", "/stuck", "has work under way for"],
  ])("begins one again that %s, and the other goes on", async (_, path, said) => {
    const started = await start();
    await untilListening(started);
    const before = await untilBoth(started.port);
    await ask(started.port, path).catch(() => undefined);
    await eventually(() => started.output().includes(said), started.output);
    const after = await untilBoth(started.port, (found) => [...found].some(([i, pid]) => before.get(i) !== pid));
    expect([...after].filter(([index, pid]) => before.get(index) !== pid)).toHaveLength(1);
    expect(started.output()).toMatch(/process [12] of 2 ended with (code 3|SIGKILL), and is begun again/);
  });

  it("ends with 0 after SIGTERM, and both with it", async () => {
    const started = await start();
    await untilListening(started);
    const both = await untilBoth(started.port);
    started.child.kill("SIGTERM");
    expect(await once(started.child, "exit")).toEqual([0, null]);
    for (const pid of both.values()) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("is not left behind by a group that was killed", async () => {
    const started = await start();
    await untilListening(started);
    const both = await untilBoth(started.port);
    started.child.kill("SIGKILL");
    const isGone = (pid: number) => {
      try {
        return !process.kill(pid, 0);
      } catch {
        return true;
      }
    };
    await eventually(
      () => [...both.values()].every(isGone),
      () => "a process goes on",
    );
  });

  it("does not start where one of them does not, and leaves none", async () => {
    const started = await start({ FAILS: "1" });
    expect(await once(started.child, "exit")).toEqual([1, null]);
    expect(started.output()).toContain("this one does not start");
    await expect(ask(started.port)).rejects.toThrow("ECONNREFUSED");
  });

  it("does not share its port with another group", async () => {
    const first = await start();
    await untilListening(first);
    const second = await start({}, first.port);
    expect(await once(second.child, "exit")).toEqual([1, null]);
    expect(second.output()).toContain("EADDRINUSE");
    await untilBoth(first.port);
  });
});
