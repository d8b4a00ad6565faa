import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findPython } from "../../framework/toolchain/python.ts";
import { locateReports, readKeptReports } from "../../framework/training/kept-reports.ts";

const run = promisify(execFile);
const helper = join(import.meta.dirname, "../../framework/training/python");

let python: string;
let folder: string;
beforeAll(async () => {
  python = (await findPython()).path;
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
  await mkdir(join(folder, "checkpoints"));
  await describeJob("run-a");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const describeJob = (identity: string, changes: object = {}) =>
  writeFile(
    join(folder, "job.json"),
    JSON.stringify({
      run: identity,
      inputs: { train: "/data/train.parquet", validation: "/data/validation.parquet" },
      label: "label",
      task: "binary",
      features: [],
      categories: {},
      params: {},
      seed: 0,
      model: join(folder, "model.onnx"),
      checkpoints: join(folder, "checkpoints"),
      ...changes,
    }),
  );

const environment = () => ({ STEWARD_JOB: join(folder, "job.json"), PYTHONPATH: helper, PYTHONDONTWRITEBYTECODE: "1" });

/** What a program prints; `job` is there. */
async function runJob(program: string): Promise<string> {
  const args = ["-S", "-u", "-c", `import steward\njob = steward.job()\n${program}`];
  const { stdout } = await run(python, args, { cwd: folder, env: environment() });
  return stdout.trim();
}

const listCheckpoints = async () => (await readdir(join(folder, "checkpoints"))).sort();

describe("a checkpoint of a Python trainer", () => {
  it.each([
    ["bytes", 'b"\\x00\\xff"', 'b"\\x00\\xff"'],
    [
      "a dict",
      '{"round": 3, "rates": (0.1, None), "more": {"ö": True}}',
      '{"round": 3, "rates": [0.1, None], "more": {"ö": True}}',
    ],
  ])("comes back as it was given: %s", async (_, given, expected) => {
    await runJob(`job.checkpoint(${given})`);
    expect(await runJob(`print(job.resume() == ${expected})`)).toMatch(/True$/);
  });

  it("has a copy of a file or folder, under its own name", async () => {
    await runJob(`
from pathlib import Path
Path("weights.bin").write_bytes(b"one")
job.checkpoint("weights.bin")
Path("weights.bin").write_bytes(b"two")`);
    expect(await runJob("path = job.resume(); print(path.name, path.read_bytes())")).toMatch(/weights.bin b'one'$/);
    await runJob(`
from pathlib import Path
Path("state/deep").mkdir(parents=True)
Path("state/deep/round").write_text("7")
job.checkpoint(Path("state"))`);
    expect(await runJob('print((job.resume() / "deep" / "round").read_text())')).toMatch(/7$/);
  });

  it("says which step it was kept at, and which it goes on from", async () => {
    const kept = await runJob('job.report(120, of=200, auc=0.7); job.checkpoint(b"x")');
    expect(kept.split("\n")).toEqual([
      'steward:{"step": 120, "of": 200, "metrics": {"auc": 0.7}}',
      'steward:{"step": 120, "checkpoint": 1}',
    ]);
    expect(await runJob("job.resume()")).toBe('steward:{"step": 120, "resumed": 1}');
  });

  it("is none where there is nothing to go on from, or where it is another run's", async () => {
    expect(await runJob("print(job.resume())")).toBe("None");
    await runJob('job.checkpoint(b"x")');
    await describeJob("run-b");
    expect(await runJob("print(job.resume())")).toBe("None");
  });

  it("is passed over for the one before when it was damaged or never finished", async () => {
    await runJob('job.checkpoint(b"first"); job.checkpoint(b"second")');
    await appendFile(join(folder, "checkpoints", "checkpoint-000002", "state"), "!");
    await mkdir(join(folder, "checkpoints", ".partial-killed"));
    expect(await runJob("print(job.resume())")).toMatch(/b'first'$/);
    expect(await listCheckpoints()).toEqual(["checkpoint-000001", "checkpoint-000002"]);
  });

  it("makes room: the last two are kept, and the one that a job went on from", async () => {
    await runJob('job.checkpoint(b"1")');
    await runJob("job.resume()\nfor n in range(2, 6): job.checkpoint(str(n).encode())");
    expect(await listCheckpoints()).toEqual(["checkpoint-000001", "checkpoint-000004", "checkpoint-000005"]);
    await runJob('job.checkpoint(b"6")');
    expect(await listCheckpoints()).toEqual(["checkpoint-000005", "checkpoint-000006"]);
  });

  it.each([
    ["a key that is no string", "{1: 2}", "a key of state is a int: write it as a string"],
    ["what JSON cannot say", '{"model": {"w": object()}}', "state['model']['w'] is a object, which JSON cannot say"],
    ["an object", "object()", "it takes bytes, the path of a file or folder, or a dict"],
  ])("refuses %s, and leaves nothing", async (_, state, said) => {
    await expect(runJob(`job.checkpoint(${state})`)).rejects.toThrow(said);
    expect(await listCheckpoints()).toEqual([]);
  });
});

describe("a report of a Python trainer", () => {
  const identity = "a".repeat(64);
  beforeEach(() => mkdir(join(folder, "reports")));
  const keep = (file = locateReports(folder, identity)) =>
    describeJob(identity, { reports: { file, attempt: "first" } });

  it("is kept before anybody can read it", async () => {
    await keep();
    const program = `
import os, sys
class Gone:
    def write(self, line): os.kill(os.getpid(), 9)
sys.stdout = Gone()
job.report(3, auc=0.7)`;
    await expect(runJob(program)).rejects.toMatchObject({ signal: "SIGKILL" });
    expect(await readKeptReports(folder, identity)).toEqual([[{ step: 3, metrics: { auc: 0.7 } }]]);
  });

  it("says so, and not of what has no metrics or could not be kept", async () => {
    await keep();
    const said = await runJob(
      'job.report(1, auc=0.5); job.report(2); job.report(3, auc=float("nan")); job.checkpoint({})',
    );
    expect(said.split("\n")).toEqual([
      'steward:{"step": 1, "metrics": {"auc": 0.5}, "kept": true}',
      'steward:{"step": 2, "metrics": {}}',
      'steward:{"step": 3, "metrics": {}}',
      'steward:{"step": 3, "checkpoint": 1}',
    ]);
    expect(await readKeptReports(folder, identity)).toEqual([[{ step: 1, metrics: { auc: 0.5 } }]]);
    await keep("/dev/full");
    expect(await runJob("job.report(1, auc=0.5)")).toBe('steward:{"step": 1, "metrics": {"auc": 0.5}}');
  });
});

describe("a Python trainer that gets SIGTERM", () => {
  /** Starts a program, sends SIGTERM once it has printed a line, and says how it ended. */
  async function terminate(program: string): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    const args = ["-S", "-u", "-c", `import steward, time\njob = steward.job()\n${program}`];
    const child = spawn(python, args, { cwd: folder, env: environment(), stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    const [code, signal] = await ended;
    return { code, signal };
  }

  it("ends at its next checkpoint, with what it had done", async () => {
    const program = `
done = 0
while True:
    done += 1
    time.sleep(0.01)
    job.checkpoint({"done": done})`;
    expect(await terminate(program)).toEqual({ code: 143, signal: null });
    expect(Number(await runJob('print(job.resume()["done"])').then((said) => said.split("\n").at(-1)))).toBeGreaterThan(
      0,
    );
  });

  it("is told by stopping, and may end in its own way", async () => {
    const program = `
job.stopping
print("ready")
while not job.stopping: time.sleep(0.01)
raise SystemExit(0)`;
    expect(await terminate(program)).toEqual({ code: 0, signal: null });
  });

  it("is ended at once when it keeps no checkpoints", async () => {
    expect(await terminate('print("ready")\ntime.sleep(300)')).toEqual({ code: null, signal: "SIGTERM" });
  });
});

describe("the Python package of trainers", () => {
  it("needs nothing but the standard library until it is asked for rows or a conversion", async () => {
    const said = await runJob(`
import sys
job.report(1); job.checkpoint({}); job.resume(); job.stopping
print(job.train("path"), sorted({"numpy", "pandas", "polars", "pyarrow", "onnx", "sklearn"} & set(sys.modules)))`);
    expect(said).toMatch(/\/data\/train.parquet \[\]$/);
  });

  it("names the forms that rows come in", async () => {
    await expect(runJob('job.train("csv")')).rejects.toThrow(
      "rows come as pandas, polars, arrow or path, not as 'csv'",
    );
  });
});
