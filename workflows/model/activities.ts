/**
 * What a model's entity looks up: how far the desired candidate has come, and what is in production.
 * @module
 */
import { type ModelSpec, modelSpec, trainingJobSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { TestReads } from "../../framework/engine/entity-status.ts";
import { findExampleRoot } from "../../framework/evaluation/candidate-origin.ts";
import { type Evaluation, evaluationSchema } from "../../framework/evaluation/evaluation.ts";
import { findEvaluation } from "../../framework/evaluation/find-evaluation.ts";
import { countTestReads, identifyTestRows } from "../../framework/evaluation/test-reads.ts";
import { findTrainingSet } from "../../framework/features/find-training-set.ts";
import { trainingSetSchema } from "../../framework/features/training-set.ts";
import { findPackage } from "../../framework/models/find-package.ts";
import { productionRefName, productionRefSchema } from "../../framework/models/model-package.ts";
import type { CandidateProgress } from "../../framework/plan/candidate.ts";
import { asksTheSame, findComparison } from "../../framework/plan/comparison.ts";
import {
  candidateDigest,
  evaluationIdentity,
  packageIdentity,
  recipeIdentity,
  runIdentity,
  trainingSetIdentity,
} from "../../framework/plan/identity.ts";
import type { Store } from "../../framework/store/store.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { EvaluationResult, FoundCandidate, WeighedProposal, WeighInput } from "./messages.ts";
import { type Recipe, readFeatures, readRecipe } from "./recipe.ts";
import { weighProposal } from "./weigh-proposal.ts";

export type ModelActivities = ReturnType<typeof createModelActivities>;

export interface LookUp {
  readonly desired: DesiredModel;
  /** What is in production, and what it was made from. @default nothing is */
  readonly production?: { readonly package: string; readonly evaluation: string; readonly desired: DesiredModel };
}

export function createModelActivities({ store, perform }: ActivityTools) {
  return {
    /** Finds how far a candidate has come. What is no longer whole in the store counts as missing. */
    lookUpCandidate: (lookUp: LookUp): Promise<FoundCandidate> => perform(() => lookUpCandidate(store, lookUp)),

    /** Makes the package of a release that won an experiment the model's own, and finds who must agree. */
    weighProposal: (input: WeighInput): Promise<WeighedProposal> => perform(() => weighProposal(store, input)),

    /** Where the production ref stands, for an entity that begins: a name that was retired goes on counting. */
    readProduction: (model: string): Promise<{ readonly fence: number; readonly version: number }> =>
      perform(async () => {
        const ref = await store.readRef(productionRefName(model));
        return ref
          ? { fence: ref.generation, version: productionRefSchema.parse(ref.value).version }
          : { fence: 0, version: 0 };
      }),
  };
}

async function lookUpCandidate(store: Store, { desired, production }: LookUp): Promise<FoundCandidate> {
  const recipe = await readRecipe(store, desired);
  const { model, training } = recipe;
  const identity = trainingSetIdentity({ training, features: recipe.features, roots: rootsOf(desired) });
  const run = runIdentity(training, { trainingSet: identity, trainer: desired.trainer.sha256 });
  const comparison = production && (await planComparison(store, { recipe, desired, production: production.desired }));
  const { digest: packageDigest, lost } = await findPackage(store, packageIdentity(model, run));
  const found = {
    trainingJob: training.name,
    policy: model.approval,
    recipe: recipeIdentity(training, { features: recipe.features, trainer: desired.trainer.sha256 }),
    ...(comparison ? { comparison: comparison.desired } : {}),
  };
  const progress = {
    trainingSet: await lookUpTrainingSet(store, identity),
    run: { identity: run, ...(training.tuning && { tuned: true }), ...(lost !== undefined && { lost }) },
    ...(comparison && comparison.identity !== identity
      ? { comparison: await lookUpTrainingSet(store, comparison.identity) }
      : {}),
  };
  if (!packageDigest) return { ...found, progress };
  const judgedBy = { model, root: findExampleRoot(recipe, desired) };
  if (
    production?.package === packageDigest &&
    asksTheSame(await store.getJson(production.desired.spec, modelSpec), model)
  ) {
    const { evaluation } = production;
    return withResult(store, { ...found, progress: { ...progress, package: packageDigest, evaluation } }, judgedBy);
  }
  const judged = evaluationIdentity(model, {
    package: packageDigest,
    ...(production ? { production: production.package } : {}),
  });
  const evaluation = await findEvaluation(store, judged);
  const reached = {
    ...progress,
    package: packageDigest,
    ...(evaluation.digest !== undefined && { evaluation: evaluation.digest }),
    ...(evaluation.lost !== undefined && { evaluationLost: evaluation.lost }),
  };
  return withResult(store, { ...found, evaluationIdentity: judged, progress: reached }, judgedBy);
}

/** Adds what the evaluation says, which the progress names. `root` is of the version whose rows are the examples. */
async function withResult(
  store: Store,
  found: Omit<FoundCandidate, "result">,
  { model, root }: { readonly model: ModelSpec; readonly root: string },
): Promise<FoundCandidate> {
  const { package: packageDigest, evaluation } = found.progress;
  if (!packageDigest || !evaluation) return found;
  const report = await store.getJson(evaluation, evaluationSchema);
  const candidate = candidateDigest({ package: packageDigest, evaluation, policy: model.approval });
  const testReads = await readTestReads(store, report, root);
  return { ...found, result: { ...summarize(report), evaluation, candidate, ...(testReads && { testReads }) } };
}

/** How often the test rows were read that an evaluation was made on. @returns nothing where that was not counted yet, or its rows are gone */
async function readTestReads(store: Store, evaluation: Evaluation, root: string): Promise<TestReads | undefined> {
  if (!(await store.has(evaluation.trainingSet))) return undefined;
  const trainingSet = await store.getJson(evaluation.trainingSet, trainingSetSchema);
  const reads = await countTestReads(store, identifyTestRows(trainingSet, root), evaluation.package);
  return reads.candidate > 0 ? reads : undefined;
}

/** Plans the rows on which production is compared. @returns nothing when there is nothing to compare */
async function planComparison(
  store: Store,
  options: { readonly recipe: Recipe; readonly desired: DesiredModel; readonly production: DesiredModel },
): Promise<{ readonly desired: DesiredModel; readonly identity: string } | undefined> {
  const { recipe, desired, production } = options;
  const features = await readFeatures(store, production);
  const before = { training: await store.getJson(production.training, trainingJobSpec), features };
  const found = findComparison(before, recipe.training, rootsOf(desired));
  if (!found) return undefined;
  return {
    identity: found.identity,
    desired: { ...production, datasets: desired.datasets, training: await store.putJson(found.training) },
  };
}

function rootsOf({ datasets }: DesiredModel): Record<string, string> {
  return Object.fromEntries(Object.entries(datasets).map(([name, { root }]) => [name, root]));
}

async function lookUpTrainingSet(store: Store, identity: string): Promise<CandidateProgress["trainingSet"]> {
  const { digest, lost } = await findTrainingSet(store, identity);
  return { identity, present: digest !== undefined, ...(lost !== undefined && { lost }) };
}

function summarize({
  metrics,
  gates,
  tests = [],
  served = [],
  decision,
}: Evaluation): Omit<EvaluationResult, "evaluation" | "candidate"> {
  const held = [...gates, ...tests, ...served].filter(
    ({ verdict }) => verdict === "fail" || verdict === "inconclusive",
  );
  return {
    passed: decision === "pass",
    reasons: held.map(({ verdict, reason }) => (verdict === "inconclusive" ? `inconclusive: ${reason}` : reason)),
    headline: metrics.map(({ metric, value }) => `${metric} ${value.toPrecision(4)}`).join(", "),
  };
}
