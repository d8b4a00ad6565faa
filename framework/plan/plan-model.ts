/**
 * What a model's change leads to: the steps of its candidate, the approval, the release.
 * @module
 */
import { fitsGpuType } from "../definitions/gpu-type.ts";
import type { DefinitionSpec, FeaturesSpec, ModelSpec, TrainingJobSpec } from "../definitions/spec.ts";
import type { EntityStatus, LiveModel } from "../engine/entity-status.ts";
import { type CandidateProgress, listMissingSteps, type MissingStep } from "./candidate.ts";
import { asksTheSame, findComparison } from "./comparison.ts";
import type { Certainty, Consequence } from "./consequence.ts";
import { desireModel } from "./desired.ts";
import { type Digest, digestOf } from "./digest.ts";
import type { Facts } from "./facts.ts";
import { evaluationIdentity, packageIdentity, runIdentity, trainingSetIdentity } from "./identity.ts";
import { describeExtent, type SharedMachine } from "./tuning-extent.ts";

/** The root of a dataset's version, or the step after which it is known. */
export type KnownRoot = { readonly root: Digest } | { readonly until: string };

export interface ModelSurroundings {
  /** Every definition of the project, by `kind/name`. */
  readonly specs: ReadonlyMap<string, DefinitionSpec>;
  readonly facts: Facts;
  readonly entity: EntityStatus | undefined;
  readonly rootOf: (dataset: string) => KnownRoot;
  /** The identities of training sets and runs that earlier models of this plan make, with the model; planning one adds its own. */
  readonly making: Map<Digest, string>;
}

export interface PlannedModel {
  readonly consequences: readonly Consequence[];
  /** The entity failed at what it was asked last; whatever it is asked now, it works again. */
  readonly retry: boolean;
  /** The roots it would be trained on differ from those it was. */
  readonly roots: boolean;
}

/** Plans a model. Its training job and feature sets are looked up by name among the project's definitions. */
export function planModel(model: ModelSpec, { specs, facts, entity, rootOf, making }: ModelSurroundings): PlannedModel {
  const training = requireSpec<TrainingJobSpec>(specs, `training-job/${model.training}`);
  const features = Object.fromEntries(
    training.features.map(({ set }) => [set, requireSpec<FeaturesSpec>(specs, `features/${set}`)]),
  );
  const datasets = [...new Set(Object.values(features).map(({ from }) => from))];
  const found = datasets.map((name) => [name, rootOf(name)] as const);
  const live = entity?.live?.kind === "model" ? entity.live : undefined;
  const retry = entity?.state === "failed";
  const open = found.flatMap(([, known]) => ("until" in known ? [known.until] : []));

  if (open.length > 0) {
    const certainty: Certainty = { kind: "unknown", until: open.join(" and ") };
    const because = "the rows it is trained on may change";
    const made = training.tuning ? "tune" : "train";
    const steps = (["materialise", made, "evaluate"] as const).map((step) =>
      consequenceOf({ step, model, training, entity, facts, certainty, why: because }),
    );
    return { consequences: [...steps, ...planRelease(model, certainty, because)], retry, roots: true };
  }

  const roots = Object.fromEntries(
    found.flatMap(([name, known]) => ("root" in known ? [[name, known.root] as const] : [])),
  );
  const wish = digestOf(
    desireModel(model, { training, features, specs, roots, trainer: facts.trainers[training.name] }),
  );
  // The same wish again is no new work, whatever is live: a rollback stays until the definition changes.
  if (entity?.digest === wish && entity.state === "ready") return { consequences: [], retry: false, roots: false };
  if (entity?.digest === wish && entity.state === "awaiting-approval") {
    const waiting = planRelease(model, undefined, "it waits for approval").filter(({ step }) => step === "release");
    return { consequences: waiting, retry: false, roots: false };
  }
  const progress = findProgress(model, { training, features, roots, facts, live });
  const missing = listMissingSteps(progress);
  const failed = retry && entity.digest === wish;
  const why = failed ? "the last attempt failed" : explainWork(entity, live, progress);
  const consequences = missing.flatMap((step) => {
    const certainty = shareStep(step, model, making);
    return certainty
      ? [consequenceOf({ step: step.step, model, training, entity, facts, certainty, why: explainStep(step, why) })]
      : [];
  });
  const certified =
    missing.length === 0 && live?.package === progress.package && live?.evaluation === progress.evaluation;
  if (certified) return { consequences: [], retry, roots: rootsDiffer(entity, roots) };
  return {
    consequences: [...consequences, ...planRelease(model, undefined, why)],
    retry,
    roots: rootsDiffer(entity, roots),
  };
}

/**
 * How certain a step is that another model of the plan may need as well. A training set is built once for all. The package
 * is each model's own, made of the one run; a run that was lost with its packages mends them all.
 *
 * @returns nothing when it runs for the other model alone
 */
function shareStep(step: MissingStep, model: ModelSpec, making: Map<Digest, string>): Certainty | undefined {
  if (step.step === "evaluate") return { kind: "will" };
  const other = making.get(step.identity);
  if (other === undefined) {
    making.set(step.identity, model.name);
    return { kind: "will" };
  }
  return step.step !== "materialise"
    ? { kind: "if", condition: `the run for ${other} leaves it without a package` }
    : undefined;
}

