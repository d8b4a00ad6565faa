import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nameInstance } from "../../framework/supervisor/declaration.ts";
import type { Service } from "../../framework/supervisor/service.ts";
import { locateSocket, prepareStack } from "../../framework/supervisor/stack-layout.ts";
import {
  createStack,
  describeServer,
  describeWorker,
  expectEventually,
  isLiving,
  limit,
  readCommandLine,
  readOpenFiles,
  type Stack,
} from "./stack.ts";

describe("a supervised service", limit, () => {
  it("starts services after those they name and stops them before", async ({ onTestFinished }) => {
    const { supervisor, lines, file } = await createStack(onTestFinished);
    const starts = { STARTS: file("starts") };
    await supervisor.apply(await describeServer("api", { after: ["store"], environment: { ...starts, SAY: "api" } }));
    const store = await describeServer("store", { environment: { ...starts, SAY: "store" } });
    expect(await supervisor.list()).toMatchObject([{ state: "starting", reason: "waits for store (not declared)" }]);
    await supervisor.apply(store);
    await supervisor.waitReady("api");
    expect(lines("starts").map((line) => line.split(" ")[1])).toEqual(["store", "api"]);
    await supervisor.down();
    const log = readOpenFiles(join(file("stack")));
    expect(log.indexOf("api: gone")).toBeLessThan(log.indexOf("store: stopping"));
  });

  it("runs afterStart with each start, and is ready only when it has succeeded", async ({ onTestFinished }) => {
    const { supervisor, lines, file } = await createStack(onTestFinished);
    const script = `
      const fs = require("node:fs");
      fs.appendFileSync(process.env.RUNS, "run\\n");
      if (!fs.existsSync(process.env.GOAL)) { console.log("no goal yet"); process.exit(4); }`;
    await supervisor.apply(
      await describeServer("web", {
        environment: { RUNS: file("runs"), GOAL: file("goal") },
        afterStart: [process.execPath, "-e", script],
      }),
    );
    const reasons: (string | undefined)[] = [];
    await supervisor.waitReady("web", {
      onProgress({ reason }) {
        reasons.push(reason);
        if (reason?.includes("afterStart")) writeFileSync(file("goal"), "");
      },
    });
    expect(reasons).toContain('"afterStart" exited with code 4; it printed:\nno goal yet');
    expect(lines("runs").length).toBeGreaterThan(1);
  });

  it("tells why what a program needs cannot be prepared, and tries again", async ({ onTestFinished }) => {
    const { supervisor, folder } = await createStack(onTestFinished);
    const worker = describeWorker("worker");
    // Not a socket that an earlier program left, but what cannot be cleared away like one.
    const inTheWay = locateSocket(prepareStack(folder), nameInstance(worker));
    mkdirSync(inTheWay);
    onTestFinished(() => rmSync(inTheWay, { recursive: true, force: true }));
    await supervisor.apply(worker);
    const reason = async () => (await supervisor.list())[0]?.reason;
    await expectEventually(async () => (await reason())?.includes("could not be started"), true);
    rmSync(inTheWay, { recursive: true });
    expect(await supervisor.waitReady("worker")).toMatchObject({ state: "ready" });
  });

  it("restarts a service that is unhealthy", async ({ onTestFinished }) => {
    const { supervisor, file, pidOf } = await createStack(onTestFinished);
    await supervisor.apply(await describeServer("web", { environment: { SICK: file("sick") } }));
    await supervisor.waitReady("web");
    const sick = await pidOf("web");
    writeFileSync(file("sick"), "");
    await expectEventually(() => isLiving(sick), false);
    expect((await supervisor.list())[0]?.reason).toMatch(/^unhealthy: GET \/ on port \d+ answered 500$/);
    rmSync(file("sick"));
    expect(await supervisor.waitReady("web")).toMatchObject({ restarts: 1 });
  });

  it("kills the whole group of a program that does not end in time", async ({ onTestFinished }) => {
    const { supervisor, file, lines } = await createStack(onTestFinished);
    const environment = { STUBBORN: "1", CHILD: file("child") };
    await supervisor.apply(await describeServer("web", { environment, stopSeconds: 0.5 }));
    const { pid } = await supervisor.waitReady("web");
    await supervisor.remove("web");
    expect([pid, Number(lines("child")[0])].filter((one) => isLiving(one ?? 0))).toEqual([]);
    expect(await supervisor.list()).toEqual([]);
    await expect(supervisor.logs("web")).rejects.toThrow(/no service "web" is declared/);
  });

  it("gives a program its own variables, its secrets, and of its parent only the surroundings", async ({
    onTestFinished,
  }) => {
    const { supervisor } = await createStack(onTestFinished);
    const print =
      "console.log(Object.keys(process.env).sort().join(' ')); if (process.argv[1]) setInterval(() => {}, 1000)";
    const service = describeWorker("env", {
      command: [process.execPath, "-e", print, "stay"],
      preflight: [process.execPath, "-e", print],
      environment: { PLAIN: "1" },
      secrets: { HIDDEN: "secret-value" },
    });
    await supervisor.apply(service);
    await expectEventually(async () => (await supervisor.logs("env")).length, 1);
    const [started = ""] = await supervisor.logs("env");
    const { output: checked } = await supervisor.preflight(service);
    const own = (names: string) => names.split(" ").filter((name) => !surroundings.test(name));
    expect(started).toContain("PATH");
    expect(own(started)).toEqual(["HIDDEN", "PLAIN", "STEWARD_HEALTH_SOCKET"]);
    expect(own(checked)).toEqual(["HIDDEN", "PLAIN"]);
  });
});

