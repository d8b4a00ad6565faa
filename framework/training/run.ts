/**
 * A run: the record of one training, and the contract between Steward and the program that trains.
 * @module
 */
import { z } from "zod";
import { taskSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";
import { admissionSchema } from "../models/probe-verdict.ts";
import { referenceSchema } from "../store/reference.ts";
import { attemptSchema } from "./attempts.ts";
import { reportPlaceSchema } from "./kept-reports.ts";

/** `Script` of the language. */
export const scriptSchema = z.strictObject({ args: z.array(z.string()).optional(), label: z.string().optional() });

/**
 * The files of a trainer, content-addressed: its entry, what the entry imports beside it, and the lock: hash-locked requirements
 * of Python, the `package-lock.json` of TypeScript.
 */
export const trainerClosureSchema = versioned("trainer", {
  kind: z.enum(["python", "typescript"]),
  entry: z.string(),
  /** Relative paths, sorted, with the entry and the lock among them. */
  files: z.array(z.strictObject({ path: z.string(), object: referenceSchema })),
  lock: z.string(),
  /** How a script that logs to MLflow is told of its job. @default it is a trainer that finds its job itself */
  script: scriptSchema.optional(),
});
export type TrainerClosure = z.output<typeof trainerClosureSchema>;

/** What a job finds as `job.json` in the directory it is started in. Paths are absolute. */
export const jobSchema = versioned("job", {
  run: z.string(),
  /** Parquet files of the training and validation rows. The test rows are not the job's to read. */
  inputs: z.strictObject({ train: z.string(), validation: z.string() }),
  label: z.string(),
  task: taskSpec,
  /** What a multiclass label may be: the label of a row is the place of its class here, from 0. @default the label is none of several classes */
  classes: z.array(z.string()).optional(),
  features: z.array(z.strictObject({ name: z.string(), type: z.enum(["number", "boolean", "category"]) })),
  categories: z.record(z.string(), z.array(z.string())),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  seed: z.int(),
  /** Where the job writes its model, as ONNX. */
  model: z.string(),
  /** A directory that outlives an attempt: what a job leaves here, its next attempt finds. */
  checkpoints: z.string(),
  /** Where it keeps what it reports, before it prints it. @default it is older than this record, and whoever reads its output does */
  reports: reportPlaceSchema.optional(),
});
export type Job = z.output<typeof jobSchema>;

/** A line a job prints on stdout as `steward:{…}`: progress, shown while it runs. */
export const jobReportSchema = z.strictObject({
  step: z.int(),
  of: z.int().optional(),
  metrics: z.record(z.string(), z.number()).default({}),
  /** The number of a checkpoint that was kept just now. @default none was */
  checkpoint: z.int().optional(),
  /** The number of the checkpoint that the job goes on from. @default it does not say so here */
  resumed: z.int().optional(),
  /** The job has logged the metrics to its tracked run itself. @default it has not */
  tracked: z.boolean().optional(),
  /** The job has kept the report itself, at `reports` of its `job.json`. @default it has not */
  kept: z.boolean().optional(),
});
export type JobReport = z.output<typeof jobReportSchema>;

/** `CodeState` of the messages to entities. */
const codeStateSchema = z.strictObject({
  commit: z.string(),
  uncommitted: z.strictObject({ files: z.int(), patch: referenceSchema }).optional(),
});

export const runSchema = versioned("run", {
  identity: z.string(),
  trainingSet: z.string(),
  trainer: referenceSchema,
  onnx: referenceSchema,
  /**
   * What its framework answered for some rows: `framework-answers`. @default the trainer wrote ONNX itself, or it is older than this
   * record
   */
  answers: referenceSchema.optional(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  seed: z.int(),
  /** The last reported metrics. */
  metrics: z.record(z.string(), z.number()),
  log: referenceSchema,
  /** What its model's admission found. @default it is older than this record */
  admission: admissionSchema.optional(),
  /** Wall time of the job in seconds. */
  seconds: z.number(),
  /** The version of its Python. @default the trainer is not in Python */
  python: z.string().optional(),
  /** The version of its Node. @default the trainer is not in TypeScript */
  node: z.string().optional(),
  /** The code that it was asked for from, as git had it. @default it was not under version control, or is older than this record */
  code: codeStateSchema.optional(),
  /** How often it was begun and how each attempt ended, the oldest first. @default it is older than this record of them */
  attempts: z.array(attemptSchema).optional(),
  /** The GPUs that it ran on. @default it ran on none, or is older than this record of them */
  gpus: z
    .array(z.strictObject({ name: z.string(), uuid: z.string() }))
    .min(1)
    .optional(),
});
export type Run = z.output<typeof runSchema>;
