/**
 * Experiments: several models answer the callers of one endpoint, each its share, until the labels tell which is better.
 * @module
 */
import { infer, type inferred } from "./inferred.ts";
import type { Metric, TaskOf } from "./metric.ts";
import type { Model } from "./model.ts";
import { readOptions } from "./options.ts";
import type { Duration } from "./units.ts";

/** What is asked of the answers of an arm beside those of the control. */
export interface ExperimentGuardrail<L = unknown> {
  /**
   * What is measured: a metric that is a mean over rows, such as `accuracy` or `mae`; `label`, the mean of the labels; `errors`,
   * the share of requests that the server failed to answer; `slow`, the share of answers that took longer than `over`. The last two
   * need no labels.
   * @example "errors"
   */
  readonly metric: Metric<string, TaskOf<L>> | "label" | "errors" | "slow";
  /**
   * How many milliseconds an answer may take until it is slow. More than 0; of `slow` alone, which needs it.
   * @default none: it is of "slow" alone
   * @example 50
   */
  readonly over?: number;
  /**
   * Which values are better. Only of `label`, which needs it.
   * @default what the metric says
   * @example "higher"
   */
  readonly better?: "higher" | "lower";
  /**
   * How much worse than the control the arm may be, in the metric's unit: the arm is stopped once it is worse by more, for certain.
   * More than 0.
   * @example 0.002
   */
  readonly by: number;
}

/** What an experiment is made of. */
export interface ExperimentOptions<L, Request, A extends string> {
  /**
   * The models that answer, by the names of the arms: two to eight, all with the same label and the same request. Names are as those
   * of definitions; `champion`, `canary` and `shadow` are not free. Two arms may have one model, which tries the experiment itself.
   * @example { control: late, treatment: lateBigger }
   */
  readonly arms: { readonly [Arm in A]: Model<L, Request> };
  /**
   * The arm that the others are compared with. Its model is the endpoint's.
   * @default "control"
   * @example "today"
   */
  readonly control?: NoInfer<A>;
  /**
   * Who or what keeps its arm from request to request: a text, whole number or boolean column of the request. Units are
   * independent of one another, their requests are not. The typed route reads the column where the header `steward-unit` is not given;
   * all rows of a request are of one unit. Requests by features, in the Open Inference Protocol, have no columns: there the header alone says it.
   * @default the header `steward-unit` of a request, whatever its columns
   * @example "customer"
   */
  readonly unit?: keyof NoInfer<Request> & string;
  /**
   * What the arms are compared by, on matured labels: a metric that is a mean over rows or a ratio of two, such as `accuracy`,
   * `logLoss`, `recall` or `mae`; or `label`, the mean of the labels.
   * @example accuracy
   */
  readonly metric: Metric<string, TaskOf<NoInfer<L>>> | "label";
  /**
   * Which values are better. Only of `label`, which needs it.
   * @default what the metric says
   * @example "higher"
   */
  readonly better?: "higher" | "lower";
  /**
   * What counts the same: each `unit`, by the mean of its rows, or each `row`. Either way the units are what is independent.
   * @default "unit"
   * @example "row"
   */
  readonly per?: "unit" | "row";
  /**
   * The smallest difference worth finding, in the metric's unit. More than 0. It says how long the experiment takes; what is surely
   * smaller is no difference.
   * @example 0.01
   */
  readonly minimum: number;
  /**
   * What no arm may be worse in than the control. An arm that is worse is stopped, and the control answers its callers.
   * @default []
   * @example [{ metric: "errors", by: 0.002 }, { metric: "slow", over: 50, by: 0.01 }]
   */
  readonly guardrails?: readonly ExperimentGuardrail<NoInfer<L>>[];
  /**
   * The share of units that each arm has, all of them together 1, in steps of 0.0001.
   * @default the same for each arm
   * @example { control: 0.9, treatment: 0.1 }
   */
  readonly allocation?: { readonly [Arm in NoInfer<A>]: number };
  /**
   * The chance, at most, that the experiment finds any difference where there is none, however often it is looked at. 0.0001 to 0.5.
   * @default 0.05
   * @example 0.01
   */
  readonly alpha?: number;
  /**
   * The chance of finding the smallest difference worth finding, which the plan of the experiment is made for. 0.5 to 0.999.
   * @default 0.8
   * @example 0.9
   */
  readonly power?: number;
  /**
   * How long after its first request the requests of a unit count. Each unit counts once, when all of these are matured: so no
   * quick or busy unit counts before the others.
   * @default "1 day"
   * @example "7 days"
   */
  readonly window?: Duration;
  /**
   * How long the experiment lasts at most; what it has not found by then it says. At least a minute.
   * @default "60 days"
   * @example "28 days"
   */
  readonly atMost?: Duration;
  /**
   * What becomes of a decision. `recommend` has it told to people, who change the definition; arms that were not stopped keep their
   * callers until then. `promote` has the winner released in the place of the endpoint's model, once whoever its `approval` names agrees;
   * where no arm wins, what is in production answers all callers.
   * @default "recommend"
   * @example "promote"
   */
  readonly decide?: "recommend" | "promote";
}

/** An experiment among models that answer with `L` to a `Request`. */
export interface Experiment<L = unknown, Request = unknown> {
  readonly kind: "experiment";
  readonly name: string;
  readonly arms: Readonly<Record<string, Model>>;
  /** @default "control" */
  readonly control?: string;
  /** @default the header `steward-unit` */
  readonly unit?: string;
  readonly metric: Metric | "label";
  /** @default what the metric says */
  readonly better?: "higher" | "lower";
  /** @default "unit" */
  readonly per?: "unit" | "row";
  readonly minimum: number;
  /** @default none */
  readonly guardrails?: readonly (Omit<ExperimentGuardrail, "metric"> & {
    readonly metric: Metric | "label" | "errors" | "slow";
  })[];
  /** @default the same for each arm */
  readonly allocation?: Readonly<Record<string, number>>;
  /** @default 0.05 */
  readonly alpha?: number;
  /** @default 0.8 */
  readonly power?: number;
  /** @default "1 day" */
  readonly window?: Duration;
  /** @default "60 days" */
  readonly atMost?: Duration;
  /** @default "recommend" */
  readonly decide?: "recommend" | "promote";
  /** Never set: it carries the types. */
  readonly [inferred]: { readonly label: L; readonly request: Request };
}

/**
 * Declares an experiment. It stands in `experiment` of an endpoint: which arm a unit gets is a pure function of the endpoint's name,
 * the experiment's and the unit, so a unit keeps its arm, and another name deals them anew. The endpoint looks at it by itself, stops
 * arms that are worse or cross a guardrail, and records the first look that decides: whatever is known later, that is the decision.
 *
 * @param name lower-case letters, digits and hyphens, at most 63
 * @example
 * experiment("bigger-trees", {
 *   arms: { control: late, treatment: lateBigger },
 *   metric: accuracy,
 *   minimum: 0.01,
 *   guardrails: [{ metric: "errors", by: 0.002 }],
 * })
 */
export function experiment<L, Request, const A extends string>(
  name: string,
  options: ExperimentOptions<L, Request, A>,
): Experiment<L, Request> {
  const own = { kind: "experiment", name } as const;
  return infer<Experiment<L, Request>>({ ...own, ...readOptions(options, own) } as never);
}