/** Where to find programs, caches, certificates and registries. */
const surroundings = /^(PATH|HOME|LANG|TMPDIR|STEWARD_CACHE|XDG_CACHE_HOME|SSL_.+|.+_PROXY|.+_proxy|UV_.+|PIP_.+)$/;

describe("a service that cannot start", limit, () => {
  const secret = "canary-4f1d88a0c2";
  const intruder = createServer();
  let stack: Stack;
  let taken: Service;

  beforeAll(async () => {
    stack = await createStack();
    const { apply } = stack.supervisor;
    taken = await describeServer("taken");
    intruder.listen(taken.ports["http"], "127.0.0.1");
    await apply(taken);
    await apply(await describeServer("crashing", { environment: { CRASH: "7" }, secrets: { SAY: secret } }));
    await apply(await describeServer("missing", { command: ["no-such-program", "--flag"] }));
    await apply(await describeServer("waiting", { after: ["crashing"] }));
  });

  afterAll(async () => {
    await stack.end();
    intruder.close();
  });

  it.each([
    { name: "crashing", title: "its exit code and what it printed", message: /exited with code 7.*cannot go on/s },
    {
      name: "missing",
      title: "that there is no such program",
      message: /no-such-program could not be started.*ENOENT/s,
    },
    { name: "waiting", title: "that it waits for one that has failed", message: /waits for crashing \(failed\)/ },
    {
      name: "taken",
      title: "who has taken its port, where that works, and what to do",
      message: new RegExp(
        `port \\d+ \\("http"\\) is taken by .* \\(pid ${process.pid}${process.platform === "linux" ? ", in /.+" : ""}\\).*stop that program, and npx pulumi up goes on.*\\[port-taken\\]`,
        "s",
      ),
    },
  ])("tells $title", async ({ name, message }) => {
    const { waitReady } = stack.supervisor;
    const failure = await waitReady(name).catch((error: Error) => error.message);
    expect(failure).toContain(`service "${name}" ${name === "taken" ? "cannot start" : "does not become ready"}`);
    expect(failure).toMatch(message);
  });

  it("starts at once when it is declared again and the cause is gone", async () => {
    await new Promise((closed) => intruder.close(closed));
    await stack.supervisor.apply(taken);
    expect(await stack.supervisor.waitReady("taken")).toMatchObject({ state: "ready" });
  });

  it("shows no secret in statuses, logs, errors or the arguments of processes", async () => {
    const { supervisor, folder, daemonPid } = stack;
    const failure = await supervisor.waitReady("crashing").catch((error: Error) => error.message);
    const log = (await supervisor.logs("crashing")).join("\n");
    expect(failure).toContain("***");
    expect(log).toContain("***");
    const print = [process.execPath, "-p", "process.env.SAY"] as [string, ...string[]];
    const result = await supervisor.preflight(
      await describeServer("x", { preflight: print, secrets: { SAY: secret } }),
    );
    expect(result).toEqual({ code: 0, output: "***" });
    const kept = readOpenFiles(folder).replaceAll(new RegExp(`^${secret}$`, "gm"), "printed by the program itself");
    const shown = [failure, log, JSON.stringify(await supervisor.list()), kept, readCommandLine(daemonPid())];
    expect(shown.join("\n")).not.toContain(secret);
  });

  it("is declared in files that only their owner reads", () => {
    const entries = ["services", "run", "logs"].flatMap((part) => {
      const inside = readdirSync(join(stack.folder, part), { recursive: true, encoding: "utf8" });
      return [part, ...inside.filter((file) => /\.(json|log)$/.test(file)).map((file) => join(part, file))];
    });
    const open = entries.filter((entry) => (statSync(join(stack.folder, entry)).mode & 0o077) !== 0);
    expect(entries.length).toBeGreaterThan(6);
    expect(open).toEqual([]);
  });
});
