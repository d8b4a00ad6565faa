import { describe, expect, it } from "vitest";
import { describeRayEnd, isRefusedRoom, type LaunchSigns } from "../../../framework/training/ray/ray-end.ts";
import type { RayJob } from "../../../framework/training/ray/ray-jobs.ts";
import type { JobEnd } from "../../../framework/training/runner.ts";

const signs: LaunchSigns = { peakBytes: 0, hasExceeded: false };
const ownError = "JOB_ENTRYPOINT_COMMAND_ERROR";
const died = "JOB_SUPERVISOR_ACTOR_DIED";
const lowOnMemory = "Unexpected error occurred: 1 worker(s) were killed due to the node running low on memory.";
const guess = "Some common causes include: (1) the process was killed by the OOM killer due to high memory usage";

describe("describeRayEnd", () => {
  it.each<[string, RayJob, JobEnd["outcome"], string]>([
    ["what succeeded", { status: "SUCCEEDED", driver_exit_code: 0 }, "succeeded", "exit code 0"],
    ["an exit code", { status: "FAILED", error_type: ownError, driver_exit_code: 3 }, "failed", "exit code 3"],
    ["a signal", { status: "FAILED", error_type: ownError, driver_exit_code: -9 }, "failed", "signal SIGKILL"],
    [
      "a program that says it has no memory, and why it ended",
      { status: "FAILED", error_type: ownError, driver_exit_code: 1, message: "last logs: CUDA out of memory" },
      "failed",
      "exit code 1",
    ],
    ["a stop by somebody else, as a signal from outside", { status: "STOPPED" }, "failed", "signal SIGTERM"],
    [
      "a lost node",
      { status: "FAILED", error_type: died, message: "Job supervisor actor died: its node\nwas lost" },
      "lost",
      "Job supervisor actor died: its node",
    ],
    [
      "what Ray ended for memory, where nobody measured",
      { status: "FAILED", error_type: "JOB_SUPERVISOR_ACTOR_UNKNOWN_FAILURE", message: lowOnMemory },
      "out-of-memory",
      lowOnMemory,
    ],
    [
      "a lost process, of which Ray guesses that it was memory",
      { status: "FAILED", error_type: died, message: `Job supervisor actor died.\n${guess}` },
      "lost",
      "Job supervisor actor died.",
    ],
    ["a failure of no known kind", { status: "FAILED" }, "lost", "a failure that Ray says nothing of"],
    [
      "an entrypoint that could not be started",
      { status: "FAILED", error_type: "JOB_ENTRYPOINT_COMMAND_START_ERROR", message: "no shell" },
      "failed",
      "no shell",
    ],
  ])("tells %s", (_, job, outcome, how) => {
    expect(describeRayEnd(job, signs, false)).toMatchObject({ outcome, how });
  });

  it.each<[string, RayJob]>([
    ["a stop", { status: "STOPPED" }],
    ["a failure on the way", { status: "FAILED", error_type: ownError, driver_exit_code: 143 }],
  ])("tells %s that we asked for as cancelled", (_, job) => {
    expect(describeRayEnd(job, signs, true)).toMatchObject({ outcome: "cancelled" });
  });

  it("tells what was ended for its memory, whatever Ray says", () => {
    const job: RayJob = { status: "FAILED", error_type: ownError, driver_exit_code: -9 };
    expect(describeRayEnd(job, { peakBytes: 7, hasExceeded: true }, false)).toMatchObject({
      outcome: "out-of-memory",
      peakBytes: 7,
    });
  });

  it("does not blame a job for the memory of its node that kept within its own limit", () => {
    const job: RayJob = { status: "FAILED", error_type: "JOB_SUPERVISOR_ACTOR_UNKNOWN_FAILURE", message: lowOnMemory };
    expect(describeRayEnd(job, { ...signs, peakBytes: 7 }, false)).toMatchObject({ outcome: "lost", how: lowOnMemory });
  });

  it("counts from when the job began, else from its submission", () => {
    const job: RayJob = { status: "SUCCEEDED", start_time: 1_000, end_time: 9_000 };
    expect(describeRayEnd(job, { ...signs, beganAt: 7_500 }, false).seconds).toBe(1.5);
    expect(describeRayEnd(job, signs, false).seconds).toBe(8);
    // Clocks of two machines.
    expect(describeRayEnd(job, { ...signs, beganAt: 9_500 }, false).seconds).toBe(0);
  });
});

it("a job has never begun where Ray says so, and not where it failed", () => {
  expect(isRefusedRoom({ status: "FAILED", error_type: "JOB_SUPERVISOR_ACTOR_START_TIMEOUT" })).toBe(true);
  expect(isRefusedRoom({ status: "FAILED", error_type: died })).toBe(false);
});
