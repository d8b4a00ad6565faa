/**
 * What a study's sampler and the process with Optuna say to each other: lines of JSON, one answer for each question.
 * @module
 */
import { z } from "zod";
import type { PrunerSpec, TuningSpec } from "../../definitions/tuning-spec.ts";
import {
  countGrid,
  type Dimension,
  type Drawn,
  describeDimensions,
  encodeParams,
  findParamFaults,
} from "./search-space.ts";
import type { Intermediate, Study, Trial, TrialParams } from "./study.ts";

/** A study, as the process is told of it. */
interface ToldStudy {
  readonly identity: string;
  readonly sampler: TuningSpec["sampler"];
  readonly pruner: PrunerSpec;
  readonly directions: readonly ("minimize" | "maximize")[];
  readonly dimensions: readonly Dimension[];
  readonly seed: number;
  /** How many cells a grid has; the sampler draws one of them. @default it is no grid */
  readonly cells?: number;
}

/** A trial that ended, as the process is told of it. */
export interface ToldTrial {
  readonly number: number;
  readonly params: Drawn;
  readonly state: Trial["state"];
  readonly values: readonly number[];
  /** Pairs of step and value, in the order of the steps. */
  readonly intermediates: readonly (readonly [number, number])[];
}

/** A trial under way, as the process is told of it. */
export type ToldOpen = Pick<ToldTrial, "number" | "params" | "intermediates">;

export type Question =
  | { readonly do: "open"; readonly study: ToldStudy; readonly earlier: readonly ToldTrial[] }
  | { readonly do: "tell"; readonly trials: readonly ToldTrial[] }
  | { readonly do: "ask"; readonly number: number; readonly open: readonly ToldOpen[] }
  | { readonly do: "prune"; readonly number: number; readonly open: readonly ToldOpen[] };

export const answerSchema = z.union([
  z.strictObject({ opened: z.literal(true) }),
  z.strictObject({ told: z.int() }),
  z.strictObject({ drawn: z.record(z.string(), z.number()) }),
  z.strictObject({ prune: z.boolean() }),
  /** What went wrong, in Python's words. */
  z.strictObject({ failure: z.string() }),
]);
export type Answer = z.output<typeof answerSchema>;

/** The one dimension of a grid: a cell of it, whose parameters are known here. */
export const gridCell = "cell";

/** Opens a study in a process that may know of another, or of another state of it. */
export function composeOpening({ identity, tuning, seed, earlier = [] }: Study): Question {
  const { sampler, pruner, objectives, space } = tuning;
  const directions = objectives.map(({ direction }) => direction);
  const study = { identity, sampler, pruner, directions, seed };
  if (sampler === "grid") {
    const cells = countGrid(space) ?? 0;
    const cell: Dimension = { name: gridCell, kind: "int", low: 0, high: cells - 1, step: 1, log: false };
    return { do: "open", study: { ...study, dimensions: [cell], cells }, earlier: [] };
  }
  const told = chooseEarlier(tuning, earlier).map((trial, number) => describeTrial(tuning, { ...trial, number }));
  return { do: "open", study: { ...study, dimensions: describeDimensions(space) }, earlier: told };
}

/**
 * The trials of earlier studies that say something of this one: not failed, with values for these objectives, and with
 * parameters that this space has.
 */
export function chooseEarlier({ objectives, space }: TuningSpec, earlier: readonly Trial[]): Trial[] {
  return earlier.filter(
    ({ state, values, params }) =>
      (state === "pruned" || (state === "completed" && values.length === objectives.length)) &&
      findParamFaults(space, params).length === 0,
  );
}

/** A trial that ended, as the process is told of it. */
export function describeTrial(tuning: TuningSpec, trial: Omit<Trial, "format">): ToldTrial {
  const { number, state, values } = trial;
  return { ...describeOpen(tuning, trial), number, state, values };
}

/** A trial under way, as the process is told of it. */
export function describeOpen(
  { sampler, space }: TuningSpec,
  trial: { readonly number: number; readonly params: TrialParams; readonly intermediates?: readonly Intermediate[] },
): ToldOpen {
  const { number, params, intermediates = [] } = trial;
  return {
    number,
    // The cells of a grid follow from the seed alone.
    params: sampler === "grid" ? {} : encodeParams(space, params),
    intermediates: intermediates.map(({ step, value }) => [step, value] as const).toSorted(([a], [b]) => a - b),
  };
}
