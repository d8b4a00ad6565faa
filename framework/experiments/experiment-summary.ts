/**
 * The summary of an experiment: all that its inference reads, and no row of anybody. Cohorts follow one another in time, so that what
 * was known at any look can be had again: a decision is a function of it and of the spec.
 * @module
 */
import { z } from "zod";
import { type GuardrailSpec, requestMeasures } from "../definitions/experiment-spec.ts";
import { versioned } from "../definitions/versioned.ts";
import { unitMomentsSchema } from "./unit-moments.ts";

const moment = z.iso.datetime();

/** What became complete in one arm within a cohort. */
export const armCohortSchema = z.strictObject({
  /** Units whose first request came in it. */
  exposed: z.int().min(0),
  /** Units whose requests are all matured now, with a label or without. */
  matured: z.int().min(0),
  /** By the names of measures, the units that became complete in it; of a metric those that have a label at least. */
  measures: z.record(z.string(), unitMomentsSchema),
});
export type ArmCohort = z.output<typeof armCohortSchema>;

export const experimentSummarySchema = versioned("experiment-summary", {
  endpoint: z.string(),
  experiment: z.string(),
  /** When the first unit could be dealt to an arm. */
  begun: moment,
  /** As of when it is: nothing that was known later is in it. */
  asOf: moment,
  /** Units whose first requests more than one arm answered: they are exposed, and in no measure. */
  crossed: z.int().min(0),
  /** In the order of time. */
  cohorts: z.array(
    z.strictObject({
      /** Until when things became complete that are in it, and in none before it. */
      until: moment,
      /** By the names of arms. */
      arms: z.record(z.string(), armCohortSchema),
    }),
  ),
});
export type ExperimentSummary = z.output<typeof experimentSummarySchema>;

/** Whether a measure is of requests, and needs no label. */
export function isOfRequests(metric: string): boolean {
  return requestMeasures.some((one) => one === metric);
}

/** The name of a measure in summaries: `accuracy`, `slow over 50 ms`. */
export function nameMeasure({ metric, over }: Pick<GuardrailSpec, "metric" | "over">): string {
  return over === undefined ? metric : `${metric} over ${over} ms`;
}
