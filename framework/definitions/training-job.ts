/**
 * Training jobs: which features predict which label, on which split, by which trainer.
 * @module
 */
import type { z } from "zod";
import type { Expression, LabelExpression, ReadsOf, ValueOf } from "./expression.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import type { FeatureRecord, FeatureSet, Features, JoinedFeatures } from "./features.ts";
import type { NoLeak } from "./knowledge.ts";
import { type ColumnName, createRow, type Row } from "./row.ts";
import type { Trainer } from "./trainer.ts";
import type { Duration, Size } from "./units.ts";

export interface Split {
  /** The last rows by time. Evaluation reads them once per candidate, training never. More than 0. */
  readonly test: Duration;
  /** The rows before the test rows, for choosing among trainings. @default "0 seconds" — no rows are set apart for it */
  readonly validation?: Duration;
  /**
   * How much time lies unused between two parts, so that no label of one was still unknown when the next began. Not
   * shorter than the longest `known` of the columns the label reads. @default that longest `known`
   */
  readonly gap?: Duration;
}

export interface Resources {
  /** Processor cores. More than 0. @default 1 */
  readonly cpu?: number;
  /** Memory of the job. @default "2 GiB" */
  readonly memory?: Size;
}

export interface TrainingJobOptions<
  S extends z.ZodObject,
  F extends FeatureRecord,
  L extends LabelExpression,
  J extends readonly JoinedFeatures<S, FeatureRecord, string>[],
> {
  /**
   * The feature sets. The first one's dataset is the spine: its rows are the examples, and the label is written against
   * it. Each other set is joined with `.by`. A feature's name occurs once.
   */
  readonly features: readonly [Features<S, F>, ...J];
  /** What is predicted: a boolean (the task is binary) or a number (a regression). */
  readonly label: (row: Row<S>) => L & NoLeak<F, L>;
  /** How the rows are divided by time. */
  readonly split: Split;
  /** The program that trains. */
  readonly trainer: Trainer;
  /** The trainer's parameters: strings, numbers and booleans, each with a default, which is its value. @default z.object({}) */
  readonly params?: z.ZodObject;
  /** Where the trainer's randomness begins. A whole number. @default 0 */
  readonly seed?: number;
  /** What the job may use. @default { cpu: 1, memory: "2 GiB" } */
  readonly resources?: Resources;
}

/** A training job for labels of type `L`, asked with `Request`; `Baseline` names features, `Slice` columns of the spine. */
export interface TrainingJob<
  L = unknown,
  Request = unknown,
  Baseline extends string = string,
  Slice extends string = string,
> {
  readonly kind: "training-job";
  readonly name: string;
  readonly spine: FeatureSet;
  readonly joined: readonly JoinedFeatures<z.ZodObject, FeatureRecord, string>[];
  readonly label: ExpressionTree;
  readonly split: Split;
  readonly trainer: Trainer;
  /** @default none */
  readonly params?: z.ZodObject;
  readonly seed: number;
  readonly resources: Resources;
  /** Never set: it carries the four types. */
  readonly inferred?: {
    readonly label: L;
    readonly request: Request;
    readonly baseline: Baseline;
    readonly slice: Slice;
  };
}

/** One part of what is inferred of the joined sets, distributing over them, so that no set gives `never`. */
type OfJoined<E, Part extends "reads" | "columns"> = E extends { readonly inferred?: infer I }
  ? Part extends keyof NonNullable<I>
    ? NonNullable<I>[Part]
    : never
  : never;

/** What a caller must send: the columns of the spine that the features and the joins read at the moment of the event. */
type RequestFor<S extends z.ZodObject, F extends FeatureRecord, J extends readonly unknown[]> = Pick<
  z.output<S>,
  (ReadsOf<F[keyof F]> | OfJoined<J[number], "reads">) & ColumnName<S>
>;
/** The features that are numbers or truths, distributing over the sets. */
type MeasurableOf<F> = F extends FeatureRecord
  ? { [K in keyof F]: F[K] extends Expression<number | boolean, string, string> ? K : never }[keyof F] & string
  : never;
type SliceColumn<S extends z.ZodObject> = {
  [C in ColumnName<S>]: NonNullable<z.output<S>[C]> extends string | boolean ? C : never;
}[ColumnName<S>];

/**
 * Declares a training job.
 *
 * @example
 * trainingJob("late-training", {
 *   features: [routes], label: (row) => row.delay.gt(15), split: { test: "14 days" },
 *   trainer: python("train.py", { lock: "requirements.lock" }),
 * })
 */
export function trainingJob<
  S extends z.ZodObject,
  F extends FeatureRecord,
  L extends LabelExpression,
  const J extends readonly JoinedFeatures<NoInfer<S>, FeatureRecord, string>[] = [],
>(
  name: string,
  options: TrainingJobOptions<S, F, L, J>,
): TrainingJob<
  ValueOf<L>,
  RequestFor<S, F, J>,
  MeasurableOf<F> | MeasurableOf<OfJoined<J[number], "columns">>,
  SliceColumn<S>
> {
  const { features, label, seed = 0, resources = {}, ...rest } = options;
  const [spine, ...joined] = features;
  return { kind: "training-job", name, spine, joined, label: label(createRow<S>()).tree, seed, resources, ...rest };
}
