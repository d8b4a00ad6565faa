import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identifyProcess } from "../../framework/toolchain/process-identity.ts";
import { failure } from "../support/failure.ts";
import {
  createStack,
  describeServer,
  describeWorker,
  expectEventually,
  isLiving,
  kill,
  limit,
  type Stack,
} from "./stack.ts";

/** The record of a stack's only program. */
function recordPath({ folder }: Stack): string {
  const [file] = readdirSync(join(folder, "run")).filter((name) => name.includes("@") && name.endsWith(".json"));
  return join(folder, "run", file ?? "");
}

describe("a supervisor", limit, () => {
  it("restarts a killed service, each time after a longer pause", async ({ onTestFinished }) => {
    const { supervisor, pidOf } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("web"));
    await supervisor.waitReady("web");
    const pauses: number[] = [];
    for (const restarts of [1, 2]) {
      await kill(await pidOf("web"));
      await expectEventually(async () => (await supervisor.list())[0]?.state, "backing-off");
      const [down] = await supervisor.list();
      expect(down?.reason).toContain("was ended by SIGKILL");
      await expectEventually(async () => (await supervisor.list())[0]?.state, "starting");
      const [up] = await supervisor.list();
      pauses.push(Date.parse(up?.since ?? "") - Date.parse(down?.since ?? ""));
      expect(await supervisor.waitReady("web")).toMatchObject({ restarts });
    }
    // The clock of a status is exact to a millisecond.
    expect(pauses[0]).toBeGreaterThanOrEqual(499);
    expect(pauses[1]).toBeGreaterThanOrEqual(999);
  });

  it("killed, lets services live, and is followed by one that adopts them", async ({ onTestFinished }) => {
    const stack = await createStack(onTestFinished);
    const { supervisor, daemonPid, file, lines } = stack;
    const afterStart = [process.execPath, "-e", "require('fs').appendFileSync(process.env.RUNS, 'run\\n')"] as const;
    const environment = { STARTS: file("starts"), RUNS: file("runs") };
    await supervisor.apply(await describeServer("web", { environment, afterStart: [...afterStart] }));
    const before = await supervisor.waitReady("web");
    const killed = daemonPid();
    await kill(killed);
    const reason = "it lives, but its supervisor has ended";
    expect(await supervisor.list()).toMatchObject([{ state: "unhealthy", pid: before.pid, reason }]);
    const [after] = await supervisor.revive();
    expect(after).toMatchObject({ state: "ready", pid: before.pid, restarts: 0 });
    expect(daemonPid()).not.toBe(killed);
    expect([lines("starts").length, lines("runs").length]).toEqual([1, 1]);
    // The adopted process is supervised like any other, although nobody here is its parent.
    await kill(before.pid ?? 0);
    await expectEventually(() => lines("starts").length, 2);
    expect(await supervisor.waitReady("web")).toMatchObject({ restarts: 1 });
  });

  it("killed with all its services, is followed by one that starts them again", async ({ onTestFinished }) => {
    const { supervisor, daemonPid, pidOf, file, lines } = await createStack(onTestFinished);
    await supervisor.apply(
      await describeServer("store", { environment: { STARTS: file("starts"), CHILD: file("child") } }),
    );
    await supervisor.apply(describeWorker("worker", { after: ["store"] }));
    await supervisor.waitReady("worker");
    const pids = [daemonPid(), await pidOf("store"), await pidOf("worker")];
    await Promise.all(pids.map(kill));
    const states = (await supervisor.revive()).map(({ name, state }) => [name, state]);
    expect(states).toEqual([
      ["store", "ready"],
      ["worker", "ready"],
    ]);
    expect(lines("starts")).toHaveLength(2);
    expect(isLiving(Number(lines("child")[0])), "what the killed program had started").toBe(false);
  });

  it("neither kills nor adopts a stranger that has the pid of a service", async ({ onTestFinished }) => {
    const stack = await createStack(onTestFinished);
    const { supervisor, daemonPid, pidOf } = stack;
    const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      detached: true,
      stdio: "ignore",
    });
    onTestFinished(async () => {
      stranger.kill("SIGKILL");
      await once(stranger, "exit");
    });
    await supervisor.apply(await describeServer("web"));
    await supervisor.waitReady("web");
    const pids = [daemonPid(), await pidOf("web")];
    await Promise.all(pids.map(kill));
    const path = recordPath(stack);
    const record = JSON.parse(readFileSync(path, "utf8"));
    record.process = { ...identifyProcess(stranger.pid ?? 0), started: record.process.started };
    writeFileSync(path, JSON.stringify(record));
    const [web] = await supervisor.revive();
    expect(web).toMatchObject({ state: "ready", restarts: 1 });
    expect(web?.pid).not.toBe(stranger.pid);
    await supervisor.down();
    expect(isLiving(stranger.pid ?? 0)).toBe(true);
  });

  it("leaves a stranger alone when a killed stack is brought down", async ({ onTestFinished }) => {
    const stack = await createStack(onTestFinished);
    const { supervisor, daemonPid, pidOf } = stack;
    const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      detached: true,
      stdio: "ignore",
    });
    onTestFinished(async () => {
      stranger.kill("SIGKILL");
      await once(stranger, "exit");
    });
    await supervisor.apply(await describeServer("web"));
    await supervisor.waitReady("web");
    await Promise.all([daemonPid(), await pidOf("web")].map(kill));
    const path = recordPath(stack);
    const record = JSON.parse(readFileSync(path, "utf8"));
    record.process = { ...identifyProcess(stranger.pid ?? 0), started: "long ago" };
    writeFileSync(path, JSON.stringify(record));
    await supervisor.down();
    expect(isLiving(stranger.pid ?? 0)).toBe(true);
    expect(await supervisor.list()).toMatchObject([{ state: "stopped" }]);
  });

  it("is found again when its address and a record of it have been damaged", async ({ onTestFinished }) => {
    const stack = await createStack(onTestFinished);
    const { supervisor, daemonPid, folder } = stack;
    await supervisor.apply(await describeServer("web"));
    const before = await supervisor.waitReady("web");
    const pid = daemonPid();
    const address = join(folder, "run", "supervisor.json");
    writeFileSync(address, readFileSync(address, "utf8").slice(0, 20));
    writeFileSync(recordPath(stack), "{");
    expect(await supervisor.revive()).toMatchObject([{ state: "ready", pid: before.pid }]);
    expect(daemonPid()).toBe(pid);
  });

  it("that starts when its stack is gone already ends, and makes nothing", async ({ onTestFinished }) => {
    const { folder } = await createStack(onTestFinished);
    const main = join(import.meta.dirname, "../../framework/supervisor/main.ts");
    const [code] = await once(spawn(process.execPath, [main, folder], { stdio: "ignore" }), "exit");
    expect([code, existsSync(folder)]).toEqual([0, false]);
  });

  it("says which declaration is damaged and what to do, and does so when that is done", async ({ onTestFinished }) => {
    const { supervisor, folder, daemonPid } = await createStack(onTestFinished);
    const web = await describeServer("web", { secrets: { KEY: "hunter2" } });
    await supervisor.apply(web);
    await supervisor.waitReady("web");
    await supervisor.down();
    const path = join(folder, "services", "web.json");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -20));
    const failed = await failure(supervisor.list());
    expect(failed.message).toMatch(
      /damaged.*remove it, then run npx pulumi up.*\n.*services\/web\.json \[file-damaged\]/,
    );
    expect(failed.message).not.toContain("hunter2");
    rmSync(path);
    await supervisor.apply(web);
    expect(await supervisor.waitReady("web")).toMatchObject({ state: "ready" });
    expect(isLiving(daemonPid())).toBe(true);
  });

  it("can be brought down, and services removed, when it has been killed", async ({ onTestFinished }) => {
    const { supervisor, daemonPid, pidOf } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("store"));
    await supervisor.apply(await describeServer("web", { after: ["store"] }));
    await supervisor.waitReady("web");
    const [daemon, store, web] = [daemonPid(), await pidOf("store"), await pidOf("web")];
    await kill(daemon);
    await supervisor.remove("web");
    expect([isLiving(store), isLiving(web)]).toEqual([true, false]);
    await supervisor.down();
    expect(isLiving(store)).toBe(false);
    expect(await supervisor.list()).toMatchObject([{ name: "store", state: "stopped" }]);
  });

  it("is started in spite of what a killed one left behind", async ({ onTestFinished }) => {
    const { supervisor, daemonPid, folder } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("web"));
    await supervisor.waitReady("web");
    const address = join(folder, "run", "supervisor.json");
    const left = readFileSync(address, "utf8");
    await supervisor.down();
    writeFileSync(address, left.replace(/"pid": \d+/, `"pid": ${process.pid}`));
    writeFileSync(JSON.parse(left).socket, "");
    expect(await supervisor.revive()).toMatchObject([{ state: "ready" }]);
    expect(daemonPid()).not.toBe(process.pid);
  });
});
