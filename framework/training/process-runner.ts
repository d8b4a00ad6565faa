/**
 * The runner `process`: a job is a process group on this machine.
 *
 * Memory is watched from outside, every 250 ms, by what is resident. An address-space limit would be instant, but what
 * libraries reserve says little about what they use: predicting with Arrow and onnxruntime on two cores held 0.3 GiB and
 * had reserved 2.3 GiB.
 * Cores are a hint: the variables that OpenMP, BLAS and Arrow read.
 * @module
 */
import { mkdir } from "node:fs/promises";
import { composeJobEnvironment, locateTemporary } from "./job-environment.ts";
import { openJobOutput } from "./job-output.ts";
import { type ProcessEnd, startProcess } from "./limited-process.ts";
import type { JobEnd, Runner } from "./runner.ts";

export interface ProcessRunnerOptions {
  /** How long a job may take from SIGTERM to its end, in seconds. @default 10 */
  readonly graceSeconds?: number;
}

export function createProcessRunner(options: ProcessRunnerOptions = {}): Runner {
  return {
    async submit(job, watch) {
      await mkdir(locateTemporary(job.folder), { recursive: true });
      const output = openJobOutput(job.log, watch);
      const running = startProcess(job.command, {
        folder: job.folder,
        environment: {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          // Said where there are none, too: what is lent to another job is not to be found.
          CUDA_VISIBLE_DEVICES: (job.resources.gpus ?? []).join(","),
          ...composeJobEnvironment(job),
        },
        memoryBytes: job.resources.memoryBytes,
        ...(options.graceSeconds === undefined ? {} : { graceSeconds: options.graceSeconds }),
        onLine: (line, from) => output.take(line, from === "stdout"),
      });
      const ended = running.ended.then(async (end) => {
        await output.close();
        return describeEnd(end);
      });
      return {
        ended,
        async cancel() {
          await running.stop();
          return ended;
        },
        logs: output.last,
      };
    },
  };
}

function describeEnd(end: ProcessEnd): JobEnd {
  const outcomes = { exit: end.ok ? "succeeded" : "failed", memory: "out-of-memory", stopped: "cancelled" } as const;
  return { outcome: outcomes[end.reason], how: end.how, seconds: end.seconds, peakBytes: end.peakBytes };
}
