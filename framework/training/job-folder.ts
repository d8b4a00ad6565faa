/**
 * The folder a job is started in: the trainer's files, `job.json`, and places for what it leaves.
 * @module
 */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { formatOf } from "../definitions/format.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { admitDocument } from "../definitions/versioned.ts";
import type { TrainingSet } from "../features/training-set.ts";
import { reservedColumns } from "../features/training-set.ts";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import { findJson } from "../supervisor/private-file.ts";
import { locateReports } from "./kept-reports.ts";
import { listPrepared, prepareRows } from "./prepared-rows.ts";
import { type Job, jobSchema, type TrainerClosure } from "./run.ts";

/** Objects of the store as local files. */
export interface ObjectFiles {
  /** The path of a verified copy, which nobody may change. */
  fetchFile(reference: Reference): Promise<string>;
}

export interface JobFolderOptions {
  /** The name of the training job, for problems. */
  readonly name: string;
  /** The run's identity. */
  readonly identity: Digest;
  readonly trainingSet: TrainingSet;
  readonly trainer: TrainerClosure;
  readonly params: Job["params"];
  readonly seed: number;
  /** Where folders of jobs are made, and checkpoints kept from one attempt to the next. */
  readonly workFolder: string;
  readonly objects: ObjectFiles;
  /** Ends the laying out. @default it runs to its end */
  readonly signal?: AbortSignal | undefined;
}

export interface JobFolder {
  readonly path: string;
  /** The path of `job.json`. */
  readonly jobFile: string;
  readonly job: Job;
  /** The path at which `job.save` leaves what the trainer's framework answered for some rows. */
  readonly answers: string;
  /** The path of the trainer's entry, and of its lock. */
  readonly entry: string;
  readonly lock: string;
  /** Removes the folder; the checkpoints stay. */
  remove(): Promise<void>;
  /** Removes the checkpoints, which nothing needs once the run is recorded. */
  removeCheckpoints(): Promise<void>;
}

const jobFileName = "job.json";
/** What a trainer's files may not be called, because the job's own are. */
const reservedNames = [jobFileName, "model.onnx", "model.answers.json", "node_modules", "tmp"];
/** Where an MLflow script finds its rows, in the job's folder. */
export const scriptRowsName = "rows";

/**
 * Lays out a job's folder.
 *
 * @throws StewardError `trainer-invalid` for a trainer whose files do not fit in a folder of their own.
 */
export async function createJobFolder(options: JobFolderOptions): Promise<JobFolder> {
  const problems = checkClosure(options.trainer, options.name);
  if (problems.length > 0) throw new StewardError(problems);
  const jobs = join(options.workFolder, "jobs");
  const checkpoints = join(options.workFolder, "checkpoints", options.identity);
  const reports = locateReports(options.workFolder, options.identity);
  await Promise.all([jobs, checkpoints, dirname(reports)].map((folder) => mkdir(folder, { recursive: true })));
  const prefix = options.identity.slice(0, 12);
  const path = await mkdtemp(join(jobs, `${prefix}-`));
  // Beside the job's folder, in which a trainer's files may have any name.
  const prepared = listPrepared(options.trainingSet);
  const rows = prepared.length > 0 ? await mkdtemp(join(jobs, `${prefix}-rows-`)) : undefined;
  const remove = () => removeFolders({ path, rows });
  try {
    await Promise.all(options.trainer.files.map((file) => placeFile(file, path, options.objects)));
    const { splits, task, classes, features, categories } = options.trainingSet;
    const [train, validation] = await Promise.all(
      [splits.train, splits.validation].map((split) => options.objects.fetchFile(split.object)),
    );
    if (train === undefined || validation === undefined) throw new Error("two splits have two files");
    const files = { train, validation };
    const job = jobSchema.parse({
      format: formatOf("job"),
      run: options.identity,
      inputs:
        rows === undefined
          ? files
          : await prepareRows(files, prepared, { folder: rows, numbers: features.length, signal: options.signal }),
      label: reservedColumns.label,
      task,
      ...(classes && { classes }),
      features,
      categories,
      params: options.params,
      seed: options.seed,
      model: join(path, "model.onnx"),
      checkpoints,
      // The name of the attempt's own folder is no other attempt's.
      reports: { file: reports, attempt: basename(path) },
    });
    await writeFile(join(path, jobFileName), JSON.stringify(job, undefined, 2));
    return describeFolder({ path, rows, job, trainer: options.trainer });
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Finds the folder of a job that was laid out before and may be under way. @returns nothing where it is gone, or is another run's
 *
 * @param path of the folder
 */
export function reopenJobFolder(
  path: string,
  { identity, trainer, workFolder }: Pick<JobFolderOptions, "identity" | "trainer" | "workFolder">,
): JobFolder | undefined {
  const found = findJson(join(path, jobFileName));
  const job = jobSchema.safeParse(found === undefined ? undefined : admitDocument(found, { at: path })).data;
  if (job?.run !== identity) return undefined;
  const beside = dirname(job.inputs.train);
  const rows = dirname(beside) === join(workFolder, "jobs") ? beside : undefined;
  return describeFolder({ path, rows, job, trainer });
}

interface LaidOut {
  readonly path: string;
  /** The folder of the rows that were prepared for the job. */
  readonly rows: string | undefined;
  readonly job: Job;
  readonly trainer: TrainerClosure;
}

function describeFolder({ path, rows, job, trainer }: LaidOut): JobFolder {
  return {
    path,
    jobFile: join(path, jobFileName),
    job,
    answers: join(path, "model.answers.json"),
    entry: join(path, trainer.entry),
    lock: join(path, trainer.lock),
    remove: () => removeFolders({ path, rows }),
    removeCheckpoints: () => rm(job.checkpoints, { recursive: true, force: true }),
  };
}

async function removeFolders({ path, rows }: Pick<LaidOut, "path" | "rows">): Promise<void> {
  for (const folder of rows === undefined ? [path] : [path, rows]) await rm(folder, { recursive: true, force: true });
}

/** Finds what keeps a trainer's files from being laid out. */
function checkClosure(trainer: TrainerClosure, name: string): Problem[] {
  const at = `${name}.trainer`;
  const paths = trainer.files.map((file) => file.path);
  const reserved = trainer.script ? [...reservedNames, scriptRowsName] : reservedNames;
  const invalid = (what: string, got: string, expected: string): Problem => ({
    code: "trainer-invalid",
    at,
    what,
    got,
    expected,
  });
  return [
    ...paths
      .filter((path) => isAbsolute(path) || normalize(path) !== path || path.startsWith(".."))
      .map((path) =>
        invalid("A file of the trainer lies outside its folder", `"${path}"`, "a path below the trainer's folder"),
      ),
    ...paths
      .filter((path) => reserved.includes(path.split("/")[0] ?? ""))
      .map((path) =>
        invalid("A file of the trainer has a name that the job needs", `"${path}"`, `none of ${reserved.join(", ")}`),
      ),
    ...(
      [
        ["entry", trainer.entry],
        ["lock", trainer.lock],
      ] as const
    )
      .filter(([, path]) => !paths.includes(path))
      .map(([field, path]) =>
        invalid(
          `The trainer's "${field}" is not among its files`,
          `"${path}"`,
          paths.map((file) => `"${file}"`).join(", "),
        ),
      ),
  ];
}

/** Puts a file of a program in the folder that it is started in. */
export async function placeFile(
  file: TrainerClosure["files"][number],
  folder: string,
  objects: ObjectFiles,
): Promise<void> {
  const target = join(folder, file.path);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(await objects.fetchFile(file.object), target);
}
