/**
 * Tuning: how the parameters of a training job are searched, as a team writes it.
 * @module
 */
import type { z } from "zod";
import type { Distribution } from "./distribution.ts";
import type { Wrong } from "./inferred.ts";
import type { Metric, Task } from "./metric.ts";
import type { Duration } from "./units.ts";

/** Gives up a trial that is worse than the median of earlier ones at the same step. */
export interface MedianPruner {
  readonly kind: "median";
  /**
   * How many trials must have been completed before one is given up. A whole number, 0 or more.
   * @default 5
   */
  readonly startup?: number;
  /**
   * Up to which step no trial is given up. A whole number, 0 or more.
   * @default 0
   */
  readonly warmup?: number;
}

/** Asynchronous successive halving: of the trials that came to a rung, the best one in `factor` goes on. */
export interface AshaPruner {
  readonly kind: "asha";
  /**
   * The step of the first rung; each further one is `factor` times as far. A whole number, at least 1.
   * @default 1
   */
  readonly minSteps?: number;
  /**
   * A whole number, at least 2.
   * @default 4
   */
  readonly factor?: number;
}

/** Several brackets of successive halving, from the one that gives up early to the one that never does. */
export interface HyperbandPruner {
  readonly kind: "hyperband";
  /**
   * The step of the first rung. A whole number, at least 1.
   * @default 1
   */
  readonly minSteps?: number;
  /**
   * The step that a trial reports last. A whole number, not less than `minSteps`.
   * @example 200
   */
  readonly maxSteps: number;
  /**
   * A whole number, at least 2.
   * @default 3
   */
  readonly factor?: number;
}

/** What gives up trials that do worse than others at the same step; a name takes its defaults. */
export type Pruner = "none" | "median" | "asha" | MedianPruner | AshaPruner | HyperbandPruner;

/** What ends a study beside the number of its trials: no further one is begun then, and those under way end. */
export interface Budget {
  /**
   * How long after the study began trials are begun. More than 0.
   * @default however long
   * @example "2 hours"
   */
  readonly time?: Duration;
  /**
   * For how many hours of one GPU its trials may use GPUs. More than 0.
   * @default however many
   * @example 12
   */
  readonly gpuHours?: number;
}

/** A schema without its default. */
type Bare<S> = S extends z.ZodDefault<infer I> ? I : S;

/** What a parameter of a schema may be searched by; `All` are the values of all parameters, for conditions. */
type SearchOf<S, All> =
  Bare<S> extends z.ZodInt
    ? Distribution<number, Partial<All>> & { readonly kind: "int" | "choice" }
    : z.output<S & z.ZodType> extends infer V
      ? Distribution<V, Partial<All>>
      : never;

/** A space over the parameters of `P`. */
type SpaceOf<P extends z.ZodObject> = {
  readonly [K in keyof P["shape"] & string]?: SearchOf<P["shape"][K], z.output<P>>;
};

/** How the parameters `P` are searched, for labels of a task. */
export interface Tuning<P extends z.ZodObject = z.ZodObject, T extends Task = never> {
  /**
   * What may be searched, by the names of parameters: those left out keep their defaults. A sampler draws them in this order.
   * @example { leaves: int(8, 256, "log"), rate: float(0.01, 0.3, "log") }
   */
  readonly space: SpaceOf<P>;
  /**
   * What is sought, measured by Steward on the validation rows; the metric says whether high or low. Of several, in a list,
   * the best by the first is taken among the trials that no other one beats in all.
   * @example auc
   */
  readonly objective: Metric<string, T> | readonly [Metric<string, T>, ...Metric<string, T>[]];
  /**
   * How many sets of parameters are tried at most. A whole number, at least 1.
   * @example 30
   */
  readonly trials: number;
  /**
   * How the next parameters are chosen: `"tpe"` and `"gp"` by what earlier trials showed, `"cma-es"` by evolution, for
   * numbers alone, `"random"`, or `"grid"`, which tries every value and needs spaces that have finitely many.
   * @default "tpe"
   * @example "random"
   */
  readonly sampler?: "tpe" | "gp" | "cma-es" | "random" | "grid";
  /**
   * When a trial that does worse than others is given up, by what its trainer reports under the objective's name. With one
   * objective alone.
   * @default "none"
   * @example { kind: "median", warmup: 20 }
   */
  readonly pruner?: Pruner;
  /**
   * How many trials run at a time at most. As many do as the machine has cores and GPUs for; the others wait their turn. A whole
   * number, at least 1.
   * @default 1
   * @example 2
   */
  readonly parallel?: number;
  /**
   * What else ends the study.
   * @default nothing but the number of trials
   * @example { time: "2 hours" }
   */
  readonly budget?: Budget;
  /**
   * Which share of its trials may fail before the study does. From 0 to 1. One whose job used up its memory is tried again, with the
   * same parameters, once `resources.memory` is raised.
   * @default 0.5
   * @example 0.1
   */
  readonly failures?: number;
  /**
   * Whether the sampler is first told what earlier studies of the same job, with the same objectives, have shown.
   * @default false
   * @example true
   */
  readonly warmStart?: boolean;
}

/** What `tune` takes: nothing where no rows are set apart to choose by. `D` is how long the validation rows last. */
export type TuningOf<P extends z.ZodObject, T extends Task, D> = [D] extends [undefined]
  ? Wrong<"tune chooses by the validation rows: give split a validation">
  : Tuning<P, T>;
