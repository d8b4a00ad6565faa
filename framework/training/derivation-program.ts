/**
 * The program of a derivation's step: Python that makes rows of rows, run as a training is, with its files and environment
 * known by digest.
 * @module
 */
import { stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DerivationProgram, ProgramWork } from "../data/derivation/program.ts";
import { formatOf } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import { digestOf } from "../plan/digest.ts";
import { ensureEnvironment } from "./environment.ts";
import { describeUse, quoteLastLines } from "./job-failure.ts";
import { type ObjectFiles, placeFile } from "./job-folder.ts";
import { createProcessRunner } from "./process-runner.ts";
import type { TrainerClosure } from "./run.ts";
import type { JobEnd, JobResources, Runner, RunningJob } from "./runner.ts";
import { findTrainingTools, type TrainingTools } from "./training-tools.ts";

export interface ProgramOptions {
  /** The place of the step, for problems: `clean.source.steps[0].python`. */
  readonly at: string;
  /** Its files, which are in the store. */
  readonly closure: TrainerClosure;
  readonly store: ObjectFiles;
  /** @default those of this machine */
  readonly tools?: TrainingTools;
  /** @default a process on this machine */
  readonly runner?: Runner;
  /** @default one core and 2 GiB */
  readonly resources?: JobResources;
}

const usualResources: JobResources = { cpu: 1, memoryBytes: 2 * 2 ** 30 };

/** What is in the folder beside the program's files. */
const reservedNames = ["step.json", "tmp"];

/**
 * A program that is ready to run. It finds `step.json` in the folder in which it is started, and the path of that file in the
 * variable `STEWARD_STEP`.
 * @throws StewardError `derivation-failed` when it is run, and what `ensureEnvironment` throws
 */
export function prepareProgram(options: ProgramOptions): DerivationProgram {
  const { entry, lock, files } = options.closure;
  return { digest: digestOf({ entry, lock, files }), run: (work) => runProgram(options, work) };
}

async function runProgram(options: ProgramOptions, { folder, input, output, signal }: ProgramWork): Promise<void> {
  const { closure, store, at, runner = createProcessRunner(), resources = usualResources } = options;
  signal?.throwIfAborted();
  for (const file of closure.files) {
    if (reservedNames.includes(file.path.split("/")[0] ?? ""))
      throw failed(at, `the name "${file.path}" is kept for the step's own`);
    await placeFile(file, folder, store);
  }
  const step = join(folder, "step.json");
  await writeFile(step, JSON.stringify({ format: formatOf("step"), input, output }, undefined, 2));
  const tools = options.tools ?? (await findTrainingTools(signal));
  const environment = await ensureEnvironment({ ...tools, lock: join(folder, closure.lock), signal });
  const variables = { STEWARD_STEP: step, PYTHONHASHSEED: "0", PYTHONUNBUFFERED: "1", PYTHONNOUSERSITE: "1" };
  const running = await runner.submit(
    {
      command: [environment.python, join(folder, closure.entry)],
      folder,
      log: join(dirname(folder), "program.log"),
      resources,
      environment: variables,
    },
    () => {},
  );
  const cancel = () => void running.cancel().catch(() => undefined);
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  const end = await running.ended.finally(() => signal?.removeEventListener("abort", cancel));
  signal?.throwIfAborted();
  if (end.outcome !== "succeeded") throw describeFailure({ at, end, running });
  const written = await stat(output).catch(() => undefined);
  if (!written?.isFile() || written.size === 0)
    throw failed(at, 'it ended well and left no file at the path that "output" names');
}

interface Failure {
  readonly at: string;
  readonly end: JobEnd;
  readonly running: RunningJob;
}

function describeFailure({ at, end, running }: Failure): StewardError {
  const last = quoteLastLines(running);
  const seen = describeUse(end);
  const how =
    end.outcome === "out-of-memory" ? "it used more memory than it may and was ended" : `it ended with ${end.how}`;
  return failed(at, `${how} ${seen}; its last lines:${last || " none"}\n`);
}

function failed(at: string, how: string): StewardError {
  return new StewardError({ code: "derivation-failed", at, what: `The program of the step failed: ${how}` });
}
