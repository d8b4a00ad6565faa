/**
 * The shape of an experiment as a team writes it.
 * @module
 */
import { z } from "zod";
import { experimentSpec, guardrailSpec } from "./experiment-spec.ts";
import { isRecord } from "./plain.ts";
import { duration, durationPattern, toSeconds } from "./units.ts";

/** More arms than anybody has the units for. */
const mostArms = 8;

const longer = (least: number, expected: string) =>
  duration.refine((text) => !durationPattern.test(text) || toSeconds(text) >= least, expected);

/**
 * @param model a reference to a model of the project
 * @param isMetric whether a value is a metric that there is
 */
export function shapeExperiment(model: z.ZodType, isMetric: (value: unknown) => boolean) {
  const labelMetric = z.custom(
    (value) => value === "label" || isMetric(value),
    'a metric such as accuracy, or "label"',
  );
  const anyMetric = z.custom(
    (value) => value === "label" || value === "errors" || value === "slow" || isMetric(value),
    'a metric such as accuracy, "label", "errors" or "slow"',
  );
  const { shape } = experimentSpec;
  return z.strictObject({
    kind: z.literal("experiment"),
    name: z.string(),
    arms: z
      .record(z.string(), model)
      .refine(
        (arms) => countFields(arms) >= 2 && countFields(arms) <= mostArms,
        `two to ${mostArms} models by the names of arms`,
      ),
    control: z.string().optional(),
    unit: z.string().optional(),
    metric: labelMetric,
    better: shape.better.optional(),
    per: shape.per.optional(),
    minimum: shape.minimum,
    guardrails: z
      .array(
        guardrailSpec.extend({
          metric: anyMetric,
          over: z.number().positive().optional(),
          better: guardrailSpec.shape.better.optional(),
        }),
      )
      .optional(),
    allocation: z.record(z.string(), z.number().positive().max(1)).optional(),
    alpha: z.number().min(0.0001).max(0.5).optional(),
    power: z.number().min(0.5).max(0.999).optional(),
    window: duration.optional(),
    atMost: longer(60, '"1 minute" or more').optional(),
    decide: shape.decide.optional(),
  });
}

function countFields(value: unknown): number {
  return isRecord(value) ? Object.keys(value).length : 0;
}
