/**
 * Training jobs: which features predict which label, on which split, by which trainer.
 * @module
 */
import type { z } from "zod";
import type { Category, Expression, LabelExpression, ReadsOf, ValueOf } from "./expression.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import type { FeatureRecord, FeatureSet, Features, JoinedFeatures } from "./features.ts";
import { infer, type inferred, type Wrong } from "./inferred.ts";
import type { NoLeak } from "./knowledge.ts";
import type { TaskOf } from "./metric.ts";
import { readOptions } from "./options.ts";
import { notePlace } from "./place.ts";
import type { Prepared } from "./preprocessing.ts";
import type { ColumnNames, Row } from "./row.ts";
import type { Trainer } from "./trainer.ts";
import type { TuningOf } from "./tuning.ts";
import type { Duration, Size } from "./units.ts";
import { readExpression } from "./written.ts";

/** How the rows are divided by time; `D` is how long the validation rows last. */
export interface Split<D extends Duration | undefined = Duration> {
  /**
   * The last rows by time. Evaluation reads them once per candidate, training never. More than 0.
   * @example "14 days"
   */
  readonly test: Duration;
  /**
   * The rows before the test rows, for choosing among trainings.
   * @default "0 seconds" — no rows are set apart for it
   * @example "7 days"
   */
  readonly validation?: D;
  /**
   * How much time lies unused between two parts, so that no label of one was still unknown when the next began. Not
   * shorter than the longest `known` of the columns the label reads.
   * @default that longest `known`
   * @example "12 hours"
   */
  readonly gap?: Duration;
}

/** What a job may use of the machine it runs on. */
export interface Resources {
  /**
   * Processor cores. More than 0.
   * @default 1
   * @example 2
   */
  readonly cpu?: number;
  /**
   * Memory of the job, which ends when it uses more.
   * @default "2 GiB"
   * @example "4 GiB"
   */
  readonly memory?: Size;
  /**
   * GPUs of the job, which nobody else is lent meanwhile. A job that asks for none sees none.
   * @default none
   * @example { count: 1, type: "h100" }
   */
  readonly gpu?: GpuRequest;
}

/** The GPUs that a job asks for. More than the machine has are a problem of the plan. */
export interface GpuRequest {
  /**
   * How many. A whole number, at least 1.
   * @example 1
   */
  readonly count: number;
  /**
   * Words of the name that a GPU must have, in any case: "h100" fits "NVIDIA H100 80GB HBM3".
   * @default any GPU will do
   * @example "h100"
   */
  readonly type?: string;
}

/** What follows the first feature set: sets that are joined to its dataset's rows. */
type Joined<E, Spine> =
  E extends JoinedFeatures<Spine, FeatureRecord, string>
    ? E
    : E extends FeatureSet
      ? Wrong<"a set after the first is joined to the first one's dataset: write set.by(dataset, (row) => ({ … }))">
      : Wrong<"the set is joined to the rows of another dataset than the first set's">;

/** What a training job is made of. */
export interface TrainingJobOptions<
  V,
  F extends FeatureRecord,
  L extends LabelExpression,
  J extends readonly unknown[],
  P extends z.ZodObject = z.ZodObject,
  D extends Duration | undefined = Duration,
> {
  /**
   * The feature sets. The first one's dataset is the spine: its rows are the examples, and the label is written against
   * it. Each other set is joined with `.by`. A feature's name occurs once.
   * @example [routes, weather.by(flights, (row) => ({ airport: row.origin }))]
   */
  readonly features: readonly [Features<V, F>, ...{ [I in keyof J]: Joined<J[I], V> }];
  /**
   * What is predicted: a boolean (the task is binary), a text of `z.enum` (multiclass: its values are the classes, in the schema's
   * order) or a number (a regression). The columns it reads say when they are `known`, and no feature reads them before.
   * @example (row) => row.delay.gt(15)
   */
  readonly label: (row: Row<V>) => NoLeak<F, L>;
  /**
   * How the rows are divided by time.
   * @example { validation: "7 days", test: "14 days" }
   */
  readonly split: Split<D>;
  /**
   * The program that trains.
   * @example python("train.py", { lock: "requirements.lock" })
   */
  readonly trainer: Trainer;
  /**
   * The trainer's parameters: strings, numbers and booleans, each with a default, which is its value.
   * @default z.object({})
   * @example z.object({ leaves: z.int().default(31) })
   */
  readonly params?: P;
  /**
   * How the parameters are searched. Each trial is a training; the best one by the validation rows is the candidate, as it is.
   * Needs rows for that: `validation` of the split.
   * @default they are not: the job runs once, with the defaults
   * @example { trials: 30, objective: auc, space: { leaves: int(8, 256, "log") } }
   */
  readonly tune?: TuningOf<P, TaskOf<ValueOf<L>>, D>;
  /**
   * Where the trainer's randomness begins. A whole number.
   * @default 0
   * @example 7
   */
  readonly seed?: number;
  /**
   * What the job may use.
   * @default { cpu: 1, memory: "2 GiB" }
   * @example { cpu: 4, memory: "16 GiB" }
   */
  readonly resources?: Resources;
}

