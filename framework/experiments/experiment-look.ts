/**
 * A look at an experiment, as its endpoint keeps it: what was known, and what was decided by it. The next look goes on from it.
 * @module
 */
import { z } from "zod";
import { versioned } from "../definitions/versioned.ts";
import { variantEvidenceSchema } from "../serving/variants/evidence.ts";
import { experimentDecisionSchema } from "./experiment-decision.ts";
import { experimentSummarySchema } from "./experiment-summary.ts";
import { unitMomentsSchema } from "./unit-moments.ts";

/** What a server has counted of an arm, as the next look counts on from it. */
const countedSchema = variantEvidenceSchema.pick({
  version: true,
  package: true,
  answered: true,
  failed: true,
  latency: true,
});
export type Counted = z.output<typeof countedSchema>;

/** By the names of arms, then of measures of requests. */
const requestMomentsSchema = z.record(z.string(), z.record(z.string(), unitMomentsSchema));
export type RequestMoments = z.output<typeof requestMomentsSchema>;

export const experimentLookSchema = versioned("experiment-look", {
  endpoint: z.string(),
  experiment: z.string(),
  /** Which experiment it is: `identifyExperiment`. */
  identity: z.string(),
  /** When it was looked at. */
  at: z.iso.datetime(),
  /** The cohorts that had ended by then, with what the server saw of requests meanwhile. */
  summary: experimentSummarySchema,
  /** What the server saw since the last of them ended. */
  open: requestMomentsSchema,
  /** What the server had counted of each arm by then, by its name; without an arm that it never spoke of. */
  counted: z.record(z.string(), countedSchema),
  decision: experimentDecisionSchema,
});
export type ExperimentLook = z.output<typeof experimentLookSchema>;
