/**
 * Trainings on a real Ray, which is a large wheel: `npm run e2e -- ray`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findLeftAttempts } from "../../../framework/training/attempt-log.ts";
import { createRayRunner } from "../../../framework/training/ray/ray-runner.ts";
import type { JobReport } from "../../../framework/training/run.ts";
import { type TrainOptions, train } from "../../../framework/training/train.ts";
import { failure } from "../../support/failure.ts";
import { useRay } from "../../support/ray.ts";
import { type DescribedTraining, describeTraining } from "../described-training.ts";
import { createWheelhouse, type Wheelhouse } from "../wheelhouse.ts";

const given = useRay(join(import.meta.dirname, "ray.lock"), 2);

let root: string;
let wheelhouse: Wheelhouse;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-test-"));
  wheelhouse = await createWheelhouse(root);
  for (const [name, value] of Object.entries(wheelhouse.variables)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
});

const describeCase = (body: string, changes: Partial<DescribedTraining> = {}): DescribedTraining => ({
  folder,
  body,
  wheelhouse,
  cacheFolder: join(root, "cache"),
  ...changes,
});

interface Begun {
  readonly training: ReturnType<typeof train>;
  readonly reports: readonly JobReport[];
  readonly said: readonly string[];
  /** Resolves when the job has reported this step. */
  reported(step: number): Promise<void>;
}

/** Begins a training on Ray. */
function begin(options: TrainOptions, patienceSeconds = 60): Begun {
  const { address = "" } = given;
  const reports: JobReport[] = [];
  const said: string[] = [];
  const training = train({
    ...options,
    runner: createRayRunner({ address, patienceSeconds, pollMilliseconds: 200 }),
    onReport: (report) => reports.push(report),
    onProgress: (line) => said.push(line),
  });
  training.catch(() => undefined);
  const reported = (step: number) =>
    vi.waitFor(() => expect(reports.map((report) => report.step)).toContain(step), { timeout: 60_000, interval: 100 });
  return { training, reports, said, reported };
}

/** A trainer that reports a step, then waits for a file beside the case's folders, and notes each of its starts there. */
const waiting = (outside: string) => `
outside = Path(${JSON.stringify(outside)})
with open(outside / "starts", "a") as starts: starts.write(f"{os.getpid()}\\n")
job.report(1, of=2, auc=0.6)
while not (outside / "go").exists(): time.sleep(0.1)
job.report(2, of=2, auc=0.7)`;

const listJobs = () => readdir(join(folder, "work", "jobs"));
const countStarts = async () => (await readFile(join(folder, "starts"), "utf8")).trim().split("\n").length;

interface ListedJob {
  readonly submission_id: string;
  readonly status: string;
}

/** The jobs of a training, as Ray lists them. */
async function listSubmissions({ job }: TrainOptions): Promise<readonly ListedJob[]> {
  const all = (await (await fetch(`${given.address}/api/jobs/`)).json()) as readonly ListedJob[];
  return all.filter(({ submission_id: id }) => id?.includes(job.identity.slice(0, 12)));
}

