import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ProcessGroup } from "../../../framework/http/processes/process-group.ts";
import { findFreePort } from "../../support/minio.ts";
import { findBelow, listProcesses } from "../../support/processes.ts";
import { describeSurroundings } from "../../support/surroundings.ts";

const program = join(import.meta.dirname, "shared-service.ts");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** For the tests of one that hangs. */
const soonGivenUp = { SILENT: "3000" };

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
}

async function start(change: Record<string, string> = {}, port?: number): Promise<Started> {
  const own = port ?? (await findFreePort());
  const env = { ...describeSurroundings(), STEWARD_PORT: String(own), COUNT: "2", ...change };
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "ignore", "pipe"], detached: true });
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
  for (const deadline = performance.now() + 45_000; ; ) {
    if (await isSo()) return;
    if (performance.now() > deadline) throw new Error(`it never came: ${say()}`);
    await sleep(50);
  }
}

/** Asks on a connection of its own: whichever process takes it. */
async function ask<T>(port: number, path = "/"): Promise<T> {
  const agent = new Agent({ keepAlive: false });
  const request = get({ port, path, host: "127.0.0.1", agent, timeout: 30_000 });
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

async function untilGone(pids: readonly number[]): Promise<void> {
  const isGone = (pid: number) => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  };
  await eventually(
    () => pids.every(isGone),
    () => "a process goes on",
  );
}

