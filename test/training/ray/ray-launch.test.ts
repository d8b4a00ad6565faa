import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findPython } from "../../../framework/toolchain/python.ts";
import { composeEntrypoint, composeLaunch, locateLaunch } from "../../../framework/training/ray/ray-launch.ts";
import type { RunnableJob } from "../../../framework/training/runner.ts";

let python: string;
let root: string;
let folder: string;
beforeAll(async () => {
  python = (await findPython()).path;
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-test-"));
  folder = join(root, "it's a folder");
  await mkdir(locateLaunch(folder).folder, { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

function describeJob(program: string, changes: Partial<RunnableJob> = {}): RunnableJob {
  return {
    command: [python, "-u", "-c", program],
    folder,
    environment: {},
    resources: { cpu: 2, memoryBytes: 2 ** 30 },
    log: join(folder, "job.log"),
    ...changes,
  };
}

/** Starts a program as a node of Ray does: a shell in a session of its own. */
async function launch(program: string, changes?: Partial<RunnableJob>): Promise<ChildProcess> {
  await writeFile(locateLaunch(folder).script, composeLaunch(describeJob(program, changes)));
  const env = { PATH: process.env["PATH"] ?? "", CUDA_VISIBLE_DEVICES: "3" };
  return spawn("/bin/sh", ["-c", composeEntrypoint(folder)], { detached: true, env, stdio: "ignore" });
}

const leaveGrandchild = `
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"])
open("grandchild", "w").write(str(child.pid))`;

const readFrom = (name: string) => readFile(join(folder, name), "utf8");
const readPid = (name: string) =>
  vi.waitFor(
    async () => {
      const pid = Number(await readFrom(name));
      if (!(pid > 0)) throw new Error("not yet");
      return pid;
    },
    { timeout: 20_000 },
  );
const expectGone = (pid: number) =>
  vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), { timeout: 10_000 });

describe.runIf(process.platform === "linux")("the script that starts a job on a node", () => {
  it("starts it in its folder, with its variables, as the leader of its group", async () => {
    const odd = 'it\'s "two"\n$HOME `lines` \\';
    const child = await launch(
      `import json, os; open("seen.json", "w").write(json.dumps({**os.environ, "group": os.getpgid(0), "pid": os.getpid()}))`,
      { environment: { ODD: odd } },
    );
    expect(await once(child, "exit")).toEqual([0, null]);
    const seen: unknown = JSON.parse(await readFrom("seen.json"));
    const tmp = join(folder, "tmp");
    expect(seen).toMatchObject({ ODD: odd, HOME: folder, TMPDIR: tmp, OMP_NUM_THREADS: "2", CUDA_VISIBLE_DEVICES: "" });
    expect(seen).toMatchObject({ group: child.pid, pid: child.pid });
    expect(existsSync(locateLaunch(folder).began)).toBe(true);
    expect(existsSync(locateLaunch(folder).exceeded)).toBe(false);
  });

  it("leaves the GPUs to the node where the job asked for some", async () => {
    const resources = { cpu: 1, memoryBytes: 2 ** 30, gpuWish: { count: 1 } };
    const child = await launch('import os; open("seen", "w").write(os.environ["CUDA_VISIBLE_DEVICES"])', { resources });
    await once(child, "exit");
    expect(await readFrom("seen")).toBe("3");
  });

  it("passes on how it ended", async () => {
    expect(await once(await launch("raise SystemExit(3)"), "exit")).toEqual([3, null]);
  });

  it("ends a job that uses more memory than it may, counting all its processes, and says so", async () => {
    const child = await launch(
      `
import subprocess, sys, time
hog = "import time; held = b'x' * (90 * 2**20); time.sleep(300)"
for _ in range(2): subprocess.Popen([sys.executable, "-c", hog])
time.sleep(300)`,
      { resources: { cpu: 1, memoryBytes: 150 * 2 ** 20 } },
    );
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    const { exceeded, peak } = locateLaunch(folder);
    expect(existsSync(exceeded)).toBe(true);
    expect(Number(await readFile(peak, "utf8"))).toBeGreaterThan(150 * 2 ** 10);
  });

  it("ends what a job has left running", async () => {
    const child = await launch(leaveGrandchild);
    expect(await once(child, "exit")).toEqual([0, null]);
    await expectGone(await readPid("grandchild"));
  });

  it("ends what a job has left running also where nobody takes note of the job's end", async () => {
    const careless = `
import subprocess, sys, time
subprocess.Popen(["/bin/sh", "-c", sys.argv[1]], start_new_session=True)
time.sleep(300)`;
    await writeFile(locateLaunch(folder).script, composeLaunch(describeJob(leaveGrandchild)));
    const parent = spawn(python, ["-c", careless, composeEntrypoint(folder)], { stdio: "ignore" });
    try {
      await expectGone(await readPid("grandchild"));
    } finally {
      parent.kill("SIGKILL");
    }
  });
});
