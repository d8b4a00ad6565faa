/**
 * Models: a training job, what its results are judged by, and who must agree before one is released.
 * @module
 */
import type { Gate } from "./gate.ts";
import type { Wrong } from "./inferred.ts";
import type { Metric, TaskOf } from "./metric.ts";
import type { ModelTest } from "./model-test.ts";
import { readOptions } from "./options.ts";
import { notePlace } from "./place.ts";
import type { ModelSpec } from "./spec.ts";
import type { TrainingJob } from "./training-job.ts";
import type { Duration } from "./units.ts";

/** Who must agree before a version is released. */
export interface Approval {
  /**
   * The roles or people who may agree. At least one.
   * @example ["ops-lead", "model-risk"]
   */
  readonly from: readonly string[];
  /**
   * How many of them must. A whole number, at least 1.
   * @default 1
   * @example 2
   */
  readonly count?: number;
  /**
   * Whose own agreement does not count: `author` is who applied the definition.
   * @default anybody's counts
   * @example "author"
   */
  readonly notBy?: "author";
}

/** What a model of high risk says beyond the others. */
export interface HighRisk {
  /**
   * How long the evidence is kept. More than 0.
   * @example "3650 days"
   */
  readonly retention: Duration;
  /**
   * How people oversee the model's use, in words. Not empty.
   * @example "A dispatcher reads every refusal and may overrule it."
   */
  readonly oversight: string;
  /**
   * What the model is for, and what not, in words. Not empty.
   * @example "Orders the queue of applications; never refuses one by itself."
   */
  readonly intendedUse: string;
  /**
   * Who must agree before a release: at high risk the definition says so. An environment may still waive it, for
   * development.
   * @example { from: ["model-risk"], count: 2, notBy: "author" }
   */
  readonly approval: Approval;
}

/** What a level of risk obliges to write down. */
type Obligations = { readonly low: unknown; readonly limited: unknown; readonly high: HighRisk };

/** How much harm the use of a model can do, as the EU's AI Act divides it. */
export type Risk = keyof Obligations;
/** What a model is made of. */
export interface ModelOptions<
  L,
  Request,
  Baseline extends string,
  Slice extends string,
  M extends readonly Metric<string, TaskOf<NoInfer<L>>>[],
  R extends Risk,
  Defaults = unknown,
> {
  /**
   * The team that answers for the model. Not empty.
   * @example "ops-ml"
   */
  readonly owner: string;
  /**
   * The level of risk of the model's use, as the EU's AI Act divides it: `low`, `limited` or `high`, which brings the
   * obligations `retention`, `oversight`, `intendedUse` and `approval`.
   * @example "limited"
   */
  readonly risk: R;
  /**
   * The training job whose results are this model's versions.
   * @example lateTraining
   */
  readonly training: TrainingJob<L, Request, Baseline, Slice, Defaults>;
  /**
   * What every candidate is measured by. At least one; they fit the label: `auc`, `logLoss`, `brier` and `accuracy` a
   * boolean, `macroF1`, `logLoss` and `topK(3)` one of several classes, `rmse`, `mae` and `r2` a number.
   * @example [auc, logLoss]
   */
  readonly metrics: [M[number]] extends [never] ? Wrong<"a model is judged by one metric or more"> : M;
  /**
   * What an honest person would go by without a model: the name of a number or boolean feature, which counts as it is before
   * its preprocessing.
   * @default none: only the mean label is compared
   * @example "originDelay7d"
   */
  readonly baseline?: NoInfer<Baseline>;
  /**
   * What a candidate must show, all of it, on metrics above. An empty list lets every candidate pass.
   * @example [auc.atLeast(0.67), auc.noWorseThan("production", { by: 0.005 })]
   */
  readonly gates: readonly Gate<NoInfer<M>[number]["name"], NoInfer<Slice>>[];
  /**
   * What a candidate must do whatever its metrics say. Each test is made on test rows, and on rows made of them; one that fails
   * holds the candidate back as a gate does.
   * @default nothing is tested
   * @example [deterministic(), inRange(0, 1), monotone("distance", { direction: "up", tolerance: 0.01, share: 0.05 })]
   */
  readonly tests?: readonly ModelTest<NoInfer<keyof Defaults & string>, NoInfer<Baseline>>[];
  /**
   * Who must agree before a release.
   * @default "waived" — nobody is asked
   * @example { from: ["ops-lead"], count: 1, notBy: "author" }
   */
  readonly approval?: Approval | "waived";
}

/** A model that answers with `L` to a `Request`; an endpoint may declare `Defaults` for its features. */
export interface Model<L = unknown, Request = unknown, Defaults = unknown> {
  readonly kind: "model";
  readonly name: string;
  readonly owner: string;
  readonly risk: Risk;
  /** @default none */
  readonly obligations?: NonNullable<ModelSpec["obligations"]>;
  readonly training: TrainingJob<L, Request, string, string, Defaults>;
  readonly metrics: readonly Metric[];
  /** @default none */
  readonly baseline?: string;
  readonly gates: readonly Gate<string, string>[];
  /** @default none */
  readonly tests?: readonly ModelTest[];
  readonly approval: Approval | "waived";
}

/**
 * Declares a model: a training job, what its results are judged by, and who must agree before one is released. An endpoint
 * serves it.
 *
 * @param name lower-case letters, digits and hyphens, at most 63; no other model of the project has it
 * @example
 * const late = model("late-arrival", {
 *   owner: "ops-ml",
 *   risk: "limited",
 *   training: lateTraining,
 *   metrics: [auc, logLoss],
 *   gates: [auc.atLeast(0.67), auc.atLeast(0.6).on(bySlice("origin", { min: 500 }))],
 *   approval: { from: ["ops-lead"], notBy: "author" },
 * });
 */
export function model<
  L,
  Request,
  Baseline extends string,
  Slice extends string,
  const M extends readonly Metric<string, TaskOf<NoInfer<L>>>[],
  R extends Risk,
  Defaults,
>(
  name: string,
  options: ModelOptions<L, Request, Baseline, Slice, M, R, Defaults> & Obligations[R],
): Model<L, Request, Defaults> {
  const own = { kind: "model", name } as const;
  const { retention, oversight, intendedUse, ...rest } = readOptions<Given<L, Request, Defaults>>(
    options as never,
    own,
  );
  const obligations = { retention, oversight, intendedUse };
  const isHighRisk = rest.risk === "high";
  const defined: Model<L, Request, Defaults> = {
    ...own,
    // At high risk the definition says itself who must agree.
    ...(!isHighRisk && { approval: "waived" }),
    // At another level of risk they are options that a model does not have.
    ...(isHighRisk ? { obligations } : obligations),
    ...rest,
  };
  return notePlace(defined, model);
}

/** What a model's options are once the compiler has seen them. */
type Given<L, Request, Defaults> = Model<L, Request, Defaults> & HighRisk;
