/**
 * The shape of an endpoint's rollout and shadows as a team writes them. What a schema says as its message is what is expected.
 * @module
 */
import { z } from "zod";
import { describeMetric } from "./metric.ts";
import { isRecord } from "./plain.ts";
import { ruleForms } from "./rollout-spec.ts";
import { duration, durationPattern, toSeconds } from "./units.ts";

const share = z.number().min(0).max(1);
const timeForm = 'a time such as "50 ms" or "2 seconds", above 0 and at most 10 seconds';
const over = z.int().min(1).max(1_000_000_000).optional();

/** How long an answer may take, in milliseconds. @returns nothing for what is no such time */
export function readResponseTime(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,5}(?:\.\d{1,6})?) (ms|seconds?)$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (unit === "ms" ? 1 : 1000);
  return milliseconds > 0 && milliseconds <= 10_000 ? milliseconds : undefined;
}

/** Refuses a limit that a metric never comes to. What is no metric is reported where the model's label is known. */
function checkRange(metric: string, limit: Readonly<Record<string, number>>, context: z.core.$RefinementCtx): void {
  const [low = -Infinity, high = Infinity] = describeMetric(metric)?.range ?? [];
  for (const [field, value] of Object.entries(limit)) {
    if (value >= low && value <= high) continue;
    const message =
      low === -Infinity ? `at most ${high}` : high === Infinity ? `${low} or more` : `a number from ${low} to ${high}`;
    context.addIssue({ code: "custom", path: [field], message });
  }
}

const rule = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("errorRate"), above: share, over }),
    z.strictObject({
      kind: z.literal("responseTime"),
      above: z.string(timeForm).refine((text) => readResponseTime(text) !== undefined, timeForm),
      over,
    }),
    z.strictObject({
      kind: z.literal("responseTimeOfChampion"),
      factor: z.number().min(1).max(1_000),
      over,
      // What is no options at all is kept under this name.
      options: z.undefined("{ factor }").optional(),
    }),
    z.strictObject({ kind: z.literal("disagreement"), above: share, over }),
    z
      .strictObject({ kind: z.literal("metricBelow"), metric: z.string(), below: z.number(), over })
      .superRefine(({ metric, below }, context) => checkRange(metric, { below }, context)),
    z
      .strictObject({ kind: z.literal("metricAbove"), metric: z.string(), above: z.number(), over })
      .superRefine(({ metric, above }, context) => checkRange(metric, { above }, context)),
    shapeMetricOfChampion("metricBelowChampion"),
    shapeMetricOfChampion("metricAboveChampion"),
  ],
  ruleForms,
);

function shapeMetricOfChampion<const K extends string>(kind: K) {
  return z.strictObject({
    kind: z.literal(kind),
    metric: z.string(),
    by: z.number().positive(),
    over,
    options: z.undefined("{ by }").optional(),
  });
}

const conditionForm = "a condition, such as errorRate.above(0.01)";
const condition = z
  .custom((value) => isRecord(value) && value["kind"] === "condition", conditionForm)
  .pipe(z.strictObject({ kind: z.literal("condition"), rule, over: z.unknown().optional() }));

/** A canary moves callers by hundredths of a per cent. */
function isMovable(step: number): boolean {
  return Math.abs(step * 100 - Math.round(step * 100)) < 1e-9;
}

const stepsForm = "per cents that rise and end in 100, two at least, such as [5, 25, 100]";
const percent = z.number().min(0.01).max(100);
const steps = z
  .array(percent, stepsForm)
  .max(20)
  .refine((all) => isOutOfRange(all) || isRising(all), stepsForm)
  .refine((all) => isOutOfRange(all) || all.every(isMovable), "per cents with two decimals at most");

/** What each of them has to say itself. */
function isOutOfRange(all: readonly unknown[]): boolean {
  return all.some((step) => !percent.safeParse(step).success);
}

function isRising(all: readonly number[]): boolean {
  return all.length > 1 && all.at(-1) === 100 && all.every((step, i) => step > (all[i - 1] ?? 0));
}

const canary = z.strictObject({
  kind: z.literal("canary"),
  steps,
  hold: duration.refine((text) => !durationPattern.test(text) || toSeconds(text) > 0, 'more than "0 seconds"'),
  atLeast: z.int().min(1).max(1_000_000_000).optional(),
  abortOn: z.array(condition, "a list of conditions, such as [errorRate.above(0.01)]").min(1).max(16),
  mirror: share.optional(),
});

const rolloutForm = "allAtOnce() or canary(…)";

export const rolloutShape = z
  .custom((value) => isRecord(value) && (value["kind"] === "allAtOnce" || value["kind"] === "canary"), rolloutForm)
  .pipe(z.discriminatedUnion("kind", [z.strictObject({ kind: z.literal("allAtOnce") }), canary]));

/** The shape of `shadow`. @param model a reference to a model of the project */
export function shapeShadow(model: z.ZodType) {
  const withShare = z
    .custom((value) => isRecord(value) && !Object.hasOwn(value, "kind"))
    .pipe(z.strictObject({ model, share: share.positive().optional() }));
  return z.array(z.union([model, withShare], "a model, or { model, share }"), "a list of models").max(8);
}
