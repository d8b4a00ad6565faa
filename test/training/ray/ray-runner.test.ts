import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { locateLaunch } from "../../../framework/training/ray/ray-launch.ts";
import { createRayRunner, type RayRunnerOptions } from "../../../framework/training/ray/ray-runner.ts";
import type { JobReport } from "../../../framework/training/run.ts";
import type { RunnableJob } from "../../../framework/training/runner.ts";
import { failure } from "../../support/failure.ts";
import { type FakeJob, type FakeRay, startFakeRay } from "./fake-ray.ts";

let folder: string;
let reports: JobReport[];
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
  reports = [];
  said = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A log is read seldom where reading it is slow: after twenty times as long, 30 seconds at most. */
const patient = { timeout: 60_000, interval: 10 };
const log = () => readFile(join(folder, "job.log"), "utf8");

function submit(
  { address }: Pick<FakeRay, "address">,
  changes: Partial<RunnableJob> = {},
  options: Partial<RayRunnerOptions> = {},
) {
  const job: RunnableJob = {
    id: "late-1",
    command: ["/usr/bin/python", "train.py"],
    folder,
    environment: { MLFLOW_TRACKING_TOKEN: "canary" },
    resources: { cpu: 2, memoryBytes: 2 ** 30 },
    log: join(folder, "job.log"),
    ...changes,
  };
  const runner = createRayRunner({ address, pollMilliseconds: 10, ...options });
  return runner.submit(
    job,
    (report) => reports.push(report),
    (line) => said.push(line),
  );
}

/** The job once it has been submitted. */
const findJob = (ray: FakeRay, id = "late-1"): Promise<FakeJob> =>
  vi.waitFor(
    () => {
      const job = ray.jobs.get(id);
      if (!job) throw new Error("not yet");
      return job;
    },
    { timeout: 10_000, interval: 5 },
  );

