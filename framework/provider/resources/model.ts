/**
 * `steward:index:Model`: what is trained by a job, judged by gates, approved and released, one version after the other.
 * @module
 */
import { z } from "zod";
import { featuresSpec, modelSpec, trainingJobSpec } from "../../definitions/spec.ts";
import type { EntityStatus } from "../../engine/entity-status.ts";
import { asksTheSame } from "../../plan/comparison.ts";
import { referTo } from "../../plan/desired.ts";
import { digestOf } from "../../plan/digest.ts";
import { runIdentity, trainingSetIdentity } from "../../plan/identity.ts";
import { referenceSchema } from "../../store/reference.ts";
import type { SeenSpecs } from "../seen-specs.ts";
import { type Properties, unknown } from "../values.ts";
import { createEntityResource, type EntityPlan, entityInputs } from "./entity.ts";

const inputsSchema = z.strictObject({
  ...entityInputs,
  spec: modelSpec,
  /** The stored training job and the files of its trainer. */
  training: z.strictObject({ reference: referenceSchema, closure: referenceSchema }),
  /** The stored feature sets, by name. */
  features: z.record(z.string(), referenceSchema),
  /** The datasets to train on and the version of each, by name. */
  datasets: z.record(z.string(), z.strictObject({ spec: referenceSchema, root: z.string() })),
});

type Inputs = z.output<typeof inputsSchema>;

export const modelResource = createEntityResource<Inputs>({
  token: "steward:index:Model",
  kind: "model",
  schema: inputsSchema,
  desire: desireModel,
  describe: describeModel,
  plan: (plan, { seen }) => planModel(plan, seen),
});

function desireModel({ spec, training, features, datasets }: Inputs) {
  return {
    kind: "model",
    spec: referTo(spec),
    training: training.reference,
    trainer: training.closure,
    features,
    datasets,
  } as const;
}

/** The outputs that a status stands for: what is in production, and how far the candidate is. */
function describeModel(status: EntityStatus): Properties {
  const { live } = status;
  return {
    ...(live?.kind === "model" ? { version: live.version, package: live.package, evaluation: live.evaluation } : {}),
    generation: status.generation,
    state: status.state,
    status: status.summary,
  };
}

/**
 * The package is known unless the model will be trained: when the run that made the live one is the run that is asked for.
 * Pure.
 */
export function planModel({ inputs, live }: EntityPlan, seen: SeenSpecs): Properties {
  const undecided: Properties = {
    version: unknown,
    package: unknown,
    evaluation: unknown,
    generation: unknown,
    state: unknown,
  };
  const parsed = inputsSchema.safeParse(inputs);
  if (!parsed.success)
    return { ...undecided, status: "unknown until its datasets are ingested: trains if they have new rows" };
  if (!live) return { ...undecided, status: "will train, evaluate and release" };
  const known = describeModel(live);
  const settled = live.state === "ready" || live.state === "awaiting-approval";
  if (settled && live.digest === digestOf(desireModel(parsed.data))) return known;
  const run = identifyRun(parsed.data, seen);
  if (live.live?.kind !== "model" || live.live.run !== run) {
    return { ...undecided, status: "will train and evaluate; will release if its gates pass" };
  }
  const judged = modelSpec.safeParse(seen.find(live.live.desired.spec));
  if (live.state === "ready" && judged.success && asksTheSame(judged.data, parsed.data.spec)) {
    return { ...known, generation: unknown, status: "nothing runs: no result depends on what changed" };
  }
  return {
    ...known,
    ...undecided,
    package: live.live.package,
    status: "will evaluate what is trained already; will release if its gates pass",
  };
}

/** The identity of the run that the inputs ask for. @returns nothing when a spec of it has not been seen */
function identifyRun({ training, features, datasets }: Inputs, seen: SeenSpecs): string | undefined {
  const job = trainingJobSpec.safeParse(seen.find(training.reference));
  const sets = z
    .record(z.string(), featuresSpec)
    .safeParse(Object.fromEntries(Object.entries(features).map(([name, reference]) => [name, seen.find(reference)])));
  if (!job.success || !sets.success) return undefined;
  const roots = Object.fromEntries(Object.entries(datasets).map(([name, { root }]) => [name, root]));
  const trainingSet = trainingSetIdentity({ training: job.data, features: sets.data, roots });
  return runIdentity(job.data, { trainingSet, trainer: training.closure.sha256 });
}
