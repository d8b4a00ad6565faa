import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSupervisor } from "../../framework/supervisor/client.ts";
import type { ServiceStatus } from "../../framework/supervisor/service.ts";
import { createStack, describeServer, expectEventually, isLiving, limit, readOpenFiles } from "./stack.ts";

describe("a supervisor", limit, () => {
  it("brings a service up, and leaves it alone when it is declared again", async ({ onTestFinished }) => {
    const { supervisor } = await createStack(onTestFinished);
    const service = await describeServer("web");
    const progress: ServiceStatus["state"][] = [];
    await supervisor.apply(service);
    const ready = await supervisor.waitReady("web", { onProgress: ({ state }) => progress.push(state) });
    expect(ready).toMatchObject({ name: "web", state: "ready", restarts: 0 });
    expect(progress.at(-1)).toBe("ready");
    expect(await supervisor.apply(service)).toEqual(ready);
  });

  it("replaces a changed service when the old one has ended", async ({ onTestFinished }) => {
    const { supervisor, lines, file } = await createStack(onTestFinished);
    const service = await describeServer("web", { environment: { STARTS: file("starts"), SAY: "one" } });
    const old = await supervisor.apply(service).then(() => supervisor.waitReady("web"));
    await supervisor.apply({ ...service, environment: { ...service.environment, SAY: "two" } });
    const ready = await supervisor.waitReady("web");
    expect(ready.digest).not.toBe(old.digest);
    expect(isLiving(old.pid ?? 0)).toBe(false);
    expect(lines("starts").map((line) => line.split(" ")[1])).toEqual(["one", "two"]);
    expect((await supervisor.list()).map(({ name }) => name)).toEqual(["web"]);
  });

  it("refuses services that wait for each other, and keeps what was", async ({ onTestFinished }) => {
    const { supervisor } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("a", { after: ["b"] }));
    await expect(supervisor.apply(await describeServer("b", { after: ["a"] }))).rejects.toThrow(/service-order-circle/);
    expect((await supervisor.list()).map(({ name }) => name)).toEqual(["a"]);
  });

  it("keeps the running description when the preflight of the next one fails", async ({ onTestFinished }) => {
    const { supervisor } = await createStack(onTestFinished);
    const service = await describeServer("web");
    await supervisor.apply(service);
    const before = await supervisor.waitReady("web");
    const fail = [process.execPath, "-e", "console.log('history does not replay'); process.exit(3)"] as const;
    const next = { ...service, preflight: [...fail] as [string, ...string[]] };
    expect(await supervisor.preflight(next)).toEqual({ code: 3, output: "history does not replay" });
    await expect(supervisor.apply(next)).rejects.toThrow(
      /exit code 3:\nhistory does not replay.*service-preflight-failed/s,
    );
    expect(await supervisor.list()).toEqual([before]);
  });

  it("goes down without a process left, keeps the declarations, and comes up again", async ({ onTestFinished }) => {
    const { supervisor, daemonPid, folder } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("store"));
    await supervisor.apply(await describeServer("api", { after: ["store"] }));
    await supervisor.waitReady("api");
    const pids = [daemonPid(), ...(await supervisor.list()).map(({ pid }) => pid ?? 0)];
    await supervisor.down();
    expect(pids.filter(isLiving)).toEqual([]);
    expect((await supervisor.list()).map(({ name, state }) => [name, state])).toEqual([
      ["store", "stopped"],
      ["api", "stopped"],
    ]);
    expect(existsSync(join(folder, "run", "supervisor.json"))).toBe(false);
    await expect(supervisor.waitReady("api")).rejects.toThrow(/is not supervised/);
    await supervisor.remove("api");
    expect((await supervisor.revive()).map(({ name, state }) => [name, state])).toEqual([["store", "ready"]]);
  });

  it("stops everything and ends when its folder is removed", async ({ onTestFinished }) => {
    const { supervisor, daemonPid, folder, pidOf } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("web"));
    await supervisor.waitReady("web");
    const pids = [daemonPid(), await pidOf("web")];
    rmSync(folder, { recursive: true });
    await expectEventually(() => pids.filter(isLiving), []);
  });

  it("lists nothing and starts nothing where no stack is", async () => {
    const folder = join(tmpdir(), "steward-no-such-stack");
    const supervisor = await openSupervisor(folder);
    expect(await supervisor.list()).toEqual([]);
    await supervisor.down();
    await supervisor.remove("web");
    expect(existsSync(folder)).toBe(false);
  });

  it("is the same for every name of its folder", async ({ onTestFinished }) => {
    const { supervisor, folder, file } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("web"));
    symlinkSync(folder, file("link"));
    const other = await openSupervisor(file("link"), { start: true });
    expect(await other.waitReady("web")).toMatchObject({ name: "web" });
  });
});

describe("openSupervisor", limit, () => {
  it("starts one supervisor, however many ask at once", async ({ onTestFinished }) => {
    const { folder, daemonPid, supervisor } = await createStack(onTestFinished);
    const clients = await Promise.all([1, 2, 3, 4].map(() => openSupervisor(folder, { start: true })));
    const first = daemonPid();
    await Promise.all(clients.map(async (client, i) => client.apply(await describeServer(`web${i}`))));
    expect(daemonPid()).toBe(first);
    expect((await supervisor.list()).length).toBe(4);
    const started = readOpenFiles(folder).match(/supervises .* as pid/g);
    expect(started).toHaveLength(1);
  });

  it("says what is wrong with a declaration that cannot be read", async ({ onTestFinished }) => {
    const { folder, supervisor } = await createStack(onTestFinished);
    const declaration = join(folder, "services", "web.json");
    mkdirSync(dirname(declaration), { recursive: true });
    writeFileSync(declaration, "{}");
    const message = /declaration of a service cannot be read.*web\.json.*service-invalid/s;
    await expect(supervisor.list()).rejects.toThrow(message);
    const started = await openSupervisor(folder, { start: true }).catch((error: Error) => error.message);
    rmSync(declaration);
    expect(started).toMatch(message);
  });
});
