/**
 * The runner `process`: a job is a process group on this machine.
 *
 * Memory is watched from outside, every 250 ms, by what is resident. An address-space limit would be instant, but what
 * libraries reserve says little about what they use: predicting with Arrow and onnxruntime on two cores held 0.3 GiB and
 * had reserved 2.3 GiB.
 * Cores are a hint: the variables that OpenMP, BLAS and Arrow read.
 * @module
 */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { type ProcessEnd, startProcess } from "./limited-process.ts";
import { type JobReport, jobReportSchema } from "./run.ts";
import type { JobEnd, JobResources, Runner } from "./runner.ts";

export interface ProcessRunnerOptions {
  /** How long a job may take from SIGTERM to its end, in seconds. @default 10 */
  readonly graceSeconds?: number;
}

/** A line of stdout that is a report begins so. */
const reportPrefix = "steward:";
const keptLines = 40;
/** Where a log is cut, in bytes. */
const fullLog = 64 * 2 ** 20;

export function createProcessRunner(options: ProcessRunnerOptions = {}): Runner {
  return {
    async submit(job, watch) {
      const temporary = join(job.folder, "tmp");
      await mkdir(temporary, { recursive: true });
      const log = openLog(job.log);
      const lastLines: string[] = [];
      const running = startProcess(job.command, {
        folder: job.folder,
        environment: {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          HOME: job.folder,
          TMPDIR: temporary,
          LANG: "C.UTF-8",
          ...limitThreads(job.resources),
          ...job.environment,
        },
        memoryBytes: job.resources.memoryBytes,
        ...(options.graceSeconds === undefined ? {} : { graceSeconds: options.graceSeconds }),
        onLine(line, output) {
          log.write(line);
          const report = output === "stdout" ? readReport(line) : undefined;
          if (report) watch(report);
          else if (lastLines.push(line) > keptLines) lastLines.shift();
        },
      });
      const ended = running.ended.then(async (end) => {
        await log.close();
        return describeEnd(end);
      });
      return {
        ended,
        async cancel() {
          await running.stop();
          return ended;
        },
        logs: () => [...lastLines],
      };
    },
  };
}

/** The report in a line, or nothing when it is a line like any other. */
export function readReport(line: string): JobReport | undefined {
  if (!line.startsWith(reportPrefix)) return undefined;
  try {
    return jobReportSchema.safeParse(JSON.parse(line.slice(reportPrefix.length))).data;
  } catch {
    return undefined;
  }
}

function limitThreads({ cpu }: JobResources): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(cpu)));
  const names = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
  ];
  // Threads that wait must sleep: spinning ones take the core from those they wait for when the machine is shared, and a
  // training then takes many times as long.
  return { ...Object.fromEntries(names.map((name) => [name, threads])), OMP_WAIT_POLICY: "PASSIVE" };
}

function describeEnd(end: ProcessEnd): JobEnd {
  const outcomes = { exit: end.ok ? "succeeded" : "failed", memory: "out-of-memory", stopped: "cancelled" } as const;
  return { outcome: outcomes[end.reason], how: end.how, seconds: end.seconds, peakBytes: end.peakBytes };
}

/** A log that is cut rather than fill the disk. */
function openLog(path: string): { write(line: string): void; close(): Promise<void> } {
  const file = createWriteStream(path, { mode: 0o600 });
  // A disk that is full shows when the log is closed; until then it must not end the process that writes here.
  file.on("error", () => {});
  let size = 0;
  return {
    write(line) {
      if (size > fullLog) return;
      size += Buffer.byteLength(line) + 1;
      file.write(size > fullLog ? "… the log is cut here\n" : `${line}\n`);
    },
    close: () => finished(file.end()),
  };
}
