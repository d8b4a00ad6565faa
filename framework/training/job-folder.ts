/**
 * The folder a job is started in: the trainer's files, `job.json`, and places for what it leaves.
 * @module
 */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { formatOf } from "../definitions/format.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { TrainingSet } from "../features/training-set.ts";
import { reservedColumns } from "../features/training-set.ts";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
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
  /** The path of the trainer's entry, and of its lock. */
  readonly entry: string;
  readonly lock: string;
  /** Removes the folder; the checkpoints stay. */
  remove(): Promise<void>;
  /** Removes the checkpoints, which nothing needs once the run is recorded. */
  removeCheckpoints(): Promise<void>;
}

/** What a trainer's files may not be called, because the job's own are. */
const reservedNames = ["job.json", "model.onnx", "node_modules", "tmp"];

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
  await Promise.all([mkdir(jobs, { recursive: true }), mkdir(checkpoints, { recursive: true })]);
  const prefix = options.identity.slice(0, 12);
  const path = await mkdtemp(join(jobs, `${prefix}-`));
  // Beside the job's folder, in which a trainer's files may have any name.
  const prepared = listPrepared(options.trainingSet);
  const rows = prepared.length > 0 ? await mkdtemp(join(jobs, `${prefix}-rows-`)) : undefined;
  const remove = async () => {
    for (const folder of rows === undefined ? [path] : [path, rows]) await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(options.trainer.files.map((file) => placeFile(file, path, options.objects)));
    const { splits, task, features, categories } = options.trainingSet;
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
      features,
      categories,
      params: options.params,
      seed: options.seed,
      model: join(path, "model.onnx"),
      checkpoints,
    });
    const jobFile = join(path, "job.json");
    await writeFile(jobFile, JSON.stringify(job, undefined, 2));
    return {
      path,
      jobFile,
      job,
      entry: join(path, options.trainer.entry),
      lock: join(path, options.trainer.lock),
      remove,
      removeCheckpoints: () => rm(checkpoints, { recursive: true, force: true }),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Finds what keeps a trainer's files from being laid out. */
function checkClosure(trainer: TrainerClosure, name: string): Problem[] {
  const at = `${name}.trainer`;
  const paths = trainer.files.map((file) => file.path);
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
      .filter((path) => reservedNames.includes(path.split("/")[0] ?? ""))
      .map((path) =>
        invalid(
          "A file of the trainer has a name that the job needs",
          `"${path}"`,
          `none of ${reservedNames.join(", ")}`,
        ),
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
