/**
 * The shapes of definitions as builders make them: every option, and no other. What stands in a spec as it was given is
 * derived from the spec's schema. What a schema says as its message is what is expected.
 * @module
 */
import { z } from "zod";
import { shapeExperiment } from "./experiment-shape.ts";
import { expressionShape as expression } from "./expression-shape.ts";
import { shapeFeedback } from "./feedback-shape.ts";
import { listWords } from "./gpu-type.ts";
import { describeMetric } from "./metric.ts";
import { modelTestSpec } from "./model-test-spec.ts";
import { isRecord } from "./plain.ts";
import { writtenSteps } from "./preprocessing.ts";
import { rolloutShape, shapeShadow } from "./rollout-shape.ts";
import { scheduleShape, sourceShape } from "./source-shape.ts";
import type { DefinitionKind } from "./spec.ts";
import { approvalSpec, datasetSpec, endpointSpec, gateSpec, trainingJobSpec } from "./spec.ts";
import { trainerShape } from "./trainer-shape.ts";
import { shapeTuning } from "./tuning-shape.ts";
import { duration, durationPattern, toSeconds } from "./units.ts";

const text = z.string().min(1);

/** A value of one kind and shape, so that one of another kind is one problem and not one for each of its fields. */
function ofKind(kind: string, expected: string, shape: z.ZodType) {
  return z.custom((value) => isRecord(value) && value["kind"] === kind, expected).pipe(shape);
}

function reference(kind: DefinitionKind) {
  const article = kind === "endpoint" ? "an" : "a";
  const noun = kind === "features" ? "a feature set" : `${article} ${kind.replace("-", " ")}`;
  return z.custom((value) => isRecord(value) && value["kind"] === kind, `${noun} of the project`);
}

function unique<T extends z.ZodType>(item: T, expected: string) {
  return z.array(item).refine((items) => new Set(items).size === items.length, expected);
}

const metricFields = new Set([
  "kind",
  "name",
  "tasks",
  "range",
  "atLeast",
  "atMost",
  "noWorseThan",
  "betterThan",
  "above",
  "below",
  "aboveChampion",
  "belowChampion",
]);

function isMetric(value: unknown): boolean {
  if (!isRecord(value) || !Object.keys(value).every((field) => metricFields.has(field))) return false;
  const { name, tasks, range } = value;
  const known = typeof name === "string" ? describeMetric(name) : undefined;
  return known !== undefined && isSame(tasks, known.tasks) && isSame(range, known.range);
}

function isSame(value: unknown, list: readonly unknown[]): boolean {
  return Array.isArray(value) && value.length === list.length && list.every((item, i) => item === value[i]);
}

/** A schema whose columns cannot be listed is reported where they are read. */
function hasColumns(schema: z.ZodObject): boolean {
  try {
    return Object.keys(schema.shape).length > 0;
  } catch {
    return true;
  }
}

const given = datasetSpec.shape.contract.shape;
const contract = datasetSpec.shape.contract.partial({ tolerance: true }).extend({
  unique: unique(text, "columns that differ").optional(),
  rules: z
    .array(z.strictObject({ name: z.string(), expression }), "a function that gives an object: (row) => ({ … })")
    .optional(),
  rows: given.rows
    .unwrap()
    .refine(({ min, max }) => min !== undefined || max !== undefined, '"min", "max" or both')
    .optional(),
  freshness: duration
    .refine((text) => !durationPattern.test(text) || toSeconds(text) > 0, 'more than "0 seconds"')
    .optional(),
});

const dataset = z.strictObject({
  kind: z.literal("dataset"),
  name: z.string(),
  owner: text,
  license: text.optional(),
  schema: z
    .custom<z.ZodObject>((value) => value instanceof z.ZodObject, "z.object({ … }) of the zod that Steward uses")
    .refine(hasColumns, "one column at least"),
  eventTime: text,
  key: unique(text, "columns that differ"),
  source: sourceShape,
  schedule: scheduleShape.optional(),
  contract,
  retention: datasetSpec.shape.retention
    .unwrap()
    .refine(({ versions, for: time }) => versions !== undefined || time !== undefined, '"versions", "for" or both')
    .optional(),
});

const features = z.strictObject({
  kind: z.literal("features"),
  name: z.string(),
  from: reference("dataset"),
  columns: z
    .array(
      z.strictObject({ name: z.string(), expression, preprocessing: writtenSteps.optional() }),
      "a function that gives an object: (row) => ({ … })",
    )
    .min(1),
  by: z.unknown().optional(),
});

