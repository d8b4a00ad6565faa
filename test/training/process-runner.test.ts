import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findPython } from "../../framework/toolchain/python.ts";
import { readReport } from "../../framework/training/job-output.ts";
import { createProcessRunner } from "../../framework/training/process-runner.ts";
import type { JobReport } from "../../framework/training/run.ts";
import type { RunnableJob, RunningJob } from "../../framework/training/runner.ts";

let python: string;
let folder: string;
let reports: JobReport[];
beforeAll(async () => {
  python = (await findPython()).path;
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
  reports = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const log = () => readFile(join(folder, "job.log"), "utf8");

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

const submit = (program: string, changes?: Partial<RunnableJob>, graceSeconds = 10): Promise<RunningJob> =>
  createProcessRunner({ graceSeconds }).submit(describeJob(program, changes), (report) => reports.push(report));

/** Resolves with the pid that the job has written to `name`. */
const readPid = (name: string) =>
  vi.waitFor(
    async () => {
      const pid = Number(await readFile(join(folder, name), "utf8"));
      if (!(pid > 0)) throw new Error("not yet");
      return pid;
    },
    { timeout: 20_000 },
  );
const expectGone = (pid: number) =>
  vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), { timeout: 10_000 });

const withGrandchild = `
import os, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"])
open("grandchild", "w").write(str(child.pid))
`;

