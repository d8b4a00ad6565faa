/**
 * A run: the record of one training, and the contract between Steward and the program that trains.
 * @module
 */
import { z } from "zod";
import { versioned } from "../definitions/versioned.ts";
import { referenceSchema } from "../store/reference.ts";

/** The files of a trainer, content-addressed: its entry, what the entry imports beside it, and the hash-locked requirements. */
export const trainerClosureSchema = versioned("trainer", {
  kind: z.literal("python"),
  entry: z.string(),
  /** Relative paths, sorted, with the entry and the lock among them. */
  files: z.array(z.strictObject({ path: z.string(), object: referenceSchema })),
  lock: z.string(),
});
export type TrainerClosure = z.output<typeof trainerClosureSchema>;

/** What a job finds as `job.json` in the directory it is started in. Paths are absolute. */
export const jobSchema = versioned("job", {
  run: z.string(),
  /** Parquet files of the training and validation rows. The test rows are not the job's to read. */
  inputs: z.strictObject({ train: z.string(), validation: z.string() }),
  label: z.string(),
  task: z.enum(["binary", "regression"]),
  features: z.array(z.strictObject({ name: z.string(), type: z.enum(["number", "boolean", "category"]) })),
  categories: z.record(z.string(), z.array(z.string())),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  seed: z.int(),
  /** Where the job writes its model, as ONNX. */
  model: z.string(),
  /** A directory that outlives an attempt: what a job leaves here, its next attempt finds. */
  checkpoints: z.string(),
});
export type Job = z.output<typeof jobSchema>;

/** A line a job prints on stdout as `steward:{…}`: progress, shown while it runs. */
export const jobReportSchema = z.strictObject({
  step: z.int(),
  of: z.int().optional(),
  metrics: z.record(z.string(), z.number()).default({}),
});
export type JobReport = z.output<typeof jobReportSchema>;

export const runSchema = versioned("run", {
  identity: z.string(),
  trainingSet: z.string(),
  trainer: referenceSchema,
  onnx: referenceSchema,
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  seed: z.int(),
  /** The last reported metrics. */
  metrics: z.record(z.string(), z.number()),
  log: referenceSchema,
  /** Wall time of the job in seconds. */
  seconds: z.number(),
  python: z.string(),
});
export type Run = z.output<typeof runSchema>;
