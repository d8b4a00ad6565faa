/**
 * How a trainer is started: the program, its environment, and what it runs in, by its kind.
 * @module
 */
import { join, relative } from "node:path";
import { fillArguments, listUsualArguments, type Script, usualLabel } from "../definitions/script-arguments.ts";
import { type Environment, ensureEnvironment } from "./environment.ts";
import { type JobFolder, scriptRowsName } from "./job-folder.ts";
import { prepareNode } from "./node-packages.ts";
import type { Job, Run, TrainerClosure } from "./run.ts";
import type { RunnableJob } from "./runner.ts";
import { findTrainingTools, type TrainingTools } from "./training-tools.ts";

export interface TrainingCommand extends Pick<RunnableJob, "command" | "environment"> {
  /** What the run records of what it ran in. */
  readonly runtime: Pick<Run, "python" | "node">;
}

export interface TrainingCommandOptions {
  /** The name of the training job, for problems. */
  readonly name: string;
  readonly trainer: TrainerClosure;
  readonly folder: Pick<JobFolder, "path" | "jobFile" | "entry" | "lock">;
  readonly seed: number;
  /** The values of the job's parameters. */
  readonly params: Job["params"];
  /** Whether there are validation rows. */
  readonly hasValidation: boolean;
  /** @default those of this machine */
  readonly tools?: TrainingTools | undefined;
  /** Ends the building of an environment. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
  /** Told what is going on, in a few words. @default nothing */
  readonly onProgress?: ((step: string) => void) | undefined;
}

/** The typed Python package that trainers import as `steward`. */
const helperFolder = join(import.meta.dirname, "python");
/** Python takes no larger seed for its hashes. */
const hashSeeds = 2 ** 32;

/**
 * Finds or builds what a trainer runs in.
 *
 * @throws StewardError what `ensureEnvironment`, `findTrainingTools` and `prepareNode` throw
 */
export async function prepareCommand(options: TrainingCommandOptions): Promise<TrainingCommand> {
  const { folder, trainer } = options;
  if (trainer.kind === "typescript") {
    const { tools, ...given } = options;
    const { command, version } = await prepareNode({ ...given, folder: folder.path, cacheFolder: tools?.cacheFolder });
    return {
      command: [...command, folder.entry],
      environment: { STEWARD_JOB: folder.jobFile },
      runtime: { node: version },
    };
  }
  const environment = await findEnvironment(options);
  const script = trainer.script && composeScript(trainer.script, options);
  return {
    command: script ? [environment.python, ...script] : [environment.python, folder.entry],
    environment: {
      STEWARD_JOB: folder.jobFile,
      PYTHONPATH: helperFolder,
      PYTHONHASHSEED: String(((options.seed % hashSeeds) + hashSeeds) % hashSeeds),
      PYTHONUNBUFFERED: "1",
      PYTHONNOUSERSITE: "1",
    },
    runtime: { python: environment.version },
  };
}

/**
 * What runs an MLflow script: the launcher with the files that it makes, and the script with its arguments. Paths are relative to
 * the job's folder: the script may log its arguments, and every attempt of a run logs the same.
 */
function composeScript(
  { args, label = usualLabel }: Script,
  { folder, params, seed, hasValidation }: TrainingCommandOptions,
): readonly string[] {
  const rows = { train: `${scriptRowsName}/train.parquet`, validation: `${scriptRowsName}/validation.parquet` };
  const given = args ?? listUsualArguments(Object.keys(params), hasValidation);
  const launcher = ["-P", "-m", "steward._mlflow_script", label, rows.train, rows.validation];
  return [...launcher, relative(folder.path, folder.entry), ...fillArguments(given, { ...params, ...rows, seed })];
}

async function findEnvironment({ tools, signal, folder, onProgress }: TrainingCommandOptions): Promise<Environment> {
  const found = tools ?? (await findTrainingTools(signal));
  return ensureEnvironment({ ...found, lock: folder.lock, signal, onProgress });
}
