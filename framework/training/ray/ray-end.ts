/**
 * How a job ended, from what Ray says of it and from the signs that it left. Pure.
 * @module
 */
import { constants } from "node:os";
import { hideCredentials } from "../../toolchain/command.ts";
import type { JobEnd } from "../runner.ts";
import type { RayJob } from "./ray-jobs.ts";

/** What the job's script left beside it. */
export interface LaunchSigns {
  /** When it began, in milliseconds since 1970. @default it did not, or left no sign of it */
  readonly beganAt?: number | undefined;
  /** The most memory in use, in bytes; 0 where it was not measured. */
  readonly peakBytes: number;
  /** Whether it used more memory than it may and was ended for that. */
  readonly hasExceeded: boolean;
}

/** What Ray says of a job for which there was no room for too long: it has never begun, and may be submitted again. */
const notBegun = "JOB_SUPERVISOR_ACTOR_START_TIMEOUT";
/** What it says of those that began, and failed by themselves. */
const ownErrors: readonly string[] = ["JOB_ENTRYPOINT_COMMAND_ERROR", "JOB_ENTRYPOINT_COMMAND_START_ERROR"];
/** What it says of those that it ended for the memory of their node; of a lost process it says that memory may be the cause. */
const lowOnMemory = /the node running low on memory/;
/** In characters. */
const mostSaid = 200;

/** Whether Ray has given up waiting for room for a job. */
export function isRefusedRoom({ status, error_type }: Pick<RayJob, "status" | "error_type">): boolean {
  return status === "FAILED" && error_type === notBegun;
}

/** How a job ended. @param isStopping whether it was us who asked it to stop */
export function describeRayEnd(job: RayJob, signs: LaunchSigns, isStopping: boolean): JobEnd {
  const { outcome, how } = judge(job, signs, isStopping);
  const began = signs.beganAt ?? job.start_time ?? 0;
  const seconds = Math.max(0, ((job.end_time ?? began) - began) / 1000);
  return { outcome, how, seconds, peakBytes: signs.peakBytes };
}

function judge(
  job: RayJob,
  { hasExceeded, peakBytes }: LaunchSigns,
  isStopping: boolean,
): Pick<JobEnd, "outcome" | "how"> {
  const { status, error_type: type, driver_exit_code: code } = job;
  const message = job.message ?? "";
  if (status === "SUCCEEDED") return { outcome: "succeeded", how: "exit code 0" };
  if (hasExceeded) return { outcome: "out-of-memory", how: "signal SIGKILL" };
  if (status === "STOPPED") {
    // Somebody else's wish to have it stopped is what a signal from outside is to a process.
    return isStopping ? { outcome: "cancelled", how: "stopped in Ray" } : { outcome: "failed", how: "signal SIGTERM" };
  }
  const isOwn = typeof code === "number" || (typeof type === "string" && ownErrors.includes(type));
  if (isStopping) return { outcome: "cancelled", how: "stopped in Ray" };
  // One that was measured has kept within its limit: others filled the node, and the job is not to fail for that.
  if (!isOwn && peakBytes === 0 && lowOnMemory.test(message))
    return { outcome: "out-of-memory", how: sayMessage(message) };
  if (typeof code === "number") return { outcome: "failed", how: sayCode(code) };
  return { outcome: isOwn ? "failed" : "lost", how: sayMessage(message) };
}

function sayCode(code: number): string {
  if (code >= 0) return `exit code ${code}`;
  const known = Object.entries(constants.signals).find(([, number]) => number === -code);
  return `signal ${known?.[0] ?? -code}`;
}

function sayMessage(message: string): string {
  const [line = ""] = message.split("\n");
  return hideCredentials(line.trim()).slice(0, mostSaid) || "a failure that Ray says nothing of";
}
