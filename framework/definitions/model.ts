/**
 * Models: a training job, what its results are judged by, and who must agree before one is released.
 * @module
 */
import type { Gate } from "./gate.ts";
import type { Metric } from "./metric.ts";
import type { ModelSpec } from "./spec.ts";
import type { TrainingJob } from "./training-job.ts";
import type { Duration } from "./units.ts";

export interface Approval {
  /** The roles or people who may agree. At least one. */
  readonly from: readonly string[];
  /** How many of them must. A whole number, at least 1. @default 1 */
  readonly count?: number;
  /** Whose own agreement does not count. @default anybody's counts */
  readonly notBy?: "author";
}

/** What a level of risk obliges to write down. */
interface Obligations {
  readonly low: unknown;
  readonly limited: unknown;
  readonly high: {
    /** How long the evidence is kept. */
    readonly retention: Duration;
    /** How people oversee the model's use. */
    readonly oversight: string;
    /** What the model is for, and what not. */
    readonly intendedUse: string;
    /** Who must agree before a release: at high risk the definition says so. An environment may still waive it, for development. */
    readonly approval: Approval;
  };
}

export type Risk = keyof Obligations;
type TaskOf<L> = [L] extends [boolean] ? "binary" : [L] extends [number] ? "regression" : never;

export interface ModelOptions<
  L,
  Request,
  Baseline extends string,
  Slice extends string,
  M extends readonly Metric<string, TaskOf<NoInfer<L>>>[],
  R extends Risk,
> {
  /** The team that answers for the model. Not empty. */
  readonly owner: string;
  /** The level of risk of the model's use, as the EU's AI Act divides it. `high` brings obligations. */
  readonly risk: R;
  /** The training job whose results are this model's versions. */
  readonly training: TrainingJob<L, Request, Baseline, Slice>;
  /** What every candidate is measured by. At least one; they fit the training job's task. */
  readonly metrics: M;
  /** What an honest person would go by without a model: a number or boolean feature. @default none: only the mean label is compared */
  readonly baseline?: NoInfer<Baseline>;
  /** What a candidate must show, all of it, on metrics above. An empty list lets every candidate pass. */
  readonly gates: readonly Gate<NoInfer<M>[number]["name"], NoInfer<Slice>>[];
  /** Who must agree before a release. @default "waived" — nobody is asked */
  readonly approval?: Approval | "waived";
}

/** A model that answers with `L` to a `Request`. */
export interface Model<L = unknown, Request = unknown> {
  readonly kind: "model";
  readonly name: string;
  readonly owner: string;
  readonly risk: Risk;
  /** @default none */
  readonly obligations?: NonNullable<ModelSpec["obligations"]>;
  readonly training: TrainingJob<L, Request>;
  readonly metrics: readonly Metric[];
  /** @default none */
  readonly baseline?: string;
  readonly gates: readonly Gate<string, string>[];
  readonly approval: Approval | "waived";
}

/**
 * Declares a model.
 *
 * @example
 * model("late-arrival", {
 *   owner: "ops-ml", risk: "limited", training: lateTraining,
 *   metrics: [auc], gates: [auc.atLeast(0.67), auc.noWorseThan("production", { by: 0.005 })],
 * })
 */
export function model<
  L,
  Request,
  Baseline extends string,
  Slice extends string,
  const M extends readonly Metric<string, TaskOf<NoInfer<L>>>[],
  R extends Risk,
>(name: string, options: ModelOptions<L, Request, Baseline, Slice, M, R> & Obligations[R]): Model<L, Request> {
  const { owner, risk, training, metrics, baseline, gates, approval = "waived" } = options;
  return {
    kind: "model",
    name,
    owner,
    risk,
    training,
    metrics,
    gates,
    approval,
    ...(baseline !== undefined && { baseline }),
    ...(isHighRisk(options) && { obligations: pickObligations(options) }),
  };
}

type HighRisk = { readonly risk: "high" } & Obligations["high"];

function isHighRisk(options: { readonly risk: Risk }): options is HighRisk {
  return options.risk === "high";
}

function pickObligations({ retention, oversight, intendedUse }: HighRisk): NonNullable<ModelSpec["obligations"]> {
  return { retention, oversight, intendedUse };
}
