/**
 * A study: what is searched, and what its trials have shown so far. Plain data, which the workflow's record is made of.
 * @module
 */
import { z } from "zod";
import type { TuningSpec } from "../../definitions/tuning-spec.ts";
import { versioned } from "../../definitions/versioned.ts";
import type { Digest } from "../../plan/digest.ts";
import { referenceSchema } from "../../store/reference.ts";

/** The parameters of a trial: those that are searched. */
export const trialParamsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type TrialParams = z.output<typeof trialParamsSchema>;

/** What a trainer reported of the first objective, for the pruner. */
export const intermediateSchema = z.strictObject({ step: z.int(), value: z.number() });
export type Intermediate = z.output<typeof intermediateSchema>;

/**
 * A trial that has ended, under its study's identity and its number from 0. Written once: who finds it written does not run it.
 */
export const trialSchema = versioned("trial", {
  study: z.string(),
  number: z.int().min(0),
  params: trialParamsSchema,
  /** `failed` by the trainer's own fault; a lost machine fails no trial. */
  state: z.enum(["completed", "pruned", "failed"]),
  /** One for each objective, measured by Steward on the validation rows; empty unless completed. */
  values: z.array(z.number()),
  intermediates: z.array(intermediateSchema),
  /** Wall time of the job in seconds, its lost attempts left out. */
  seconds: z.number(),
  /** The run's record. @default the trial was not completed */
  run: referenceSchema.optional(),
  /** Why it failed, or at which step it was given up. @default it was completed */
  reason: z.string().optional(),
  /** What its job might have in memory, in bytes, where it used that up. @default it did not */
  memoryBytes: z.number().optional(),
});
export type Trial = z.output<typeof trialSchema>;

/** What is asked of a sampler. */
export interface Study {
  /** The digest of everything that decides the study's results. */
  readonly identity: Digest;
  readonly tuning: TuningSpec;
  readonly seed: number;
  /** Trials of earlier studies, told to the sampler before any of its own. @default none */
  readonly earlier?: readonly Trial[];
}

/** Parameters that a sampler suggests for a trial. */
export interface Suggestion {
  readonly number: number;
  readonly params: TrialParams;
}

/** A trial under way. */
export interface OpenTrial extends Suggestion {
  /** What it has reported so far, for the pruning of others. @default nothing is known of it */
  readonly intermediates?: readonly Intermediate[];
}

/** What is known of a study at a moment. */
export interface StudyRecord {
  /** In the order of their numbers. */
  readonly trials: readonly Trial[];
  /** Suggested, and not ended yet. */
  readonly open: readonly OpenTrial[];
}

/**
 * The sampler of one study. What it suggests is a function of study, seed and record alone: whoever rebuilds it from the
 * same record gets the same.
 */
export interface Sampler {
  /** Parameters for the trial of the next number, given the record. */
  ask(record: StudyRecord, number: number): Promise<Suggestion>;
  /** Whether a trial under way should be given up, after what it has reported last. */
  shouldPrune(
    record: StudyRecord,
    running: { readonly number: number; readonly intermediates: readonly Intermediate[] },
  ): Promise<boolean>;
  close(): Promise<void>;
}
