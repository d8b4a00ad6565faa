import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createStack, describeWorker, expectEventually, isLiving, kill, limit } from "./stack.ts";

describe("an overlapping update", limit, () => {
  it("starts the new beside the old, which ends by itself", async ({ onTestFinished }) => {
    const { supervisor, file, pidOf, lines } = await createStack(onTestFinished);
    const build = (say: string) =>
      describeWorker("worker", { environment: { SAY: say, DRAINED: file(`drained-${say}`), STARTS: file("starts") } });
    await supervisor.apply(build("one"));
    const old = await supervisor.waitReady("worker");
    await supervisor.apply(build("two"));
    const current = await supervisor.waitReady("worker");
    const draining = `worker@${old.digest.slice(0, 8)}`;
    expect(await supervisor.list()).toMatchObject([
      { name: "worker", pid: current.pid, state: "ready" },
      { name: draining, pid: old.pid, state: "ready", reason: "an older description, draining" },
    ]);
    expect(await supervisor.logs("worker")).toEqual(["two"]);
    expect(await supervisor.logs(draining)).toEqual(["one"]);

    await kill(old.pid ?? 0);
    await expectEventually(() => lines("starts").map((line) => line.split(" ")[1]), ["one", "two", "one"]);
    await supervisor.waitReady(draining);
    expect(await pidOf("worker")).toBe(current.pid);

    writeFileSync(file("drained-one"), "");
    await expectEventually(async () => (await supervisor.list()).map(({ name }) => name), ["worker"]);
    expect(await pidOf("worker")).toBe(current.pid);
  });

  it("goes on with a description that comes back while it drains", async ({ onTestFinished }) => {
    const { supervisor } = await createStack(onTestFinished);
    const [one, two] = [describeWorker("worker", { environment: { SAY: "one" } }), describeWorker("worker")];
    const first = await supervisor.apply(one).then(() => supervisor.waitReady("worker"));
    const second = await supervisor.apply(two).then(() => supervisor.waitReady("worker"));
    await supervisor.apply(one);
    expect(await supervisor.list()).toMatchObject([
      { name: "worker", pid: first.pid },
      { name: `worker@${second.digest.slice(0, 8)}`, pid: second.pid },
    ]);
    expect(await supervisor.logs("worker")).toEqual(["one"]);
    await supervisor.remove("worker");
    expect([first.pid, second.pid].filter((pid) => isLiving(pid ?? 0))).toEqual([]);
  });

  it("does not keep an old description that never worked", async ({ onTestFinished }) => {
    const { supervisor } = await createStack(onTestFinished);
    await supervisor.apply(describeWorker("worker", { environment: { CRASH: "1" } }));
    await expect(supervisor.waitReady("worker")).rejects.toThrow(/exited with code 1/);
    await supervisor.apply(describeWorker("worker"));
    await supervisor.waitReady("worker");
    expect((await supervisor.list()).map(({ name }) => name)).toEqual(["worker"]);
  });

  it("drains on under the supervisor that follows a killed one", async ({ onTestFinished }) => {
    const { supervisor, daemonPid } = await createStack(onTestFinished);
    const first = await supervisor
      .apply(describeWorker("worker", { environment: { SAY: "one" } }))
      .then(() => supervisor.waitReady("worker"));
    const second = await supervisor.apply(describeWorker("worker")).then(() => supervisor.waitReady("worker"));
    await kill(daemonPid());
    await supervisor.revive();
    await supervisor.waitReady(`worker@${first.digest.slice(0, 8)}`);
    expect((await supervisor.list()).map(({ pid }) => pid)).toEqual([second.pid, first.pid]);
  });
});