describe("on a real Ray", { timeout: 240_000 }, () => {
  beforeEach(({ skip }) => {
    if (given.address === undefined) skip(given.missing);
  });

  it("a job trains a model, shows how far it is, and is told its cores and nothing of the worker's secrets", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "canary");
    const options = await describeTraining(
      describeCase(`
print("cores", job.cpu, os.environ.get("AWS_SECRET_ACCESS_KEY"), os.environ["CUDA_VISIBLE_DEVICES"] == "", flush=True)
print("token", os.environ["MLFLOW_TRACKING_TOKEN"] == "it's secret", os.environ["RAY_JOB_CONFIG_JSON_ENV_VAR"])
job.report(1, of=2, auc=0.6)
job.report(2, of=2, auc=0.7)`),
    );
    const { training, reports } = begin({ ...options, environment: { MLFLOW_TRACKING_TOKEN: "it's secret" } });
    const { run } = await training;
    expect(reports.map(({ step }) => step)).toEqual([1, 2]);
    expect(run).toMatchObject({ metrics: { auc: 0.7 }, attempts: [{ how: "succeeded" }] });
    expect(run.seconds).toBeLessThan(20);
    const log = await readFile(join(folder, "work", "logs", `${options.job.identity}.log`), "utf8");
    expect(log).toContain("cores 1 None True");
    expect(log).toContain("token True");
    expect(await listJobs()).toEqual([]);
    const [job, ...others] = await listSubmissions(options);
    expect(others).toEqual([]);
    expect(job).toMatchObject({ status: "SUCCEEDED" });
    // Whoever reaches Ray reads all that it shows of a job.
    expect(JSON.stringify(job)).not.toContain("secret");
    expect(log).not.toContain("it's secret");
  });

  it("a job that fails says how, with its last lines", async () => {
    const options = await describeTraining(describeCase('print("no luck", flush=True)\nraise SystemExit(3)'));
    const { problems } = await failure(begin(options).training);
    expect(problems).toMatchObject([{ code: "training-failed", what: expect.stringContaining("exit code 3") }]);
    expect(problems[0]?.what).toContain("no luck");
    expect(await listJobs()).toEqual([]);
  });

  it("a job that uses more memory than it may is ended, counting all its processes", async () => {
    const hog = "import time; held = b'x' * (150 * 2**20); time.sleep(300)";
    const body = `
import subprocess, sys
for _ in range(2): subprocess.Popen([sys.executable, "-c", ${JSON.stringify(hog)}])
time.sleep(300)`;
    const options = await describeTraining(describeCase(body, { memory: "200 MiB" }));
    const { problems } = await failure(begin(options).training);
    expect(problems).toMatchObject([{ code: "training-out-of-memory", at: "late-training.resources.memory" }]);
    expect(Number(/using (\d+) MiB/.exec(problems[0]?.what ?? "")?.[1])).toBeGreaterThan(200);
  });

  it("a cancelled job keeps its work and ends with all it has started", async () => {
    const stubborn = `
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    open("alive", "a").write("x")
    time.sleep(0.1)`;
    const body = `
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", ${JSON.stringify(stubborn)}])
def stop(*_):
    (job.checkpoint_dir / "kept").write_text("work")
    raise SystemExit(143)
signal.signal(signal.SIGTERM, stop)
while not Path("alive").exists(): time.sleep(0.1)
os.link("alive", ${JSON.stringify(join(folder, "alive"))})
job.report(1)
time.sleep(300)`;
    const options = await describeTraining(describeCase(body));
    const stopping = new AbortController();
    const { training, reported } = begin({ ...options, signal: stopping.signal });
    await reported(1);
    stopping.abort(new Error("told to stop"));
    await expect(training).rejects.toThrow("told to stop");
    const kept = join(folder, "work", "checkpoints", options.job.identity, "kept");
    expect(await readFile(kept, "utf8")).toBe("work");
    expect(await listSubmissions(options)).toMatchObject([{ status: "STOPPED" }]);
    expect(await listJobs()).toEqual([]);
    const signs = await readFile(join(folder, "alive"), "utf8");
    await sleep(1_000);
    expect(await readFile(join(folder, "alive"), "utf8")).toBe(signs);
  });

  it("a job whose worker is killed goes on, and the next worker watches it on", async () => {
    const described = describeCase(waiting(folder));
    const options = await describeTraining(described);
    const worker = startWorker(described);
    const ended = once(worker, "exit");
    await waitForLine(worker, "step 1");
    worker.kill("SIGKILL");
    await ended;

    const { training, reports, said, reported } = begin(options);
    // What it reported before is told again: the next worker knows nothing of it.
    await reported(1);
    expect(said).toContain("watches the job on that is in the cluster");
    await writeFile(join(folder, "go"), "");
    const { run } = await training;
    expect(reports.map(({ step }) => step)).toEqual([1, 2]);
    expect(run).toMatchObject({ metrics: { auc: 0.7 }, attempts: [{ how: "succeeded" }] });
    expect(await countStarts()).toBe(1);
    expect(await listSubmissions(options)).toMatchObject([{ status: "SUCCEEDED" }]);
    expect(await listJobs()).toEqual([]);
  });

  it("a Ray that does not answer fails no training: it is asked again, then it is said, and the job is found again", async () => {
    const options = await describeTraining(describeCase(waiting(folder)));
    const first = begin(options, 2);
    await first.reported(1);
    given.setSilent(true);
    const { problems } = await failure(first.training);
    expect(problems).toMatchObject([{ code: "runner-unreachable", at: "steward:runner" }]);
    expect(first.said.join("\n")).toContain("does not answer");
    expect(findLeftAttempts(options.workFolder, options.job.identity)).toMatchObject({ count: 1, job: {} });

    const second = begin(options);
    await vi.waitFor(() => expect(second.said.join("\n")).toContain("does not answer"), { timeout: 20_000 });
    given.setSilent(false);
    await second.reported(1);
    await writeFile(join(folder, "go"), "");
    expect((await second.training).run).toMatchObject({ attempts: [{ how: "succeeded" }] });
    expect(await countStarts()).toBe(1);
  });

  it("a job whose node loses it is preempted, and goes on as another one", async () => {
    // As Ray ends a process of its own that stands in the way of a node, and the node ends what that has started.
    const body = `
kept = job.resume()
if not kept:
    job.checkpoint({"step": 3})
    import signal
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(300)`;
    const options = await describeTraining(describeCase(body));
    const { problems } = await failure(begin(options).training);
    expect(problems).toMatchObject([{ code: "training-preempted" }]);
    const { run } = await begin(options).training;
    expect(run.attempts).toMatchObject([{ how: "preempted" }, { how: "succeeded", resumedFrom: { checkpoint: 1 } }]);
    expect((await listSubmissions(options)).map(({ status }) => status).sort()).toEqual(["FAILED", "SUCCEEDED"]);
  });

  it("a job for which there is no room waits, and is cancelled while it waits", async () => {
    const options = await describeTraining(describeCase("pass"));
    const job = { ...options.job, resources: { ...options.job.resources, gpu: { count: 1, type: "h100" } } };
    const stopping = new AbortController();
    const { training, said } = begin({ ...options, job, signal: stopping.signal });
    await vi.waitFor(() => expect(said).toContain("waits until Ray has room for it"), { timeout: 30_000 });
    stopping.abort(new Error("told to stop"));
    await expect(training).rejects.toThrow("told to stop");
    expect(await listJobs()).toEqual([]);
  });
});

function startWorker(described: DescribedTraining): ChildProcess {
  const told = JSON.stringify({ address: given.address, ...described });
  return spawn(process.execPath, [join(import.meta.dirname, "../../support/ray-worker.ts"), told], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function waitForLine({ stdout }: ChildProcess, line: string): Promise<void> {
  if (!stdout) throw new Error("nothing is read of the worker");
  for await (const each of createInterface(stdout)) if (each === line) return;
  throw new Error(`the worker ended without "${line}"`);
}