/**
 * A training job for labels of type `L`, asked with `Request`; `Baseline` names features, `Slice` columns of the spine,
 * `Defaults` has the features with what may be served in their place.
 */
export interface TrainingJob<
  L = unknown,
  Request = unknown,
  Baseline extends string = string,
  Slice extends string = string,
  Defaults = unknown,
> {
  readonly kind: "training-job";
  readonly name: string;
  readonly spine: FeatureSet;
  readonly joined: readonly JoinedFeatures<unknown, FeatureRecord, string>[];
  readonly label: ExpressionTree;
  readonly split: Split;
  readonly trainer: Trainer;
  /** @default none */
  readonly params?: z.ZodObject;
  readonly seed: number;
  readonly resources: Resources;
  /** Never set: it carries the five types. */
  readonly [inferred]: {
    readonly label: L;
    readonly request: Request;
    readonly baseline: Baseline;
    readonly slice: Slice;
    readonly defaults: Defaults;
  };
}

/** One part of what is inferred of the joined sets, distributing over them, so that no set gives `never`. */
type OfJoined<E, Part extends "reads" | "columns"> =
  E extends JoinedFeatures<unknown, infer F, infer R> ? { reads: R; columns: F }[Part] : never;

/** The features that are numbers or truths, distributing over the sets. */
type MeasurableOf<F> = F extends FeatureRecord
  ? { [K in keyof F]: F[K] extends Expression<number | boolean | Prepared, string, string> ? K : never }[keyof F] &
      string
  : never;

/** The names of features with the values that each may have, distributing over the sets. */
type ValuesOf<F> = F extends FeatureRecord
  ? {
      [K in keyof F & string]: readonly [name: ServedName<K, ValueOf<F[K]>>, value: ServedValue<ValueOf<F[K]>>];
    }[keyof F & string]
  : never;

/** A vector is a feature for each of its numbers. */
type ServedName<K extends string, T> = T extends readonly number[] ? `${K}_${number}` : K;

/** What is served in the place of a feature: before any preprocessing. */
type ServedValue<T> = T extends Category<infer V> ? V : T extends boolean ? boolean : number;

/** What is known of a job from its parts. Members of an interface, so that a message shows types and not how they came about. */
interface Inferred<V, F extends FeatureRecord, J> {
  /** What a caller must send: the columns of the spine that the features and the joins read at the moment of the event. */
  readonly request: { [C in keyof V as C & (ReadsOf<F[keyof F]> | OfJoined<J, "reads">)]: V[C] };
  readonly baseline: MeasurableOf<F> | MeasurableOf<OfJoined<J, "columns">>;
  /** A value for each feature, all of them optional. */
  readonly defaults: {
    readonly [E in ValuesOf<F> | ValuesOf<OfJoined<J, "columns">> as E[0]]?: E[1] | null;
  };
}

/**
 * Declares a training job: which features predict which label, on which split, by which trainer. Models take its results.
 *
 * @param name lower-case letters, digits and hyphens, at most 63; no other training job of the project has it
 * @example
 * const lateTraining = trainingJob("late-training", {
 *   features: [routes],
 *   label: (row) => row.delay.gt(15),
 *   split: { validation: "7 days", test: "14 days" },
 *   trainer: python("train.py", { lock: "requirements.lock" }),
 *   params: z.object({ leaves: z.int().default(31) }),
 * });
 */
export function trainingJob<
  V,
  F extends FeatureRecord,
  L extends LabelExpression,
  const J extends readonly unknown[] = [],
  P extends z.ZodObject = z.ZodObject,
  const D extends Duration | undefined = undefined,
>(
  name: string,
  options: TrainingJobOptions<V, F, L, J, P, D>,
): TrainingJob<
  ValueOf<L>,
  Inferred<V, F, J[number]>["request"],
  Inferred<V, F, J[number]>["baseline"],
  ColumnNames<V>["slices"],
  Inferred<V, F, J[number]>["defaults"]
> {
  const own = { kind: "training-job", name } as const;
  const { features, label, seed = 0, resources = {}, tune, ...rest } = readOptions(options, own);
  // What is no list stays where the check of the shape finds it.
  const [spine, ...joined] = (Array.isArray(features) ? features : []) as unknown as readonly [
    FeatureSet,
    ...unknown[],
  ];
  const defined = infer<ReturnType<typeof trainingJob<V, F, L, J, P, D>>>({
    ...own,
    ...(!Array.isArray(features) && { features }),
    spine,
    // What is neither a joined set nor refused by the types does not exist.
    joined: joined as readonly JoinedFeatures<unknown, FeatureRecord, string>[],
    label: readExpression(label),
    seed,
    resources,
    // No part of the type: what it may be depends on the other parts, and whoever makes a job of another says it anew.
    ...(tune !== undefined && { tune }),
    ...(rest as Omit<typeof rest, "split"> & { readonly split: Split }),
  });
  return notePlace(defined, trainingJob);
}
