/**
 * What a spec says of an endpoint's experiment.
 * @module
 */
import { z } from "zod";
import { duration } from "./units.ts";

/** What a measure of one request is called that needs no label. */
export const requestMeasures = ["errors", "slow"] as const;

/** A model beside others. */
export const armSpec = z.strictObject({
  name: z.string(),
  /** The model's name. */
  model: z.string(),
  /** The share of units that it answers, in basis points. */
  weight: z.int().min(1),
});
export type ArmSpec = z.output<typeof armSpec>;

/** What no arm may be worse in than the control. */
export const guardrailSpec = z.strictObject({
  /** The name of a metric, `label`, `errors` or `slow`. */
  metric: z.string(),
  /** How many milliseconds an answer may take until it is slow. @default it is another measure */
  over: z.number().optional(),
  better: z.enum(["higher", "lower"]),
  /** How much worse an arm may be, in the metric's unit. */
  by: z.number().positive(),
});
export type GuardrailSpec = z.output<typeof guardrailSpec>;

export const experimentSpec = z.strictObject({
  name: z.string(),
  /** In the order in which units are laid out. */
  arms: z.array(armSpec).min(2),
  /** The arm that the others are compared with. */
  control: z.string(),
  /** The column of a request that names its unit. @default the header `steward-unit` does */
  unit: z.string().optional(),
  /** The name of a metric of matured labels, or `label`, their mean. */
  metric: z.string(),
  better: z.enum(["higher", "lower"]),
  /** What counts the same: each unit, or each row. */
  per: z.enum(["unit", "row"]),
  /** The smallest difference worth finding, in the metric's unit. */
  minimum: z.number().positive(),
  guardrails: z.array(guardrailSpec),
  alpha: z.number(),
  power: z.number(),
  /** How long after its first request the requests of a unit count. */
  window: duration,
  /** How long the experiment lasts at most. */
  atMost: duration,
  decide: z.enum(["recommend", "promote"]),
});
export type ExperimentSpec = z.output<typeof experimentSpec>;

/** What of an experiment decides who answers whom. */
export interface DealtExperiment extends Pick<ExperimentSpec, "name" | "arms" | "control"> {
  /** What the assignment of units to arms is salted with: `saltExperiment`. */
  readonly salt: string;
  /** How the endpoint itself looks at it. @default an older Steward asked for it: whoever runs `steward experiment` looks */
  readonly looks?: ExperimentLooks;
}

/** How an endpoint looks at its experiment. */
export interface ExperimentLooks {
  /** What tells one experiment from another: `identifyExperiment`. What was decided of another is not of this one. */
  readonly identity: string;
  /** How long after one look the next comes, in seconds: `chooseLookPause`. */
  readonly pause: number;
  readonly decide: ExperimentSpec["decide"];
}