describe("a service in two processes", { timeout: 180_000 }, () => {
  it("answers on one port from both, and each can ask all", async () => {
    const started = await start();
    await untilListening(started);
    await untilBoth(started.port);
    expect(await ask(started.port, "/all")).toEqual({ values: [0, 1], past: [] });
  });

  it.each([
    ["crashes", "/crash", "ended with code 3", {}],
    ["hangs", "/hang", "has not said that it lives for", soonGivenUp],
    ["has work under way for too long", "/stuck", "has work under way for", {}],
  ])("begins one again that %s, and the other goes on", async (_, path, said, change) => {
    const started = await start(change);
    await untilListening(started);
    const before = await untilBoth(started.port);
    await ask(started.port, path).catch(() => undefined);
    await eventually(() => started.output().includes(said), started.output);
    const after = await untilBoth(started.port, (found) => [...found].some(([i, pid]) => before.get(i) !== pid));
    expect([...after].filter(([index, pid]) => before.get(index) !== pid)).toHaveLength(1);
    expect(started.output()).toMatch(/process [12] of 2 ended with (code 3|SIGKILL), and is begun again/);
  });

  it("is not taken for hung by a group that stood still itself", async () => {
    const started = await start(soonGivenUp);
    await untilListening(started);
    const before = await untilBoth(started.port);
    started.child.kill("SIGSTOP");
    await sleep(Number(soonGivenUp.SILENT) + 500);
    started.child.kill("SIGCONT");
    // It looks four times a second.
    await sleep(1_500);
    expect(await untilBoth(started.port)).toEqual(before);
    expect(started.output()).not.toContain("is ended");
  });

  it("remembers what one answered that has ended", async () => {
    const started = await start();
    await untilListening(started);
    const before = await untilBoth(started.port);
    await ask(started.port, "/all");
    await ask(started.port, "/crash").catch(() => undefined);
    const after = await untilBoth(started.port, (found) => [...found].some(([i, pid]) => before.get(i) !== pid));
    const gone = [...after].filter(([index, pid]) => before.get(index) !== pid).map(([index]) => index);
    expect(await ask(started.port, "/all")).toEqual({ values: [0, 1], past: [[...gone, `left by ${gone[0]}`]] });
  });

  it("remembers what several answered that have ended as one answer, where its program says how", async () => {
    const started = await start();
    await untilListening(started);
    const gone: number[] = [];
    for (let times = 0; times < 2; times++) {
      const before = await untilBoth(started.port);
      await ask(started.port, "/all");
      await ask(started.port, "/crash").catch(() => undefined);
      const after = await untilBoth(started.port, (found) => [...found].some(([i, pid]) => before.get(i) !== pid));
      gone.push(...[...after].filter(([index, pid]) => before.get(index) !== pid).map(([index]) => index));
    }
    const all = gone.flatMap((index) => [index, `left by ${index}`]);
    expect(await ask(started.port, "/all")).toEqual({ values: [0, 1], past: [all] });
  });

  it.each([
    ["crashed", "/crash", false],
    ["hung", "/hang", true],
  ])("tells all, and who begins later, what one has left that %s, and counts it", async (_, path, isHung) => {
    const started = await start(isHung ? soonGivenUp : {});
    await untilListening(started);
    const before = await untilBoth(started.port);
    await ask(started.port, path).catch(() => undefined);
    const after = await untilBoth(started.port, (found) => [...found].some(([i, pid]) => before.get(i) !== pid));
    const gone = [...after].flatMap(([index, pid]) => (before.get(index) === pid ? [] : [index]))[0];
    expect(started.output()).toContain(`process ${(gone ?? 0) + 1} of 2: it is remembered`);
    const heard = new Map<number, unknown>();
    for (let left = 100; heard.size < 2 && left > 0; left--) {
      const { index, told } = await ask<Who & { told: unknown }>(started.port, "/told");
      heard.set(index, told);
    }
    const told = [{ index: gone, isHung }];
    expect([...heard].sort(([a], [b]) => a - b)).toEqual([
      [0, told],
      [1, told],
    ]);
    expect(await ask(started.port, "/all")).toEqual({ values: [0, 1], past: [`left by ${gone}`] });
  });

  it("counts what one answered last that does not answer now", async () => {
    const started = await start();
    await untilListening(started);
    await untilBoth(started.port);
    await ask(started.port, "/all");
    await ask(started.port, "/mute");
    const { values, past } = await ask<{ values: number[]; past: number[] }>(started.port, "/all");
    expect(values).toHaveLength(1);
    expect([...values, ...past].sort()).toEqual([0, 1]);
  });

  it("ends with 0 after SIGTERM, and both with it", async () => {
    const started = await start();
    await untilListening(started);
    const both = await untilBoth(started.port);
    started.child.kill("SIGTERM");
    expect(await once(started.child, "exit")).toEqual([0, null]);
    for (const pid of both.values()) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("answers what is under way when all of its processes are signalled at once", async () => {
    const started = await start();
    await untilListening(started);
    const answers = Promise.all(Array.from({ length: 8 }, () => ask<Who>(started.port, "/slow")));
    const count = () => started.output().split("/slow is under way").length - 1;
    await eventually(() => count() === 8, started.output);
    process.kill(-(started.child.pid as number), "SIGTERM");
    expect(await once(started.child, "exit")).toEqual([0, null]);
    expect(await answers).toHaveLength(8);
  });

  it("ends though one of them hangs", async () => {
    const started = await start(soonGivenUp);
    await untilListening(started);
    await untilBoth(started.port);
    void ask(started.port, "/hang").catch(() => undefined);
    await eventually(() => started.output().includes("/hang is under way"), started.output);
    started.child.kill("SIGTERM");
    expect(await once(started.child, "exit")).toEqual([1, null]);
    expect(started.output()).toContain("a process did not end as it should");
  });

  it("is not left behind by a group that was killed", async () => {
    const started = await start();
    await untilListening(started);
    const both = await untilBoth(started.port);
    started.child.kill("SIGKILL");
    await untilGone([...both.values()]);
  });

  it("is not left behind by a group that was killed while it began", async () => {
    const started = await start({ SLOW: "1" });
    const list = () => [...started.output().matchAll(/begins as (\d+)/g)].map(([, pid]) => Number(pid));
    await eventually(() => list().length === 2, started.output);
    started.child.kill("SIGKILL");
    await untilGone(list());
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

describe("a group", { timeout: 60_000 }, () => {
  it("begins one again that lived for long and whose successor does not start the first time", async () => {
    const folder = await mkdtemp(join(tmpdir(), "steward-group-"));
    const fails = join(folder, "fails");
    const own = { STEWARD_PORT: String(await findFreePort()), COUNT: "1", FAILS_ONCE: fails };
    for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value);
    const lines: string[] = [];
    const group = new ProcessGroup({ program, count: 1, report: (line) => lines.push(line) });
    await group.start();
    await writeFile(fails, "");
    // What it would say from now on is no word of the minute that follows.
    const members = findBelow(await listProcesses(), process.pid).filter(({ command }) => command.includes(program));
    for (const { pid } of members) process.kill(pid, "SIGSTOP");
    const now = performance.now.bind(performance);
    // It has lived for a minute, and has said nothing in it.
    vi.spyOn(performance, "now").mockImplementation(() => now() + 61_000);
    await eventually(
      () => lines.filter((line) => line.includes("is begun again")).length === 2,
      () => lines.join("; "),
    );
    await sleep(300);
    await group.close("SIGKILL");
    expect(lines.map((line) => line.replace(/ \d+\.\d s/, " a minute"))).toEqual([
      "process 1 of 1 has not said that it lives for a minute, and is ended",
      "process 1 of 1 ended with SIGKILL, and is begun again",
      "process 1 of 1 ended with code 1, and is begun again",
    ]);
    await rm(folder, { recursive: true });
  });
});