const gpu = z.strictObject({
  count: z.int().min(1).max(10_000),
  type: z
    .string()
    .refine((words) => listWords(words).length > 0, 'words of a GPU\'s name, such as "h100"')
    .optional(),
});

const trainingJob = z.strictObject({
  kind: z.literal("training-job"),
  name: z.string(),
  /** Only what was given in place of a list is kept under this name. */
  features: z.undefined("a list of feature sets: [routes, weather.by(…)]").optional(),
  spine: reference("features"),
  joined: z.array(
    ofKind(
      "joined-features",
      "a feature set joined with .by(…)",
      z.strictObject({
        kind: z.literal("joined-features"),
        set: reference("features"),
        by: z.record(z.string(), expression, "a function that gives an object: (row) => ({ … })"),
        ttl: duration.optional(),
      }),
    ),
  ),
  label: expression,
  split: trainingJobSpec.shape.split.partial({ validation: true, gap: true }),
  trainer: trainerShape,
  params: z.custom((value) => value instanceof z.ZodObject, "z.object({ … }) of the zod that Steward uses").optional(),
  tune: shapeTuning(isMetric).optional(),
  seed: z.int(),
  resources: trainingJobSpec.shape.resources.extend({ cpu: z.number().positive().max(10_000), gpu }).partial(),
});

/** Who must agree before a release. */
const approval = z.union([
  approvalSpec.extend({ from: unique(text, "people or roles that differ").min(1) }).partial({ count: true }),
  z.literal("waived"),
]);

const model = z.strictObject({
  kind: z.literal("model"),
  name: z.string(),
  owner: text,
  risk: z.enum(["low", "limited", "high"]),
  obligations: z.strictObject({ retention: duration, oversight: text, intendedUse: text }).optional(),
  training: reference("training-job"),
  metrics: z
    .array(
      z.custom(
        isMetric,
        "auc, logLoss, brier or accuracy for a boolean label; macroF1, logLoss or topK(3) for one of several classes; rmse, mae or r2 for a number",
      ),
    )
    .min(1),
  baseline: text.optional(),
  gates: z.array(
    ofKind(
      "gate",
      "a gate of a metric, such as auc.atLeast(0.7)",
      z.strictObject({ kind: z.literal("gate"), metric: z.string(), rule: gateSpec, on: z.unknown().optional() }),
    ),
  ),
  tests: z
    .array(
      ofKind(
        "model-test",
        'a test of a model, such as deterministic() or monotone("feature", { direction: "up" })',
        z.strictObject({ kind: z.literal("model-test"), rule: modelTestSpec }),
      ),
    )
    .optional(),
  approval,
});

const endpoint = z.strictObject({
  kind: z.literal("endpoint"),
  name: z.string(),
  model: reference("model"),
  rollout: rolloutShape,
  processes: endpointSpec.shape.processes,
  shadow: shapeShadow(reference("model")).optional(),
  log: endpointSpec.shape.log.partial().extend({
    ship: duration
      .refine((text) => !durationPattern.test(text) || toSeconds(text) >= 1, '"1 second" or more')
      .optional(),
  }),
  online: endpointSpec.shape.online
    .unwrap()
    .extend({
      maxAge: duration
        .refine((text) => !durationPattern.test(text) || toSeconds(text) > 0, 'more than "0 seconds"')
        .optional(),
      refresh: duration
        .refine((text) => !durationPattern.test(text) || toSeconds(text) >= 10, '"10 seconds" or more')
        .optional(),
      asOf: z.enum(["now", "latest-event"]).optional(),
    })
    .optional(),
  feedback: shapeFeedback(reference("dataset")).optional(),
  experiment: ofKind("experiment", "experiment(…)", shapeExperiment(reference("model"), isMetric)).optional(),
});

/** The shape of each kind. */
export const definitionShapes = { dataset, features, "training-job": trainingJob, model, endpoint } as const;

/** What an environment may say. */
export const environmentShape = z.strictObject({
  approval: approval.optional(),
  code: z.enum(["committed", "any"]).optional(),
  log: z.enum(["durable", "any"]).optional(),
  override: z
    .array(
      ofKind(
        "patch",
        "patch(definition, { … })",
        z.strictObject({
          kind: z.literal("patch"),
          definition: z.unknown().optional(),
          changes: z.record(z.string(), z.unknown()),
        }),
      ),
    )
    .optional(),
});
