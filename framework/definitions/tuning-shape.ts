/**
 * The shape of what a team writes under `tune`. What a schema says as its message is what is expected.
 * @module
 */
import { z } from "zod";
import { duration, durationPattern, toSeconds } from "./units.ts";

const paramValue = z.union([z.string(), z.number(), z.boolean()], "a string, a number or a boolean");
/** A distribution keeps the method with which it was, or could have been, bound to a condition. */
const common = {
  condition: z.strictObject({ param: z.string(), is: paramValue }).optional(),
  when: z.unknown().optional(),
};
const scale = z.enum(["linear", "log"]);

const writtenDistribution = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("int"),
      low: z.int(),
      high: z.int(),
      scale,
      step: z.int().min(1).optional(),
      ...common,
    }),
    z.strictObject({ kind: z.literal("float"), low: z.number(), high: z.number(), scale, ...common }),
    z.strictObject({ kind: z.literal("choice"), values: z.array(paramValue).min(1), ...common }),
  ],
  "int(…), float(…) or choice(…)",
);
export type WrittenDistribution = z.output<typeof writtenDistribution>;

const writtenPruner = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("median"),
    startup: z.int().min(0).optional(),
    warmup: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("asha"), minSteps: z.int().min(1).optional(), factor: z.int().min(2).optional() }),
  z.strictObject({
    kind: z.literal("hyperband"),
    minSteps: z.int().min(1).optional(),
    maxSteps: z.int().min(1),
    factor: z.int().min(2).optional(),
  }),
]);
export type WrittenPruner = "none" | "median" | "asha" | z.output<typeof writtenPruner>;

export interface WrittenObjective {
  readonly name: string;
  readonly tasks: readonly string[];
}

/**
 * The shape of `tune`.
 *
 * @param isMetric whether a value is a metric that there is
 */
export function shapeTuning(isMetric: (value: unknown) => boolean) {
  const isObjective = (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 && value.every(isMetric) : isMetric(value);
  return z.strictObject({
    space: z.record(z.string(), writtenDistribution, "{ <parameter>: int(…), float(…) or choice(…) }"),
    objective: z.custom<WrittenObjective | readonly WrittenObjective[]>(
      isObjective,
      "a metric such as auc, or a list of metrics",
    ),
    trials: z.int().min(1).max(100_000),
    sampler: z.enum(["tpe", "gp", "cma-es", "random", "grid"]).optional(),
    pruner: z
      .union(
        [z.enum(["none", "median", "asha"]), writtenPruner],
        '"none", "median", "asha", or { kind: "median", … }, { kind: "asha", … } or { kind: "hyperband", maxSteps: … }',
      )
      .optional(),
    parallel: z.int().min(1).max(10_000).optional(),
    budget: z
      .strictObject({
        time: duration
          .refine((text) => !durationPattern.test(text) || toSeconds(text) > 0, 'more than "0 seconds"')
          .optional(),
        gpuHours: z.number().positive().optional(),
      })
      .optional(),
    failures: z.number().min(0).max(1).optional(),
    warmStart: z.boolean().optional(),
  });
}
export type WrittenTuning = z.output<ReturnType<typeof shapeTuning>>;