interface ProgressParts {
  readonly training: TrainingJobSpec;
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  readonly roots: Readonly<Record<string, Digest>>;
  readonly facts: Facts;
  readonly live: LiveModel | undefined;
}

function findProgress(model: ModelSpec, { training, features, roots, facts, live }: ProgressParts): CandidateProgress {
  const trainer = facts.trainers[training.name]?.sha256 ?? "";
  const trainingSet = trainingSetIdentity({ training, features, roots });
  const run = runIdentity(training, { trainingSet, trainer });
  const packageKey = `package/${packageIdentity(model, run)}`;
  const made = facts.artefacts.get(packageKey);
  const production = live ? { production: live.package } : {};
  const before = live && facts.production[model.name];
  const comparison = before && findComparison(before, training, roots)?.identity;
  const certified = before && live?.package === made && asksTheSame(before.model, model) ? live?.evaluation : undefined;
  const judged = made && `evaluation/${evaluationIdentity(model, { package: made, ...production })}`;
  const evaluation = certified ?? (judged && facts.artefacts.get(judged));
  const lost = (key: string | undefined) => (key === undefined ? undefined : facts.lost?.get(key));
  const findSet = (identity: Digest) => {
    const key = `training-set/${identity}`;
    const present = facts.artefacts.has(key);
    const loss = lost(key);
    return { identity, present, ...(loss !== undefined && { lost: loss }) };
  };
  const packageLoss = lost(packageKey);
  const evaluationLoss = lost(judged);
  return {
    trainingSet: findSet(trainingSet),
    run: {
      identity: run,
      ...(training.tuning && { tuned: true }),
      ...(packageLoss !== undefined && { lost: packageLoss }),
    },
    ...(comparison && comparison !== trainingSet ? { comparison: findSet(comparison) } : {}),
    ...(made ? { package: made } : {}),
    ...(evaluation ? { evaluation } : {}),
    ...(evaluationLoss !== undefined && { evaluationLost: evaluationLoss }),
  };
}

/** The approval, where the policy asks for one, and the release. */
function planRelease(model: ModelSpec, certainty: Certainty | undefined, why: string): readonly Consequence[] {
  const gates: Certainty = certainty ?? { kind: "if", condition: "the gates pass" };
  if (model.approval === "waived") return [{ step: "release", subject: model.name, certainty: gates, why }];
  const { from, count } = model.approval;
  const approved = `${count} of ${from.join(", ")} approve`;
  const release: Certainty = certainty ?? { kind: "if", condition: `the gates pass and ${approved}` };
  return [
    { step: "approve", subject: model.name, certainty: gates, why: "earlier approvals are void for what changed" },
    { step: "release", subject: model.name, certainty: release, why },
  ];
}

function consequenceOf(options: {
  readonly step: MissingStep["step"];
  readonly model: ModelSpec;
  readonly training: TrainingJobSpec;
  readonly entity: EntityStatus | undefined;
  readonly facts: Facts;
  readonly certainty: Certainty;
  readonly why: string;
}): Consequence {
  const { step, model, training, entity, facts, certainty, why } = options;
  const seconds = entity?.durations[step];
  const subject = step === "evaluate" ? model.name : training.name;
  const extent = step === "tune" ? describeExtent(training, shareMachine(training, facts)) : undefined;
  return { step, subject, certainty, why, ...(extent && { extent }), ...(seconds !== undefined && { seconds }) };
}

/** What of the machine a job shares with others: of its GPUs those that fit the job. */
function shareMachine({ resources: { gpu } }: TrainingJobSpec, { cores, gpus }: Facts): SharedMachine {
  const fitting = gpu && gpus?.filter((name) => fitsGpuType(name, gpu.type)).length;
  return { cores, gpus: fitting };
}

function explainWork(
  entity: EntityStatus | undefined,
  live: LiveModel | undefined,
  progress: CandidateProgress,
): string {
  if (!entity) return "the model is new";
  if (!progress.package) return progress.run.lost ?? "features, label, rows, trainer or parameters changed";
  if (live?.package !== progress.package) return "an earlier run fits the definition again";
  return "metrics, gates or tests changed";
}

function explainStep(step: MissingStep, why: string): string {
  if (step.lost !== undefined) return step.lost;
  return step.step === "materialise" && step.of === "production" ? "production is compared on the same rows" : why;
}

function rootsDiffer(entity: EntityStatus | undefined, roots: Readonly<Record<string, Digest>>): boolean {
  if (entity?.desired.kind !== "model") return false;
  const { datasets } = entity.desired;
  return Object.entries(roots).some(([name, root]) => datasets[name]?.root !== root);
}

function requireSpec<S extends DefinitionSpec>(specs: ReadonlyMap<string, DefinitionSpec>, key: string): S {
  const spec = specs.get(key);
  if (!spec) throw new TypeError(`the project has no ${key}; resolving it should have said so`);
  return spec as S;
}