describe("the runner of processes", () => {
  it("hands over reports, and keeps everything printed in the log", async () => {
    const running = await submit(`
import sys
print("begin")
print('steward:{"step": 1, "of": 2, "metrics": {"auc": 0.5}}')
print("steward:{broken")
print('steward:{"step": "two"}')
print("aside", file=sys.stderr)
print('steward:{"step": 2}')
print("no end of line", end="")`);
    expect(await running.ended).toMatchObject({ outcome: "succeeded", how: "exit code 0" });
    expect(reports).toEqual([
      { step: 1, of: 2, metrics: { auc: 0.5 } },
      { step: 2, metrics: {} },
    ]);
    expect((await log()).split("\n").sort()).toEqual(
      [
        "",
        "aside",
        "begin",
        "no end of line",
        'steward:{"step": "two"}',
        'steward:{"step": 1, "of": 2, "metrics": {"auc": 0.5}}',
        'steward:{"step": 2}',
        "steward:{broken",
      ].sort(),
    );
    expect(running.logs()).toEqual(expect.arrayContaining(["begin", "aside", "no end of line"]));
    expect(running.logs()).not.toContain('steward:{"step": 2}');
  });

  it.each([
    ["an exit code", "raise SystemExit(3)", "exit code 3"],
    ["a signal", "import os; os.kill(os.getpid(), 11)", "signal SIGSEGV"],
  ])("says that it failed with %s", async (_, program, how) => {
    expect(await (await submit(program)).ended).toMatchObject({ outcome: "failed", how });
  });

  it("says so when the program is not there", async () => {
    const running = await submit("", { command: ["/nowhere/python"] });
    expect(await running.ended).toMatchObject({ outcome: "failed", how: "exit code 127" });
    expect(running.logs().join()).toContain("/nowhere/python");
  });

  it("fails a job whose log cannot be written, and nothing else", async () => {
    const running = await submit("print('hello')", { log: join(folder, "nowhere", "job.log") });
    await expect(running.ended).rejects.toThrow("ENOENT");
  });

  it("shows a job the GPUs that are lent to it", async () => {
    vi.stubEnv("CUDA_VISIBLE_DEVICES", "7");
    try {
      const running = await submit('import os; print(os.environ["CUDA_VISIBLE_DEVICES"])', {
        resources: { cpu: 1, memoryBytes: 2 ** 30, gpus: ["GPU-a", "GPU-b"] },
      });
      await running.ended;
      expect(running.logs()).toEqual(["GPU-a,GPU-b"]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("passes on nothing of its own environment, and says how many threads to use", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "canary");
    try {
      const running = await submit(
        'import json, os; open("environment.json", "w").write(json.dumps(dict(os.environ)))',
        {
          environment: { STEWARD_JOB: "job.json" },
        },
      );
      await running.ended;
    } finally {
      vi.unstubAllEnvs();
    }
    const environment: Record<string, string> = JSON.parse(await readFile(join(folder, "environment.json"), "utf8"));
    expect(JSON.stringify(environment)).not.toContain("canary");
    expect(environment).toMatchObject({
      HOME: folder,
      TMPDIR: join(folder, "tmp"),
      CUDA_VISIBLE_DEVICES: "",
      OMP_NUM_THREADS: "2",
      OMP_WAIT_POLICY: "PASSIVE",
      ORT_DISABLE_TELEMETRY: "1",
      STEWARD_JOB: "job.json",
    });
    // PWD, SHLVL, _ and LC_CTYPE are what the shell and Python set for themselves.
    expect(
      Object.keys(environment)
        .filter((name) => !["PWD", "SHLVL", "_", "LC_CTYPE", "OLDPWD"].includes(name))
        .sort(),
    ).toEqual([
      "CUDA_VISIBLE_DEVICES",
      "HOME",
      "LANG",
      "LOKY_MAX_CPU_COUNT",
      "MKL_NUM_THREADS",
      "NUMEXPR_NUM_THREADS",
      "OMP_NUM_THREADS",
      "OMP_WAIT_POLICY",
      "OPENBLAS_NUM_THREADS",
      "ORT_DISABLE_TELEMETRY",
      "PATH",
      "STEWARD_JOB",
      "TMPDIR",
    ]);
  });

  it("lets a cancelled job put its things in order", async () => {
    const running = await submit(`
import signal, time
def stop(*_):
    open("checkpoint", "w").write("kept")
    raise SystemExit(0)
signal.signal(signal.SIGTERM, stop)
open("pid", "w").write("1")
time.sleep(300)`);
    await readPid("pid");
    expect(await running.cancel()).toMatchObject({ outcome: "cancelled" });
    expect(await readFile(join(folder, "checkpoint"), "utf8")).toBe("kept");
  });

  it("ends a cancelled job that will not end, and what it has started", async () => {
    const running = await submit(
      `${withGrandchild}\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(300)`,
      {},
      0.2,
    );
    const grandchild = await readPid("grandchild");
    expect(await running.cancel()).toMatchObject({ outcome: "cancelled", how: "signal SIGKILL" });
    await expectGone(grandchild);
  });

  it("ends what a job has left running", async () => {
    const running = await submit(withGrandchild);
    expect(await running.ended).toMatchObject({ outcome: "succeeded" });
    await expectGone(await readPid("grandchild"));
  });

  it("ends a job that uses more memory than it may, counting all its processes", async () => {
    const running = await submit(
      `
import subprocess, sys, time
hog = "import time; held = b'x' * (90 * 2**20); time.sleep(300)"
for _ in range(2): subprocess.Popen([sys.executable, "-c", hog])
time.sleep(300)`,
      { resources: { cpu: 1, memoryBytes: 150 * 2 ** 20 } },
    );
    const end = await running.ended;
    expect(end.outcome).toBe("out-of-memory");
    expect(end.peakBytes).toBeGreaterThan(150 * 2 ** 20);
  });

  it.runIf(process.platform === "linux")("counts memory that processes share once", async () => {
    const running = await submit(
      `
import os, time
held = b"x" * (100 * 2**20)
for _ in range(3):
    if os.fork() == 0:
        time.sleep(1.5)
        os._exit(0)
time.sleep(1.5)`,
      { resources: { cpu: 1, memoryBytes: 200 * 2 ** 20 } },
    );
    expect(await running.ended).toMatchObject({ outcome: "succeeded" });
  });

  it("leaves no job behind when its own process is killed", async () => {
    const module = JSON.stringify(join(import.meta.dirname, "../../framework/training/process-runner.ts"));
    const job = JSON.stringify(
      describeJob('import os, time; open("pid", "w").write(str(os.getpid())); time.sleep(300)'),
    );
    await writeFile(
      join(folder, "worker.ts"),
      `import { createProcessRunner } from ${module}; await (await createProcessRunner().submit(${job}, () => {})).ended;`,
    );
    const worker = spawn(process.execPath, [join(folder, "worker.ts")], { stdio: "ignore" });
    const ended = once(worker, "exit");
    const pid = await readPid("pid");
    worker.kill("SIGKILL");
    await ended;
    await expectGone(pid);
  });
});

describe("readReport", () => {
  it.each<[string, string, JobReport | undefined]>([
    ["a report", 'steward:{"step":3,"metrics":{"rmse":1.5}}', { step: 3, metrics: { rmse: 1.5 } }],
    ["a line like any other", "step 3", undefined],
    ["a report within a line", 'x steward:{"step":3}', undefined],
    ["what is no JSON", "steward:{step}", undefined],
    ["a metric that JSON cannot carry", 'steward:{"step":3,"metrics":{"auc":NaN}}', undefined],
    ["a metric of another type", 'steward:{"step":3,"metrics":{"auc":"high"}}', undefined],
    ["half a step", 'steward:{"step":0.5}', undefined],
  ])("reads %s", (_, line, expected) => {
    expect(readReport(line)).toEqual(expected);
  });
});