describe("the runner of Ray", () => {
  it("asks for what the job needs, and shows Ray nothing of its variables", async () => {
    const ray = await startFakeRay({ status: "SUCCEEDED" });
    const gpuWish = { count: 2, type: "NVIDIA A100 40G" };
    await (await submit(ray, { resources: { cpu: 1.5, memoryBytes: 2 ** 31, gpuWish } })).ended;
    const { submitted } = await findJob(ray);
    expect(submitted).toEqual({
      submission_id: "late-1",
      entrypoint: `exec /bin/sh '${locateLaunch(folder).script}'`,
      entrypoint_num_cpus: 1.5,
      entrypoint_num_gpus: 2,
      entrypoint_memory: 2 ** 31,
      entrypoint_resources: { "accelerator_type:A100-40G": 0.001 },
      runtime_env: { env_vars: { RAY_JOB_STOP_WAIT_TIME_S: "10" } },
    });
    const script = locateLaunch(folder).script;
    expect(await readFile(script, "utf8")).toContain("export MLFLOW_TRACKING_TOKEN='canary'");
    expect((await stat(script)).mode & 0o777).toBe(0o600);
  });

  it("hands over each line once, when it is whole, and the rest when the job has ended", async () => {
    const ray = await startFakeRay();
    const running = await submit(ray);
    const job = await findJob(ray);
    job.logs = 'begin\nsteward:{"step":1}\nsteward:{"st';
    await vi.waitFor(() => expect(reports).toEqual([{ step: 1, metrics: {} }]), patient);
    job.logs += 'ep":2}\n50 %\r100 %\nno end';
    await vi.waitFor(() => expect(reports).toHaveLength(2), patient);
    job.logs += " of line";
    job.state = { status: "SUCCEEDED" };
    expect(await running.ended).toMatchObject({ outcome: "succeeded" });
    expect(await log()).toBe('begin\nsteward:{"step":1}\nsteward:{"step":2}\n50 %\n100 %\nno end of line\n');
    expect(running.logs()).toEqual(["begin", "50 %", "100 %", "no end of line"]);
  });

  it("watches a job on that is there already, from its first line", async () => {
    const ray = await startFakeRay();
    ray.jobs.set("late-1", { submitted: {}, state: { status: "RUNNING" }, logs: 'steward:{"step":1}\n' });
    const running = await submit(ray);
    await vi.waitFor(() => expect(reports).toHaveLength(1), patient);
    (await findJob(ray)).state = { status: "SUCCEEDED" };
    expect(await running.ended).toMatchObject({ outcome: "succeeded" });
    expect(ray.asked.filter((line) => line === "POST /api/jobs/")).toEqual([]);
    await expect(stat(locateLaunch(folder).script)).rejects.toThrow("ENOENT");
  });

  it("starts one job where the answer to its submission is lost", async () => {
    const ray = await startFakeRay({ status: "SUCCEEDED" });
    ray.answers.push(undefined, "hang up");
    expect(await (await submit(ray)).ended).toMatchObject({ outcome: "succeeded" });
    expect([...ray.jobs.keys()]).toEqual(["late-1"]);
    expect(ray.asked.filter((line) => line === "POST /api/jobs/")).toHaveLength(2);
  });

  it("asks again when Ray does not answer, and says so", async () => {
    const ray = await startFakeRay();
    const running = await submit(ray);
    const job = await findJob(ray);
    ray.answers.push("hang up", { status: 503, text: "starting" });
    await vi.waitFor(() => expect(said.join("\n")).toContain("does not answer: HTTP 503: starting"), {
      timeout: 5_000,
    });
    job.state = { status: "SUCCEEDED" };
    expect(await running.ended).toMatchObject({ outcome: "succeeded" });
  });

  it("gives up on a Ray that does not answer for long, and leaves the job", async () => {
    const { problems } = await failure(
      (await submit({ address: "http://127.0.0.1:1" }, {}, { patienceSeconds: 0 })).ended,
    );
    expect(problems).toMatchObject([
      { code: "runner-unreachable", at: "steward:runner", got: expect.stringContaining("ECONNREFUSED") },
    ]);
  });

  it.each([
    ["its own refusal", { status: 401, text: "Unauthorized" }, "HTTP 401: Unauthorized"],
    [
      "what its agent refused",
      {
        status: 500,
        text: "RuntimeError: Request failed with status code 400: Traceback\nValueError: no such resource\n.\n",
      },
      "HTTP 500: ValueError: no such resource",
    ],
  ])("tells %s at once, without what it was shown", async (_, answer, got) => {
    const ray = await startFakeRay();
    ray.answers.push(undefined, answer);
    const { problems } = await failure((await submit(ray, {}, { authorization: "Bearer canary" })).ended);
    expect(problems).toMatchObject([{ code: "runner-refused", at: "steward:runner", got }]);
    expect(JSON.stringify(problems)).not.toContain("canary");
    expect(ray.asked).toHaveLength(2);
  });

  it("submits a job again for which Ray had no room for too long", async () => {
    const ray = await startFakeRay({ status: "PENDING" });
    const running = await submit(ray);
    await vi.waitFor(() => expect(said).toEqual(["waits until Ray has room for it"]), patient);
    (await findJob(ray)).state = { status: "FAILED", error_type: "JOB_SUPERVISOR_ACTOR_START_TIMEOUT" };
    (await findJob(ray, "late-1-again-1")).state = { status: "SUCCEEDED" };
    expect(await running.ended).toMatchObject({ outcome: "succeeded" });
    expect([...ray.jobs.keys()]).toEqual(["late-1", "late-1-again-1"]);
  });

  it("calls a job lost that Ray forgets", async () => {
    const ray = await startFakeRay();
    const running = await submit(ray);
    await findJob(ray);
    await vi.waitFor(() => expect(ray.asked).toContain("GET /api/jobs/late-1/logs"), patient);
    ray.jobs.delete("late-1");
    expect(await running.ended).toMatchObject({ outcome: "lost", how: "Ray knows the job no more" });
    expect(ray.jobs.size).toBe(0);
  });

  it("stops a job that is cancelled, and waits until it has stopped", async () => {
    const ray = await startFakeRay();
    const running = await submit(ray);
    await findJob(ray);
    expect(await running.cancel()).toMatchObject({ outcome: "cancelled" });
    expect((await findJob(ray)).state.status).toBe("STOPPED");
  });

  it("does not wait for the stop of a job that may never begin", async () => {
    const ray = await startFakeRay({ status: "PENDING" });
    const running = await submit(ray);
    await findJob(ray);
    expect(await running.cancel()).toMatchObject({ outcome: "cancelled" });
    expect(ray.asked).toContain("POST /api/jobs/late-1/stop");
  });

  it("submits nothing where it is cancelled before", async () => {
    const ray = await startFakeRay();
    const running = await submit(ray);
    expect(await running.cancel()).toMatchObject({ outcome: "cancelled" });
    expect(ray.jobs.size).toBe(0);
  });

  it("ends a job whose log is gone with its node", async () => {
    const ray = await startFakeRay();
    const running = await submit(ray);
    const job = await findJob(ray);
    job.logs = "begin\n";
    await vi.waitFor(() => expect(running.logs()).toEqual(["begin"]), patient);
    const gone = { status: 500, text: "the agent is not there" };
    job.state = { status: "FAILED", error_type: "JOB_SUPERVISOR_ACTOR_DIED", message: "Job supervisor actor died" };
    const answerLogs = vi.spyOn(ray.answers, "shift");
    answerLogs.mockImplementation(() => (ray.asked.at(-1)?.endsWith("/logs") ? gone : undefined));
    expect(await running.ended).toMatchObject({ outcome: "lost", how: "Job supervisor actor died" });
    expect(await log()).toBe("begin\n… Ray does not give the end of this log: HTTP 500: the agent is not there\n");
  });
});
