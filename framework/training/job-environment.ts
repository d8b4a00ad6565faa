/**
 * The variables that every job gets, wherever it runs. Pure.
 * @module
 */
import { join } from "node:path";
import type { JobResources, RunnableJob } from "./runner.ts";

/** The job's folder as its home, a folder for temporary files, and how many threads to use, nothing reported; then the job's own. */
export function composeJobEnvironment({
  folder,
  resources,
  environment,
}: Pick<RunnableJob, "folder" | "resources" | "environment">): Record<string, string> {
  return {
    HOME: folder,
    TMPDIR: locateTemporary(folder),
    LANG: "C.UTF-8",
    // Without it ONNX Runtime reports to its makers what a model is called and where it runs.
    ORT_DISABLE_TELEMETRY: "1",
    ...limitThreads(resources),
    ...environment,
  };
}

/** A job's own folder for temporary files; whoever starts it makes it. */
export function locateTemporary(folder: string): string {
  return join(folder, "tmp");
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
