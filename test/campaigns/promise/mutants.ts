/**
 * Mutants of the planner, each forgetting one kind of consequence: the campaign must notice every one.
 * @module
 */
import type { DefinitionSpec, FeaturesSpec, ModelSpec, TrainingJobSpec } from "../../../framework/definitions/spec.ts";
import type { Consequence, DefinitionPlan } from "../../../framework/plan/consequence.ts";
import type { Facts } from "../../../framework/plan/facts.ts";
import { type Plan, plan } from "../../../framework/plan/plan.ts";
import type { RecordedEdit } from "./campaign.ts";
import { findBreaches } from "./verdict.ts";

interface Given {
  readonly project: RecordedEdit["project"];
  readonly facts: Facts;
  readonly unlost: RecordedEdit["unlost"];
}

type Mutant = (given: Given) => Plan;

const mutants: Readonly<Record<string, Mutant>> = {
  "forgets the ingest": forget(({ step }) => step === "ingest"),
  "forgets the candidate's training set": forget(
    ({ step, why }) => step === "materialise" && !why.startsWith("production is compared"),
  ),
  "forgets production's rows under its own features": forget(
    ({ step, why }) => step === "materialise" && why.startsWith("production is compared"),
  ),
  "forgets the training": forget(({ step }) => step === "train"),
  "forgets the evaluation": forget(({ step }) => step === "evaluate"),
  "forgets the release": forget(({ step }) => step === "release"),
  "forgets that a release is served": forget(({ step, certainty }) => step === "serve" && certainty.kind === "if"),
  "forgets that a changed endpoint serves anew": forget(
    ({ step, certainty }) => step === "serve" && certainty.kind === "will",
  ),
  "forgets the approval": forget(({ step }) => step === "approve"),
  "forgets what is retired": forget(({ step }) => step === "retire"),
  "forgets what is tried again": forget((_, { change }) => change === "retry"),
  "forgets what new definitions cause": forget((_, { change }) => change === "create"),
  "forgets what is not yet known": forget(({ certainty }) => certainty.kind === "unknown"),
  "forgets what depends on a condition": forget(({ certainty }) => certainty.kind === "if"),
  "does not look at the sources": ({ project, facts }) => plan(project, { ...facts, sources: withDeployed(facts) }),
  "does not look at the trainers": ({ project, facts }) =>
    plan(project, { ...facts, trainers: { ...facts.trainers, ...deployedTrainers(facts) } }),
  "does not look at what the store has lost": ({ project, facts, unlost }) =>
    plan(project, { ...facts, artefacts: new Map([...unlost, ...facts.artefacts]) }),
  "does not see the label": keep<TrainingJobSpec>("training-job", ["label"]),
  "does not see the parameters": keep<TrainingJobSpec>("training-job", ["params"]),
  "does not see the split": keep<TrainingJobSpec>("training-job", ["split"]),
  "does not see the seed": keep<TrainingJobSpec>("training-job", ["seed"]),
  "does not see the gates": keep<ModelSpec>("model", ["gates"]),
  "does not see the features": keep<FeaturesSpec>("features", ["columns"]),
  "does not see the second model of a training job": ({ project, facts }) =>
    plan(
      {
        ...project,
        definitions: project.definitions.filter(({ kind, name }) => kind !== "model" || name === "spender"),
      },
      facts,
    ),
  "promises a training each time": ({ project, facts }) => withTraining(plan(project, facts)),
};

/** The edits that give each mutant away. */
export function catchMutants(edits: readonly RecordedEdit[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(mutants).map(([title, mutant]) => {
      const caught = edits.filter(({ project, unlost, facts: [early, late], ...happened }) => {
        const at = (facts: Facts): Plan => mutant({ project, unlost, facts });
        return findBreaches({ first: at(early), second: at(late) }, happened).length > 0;
      });
      return [title, caught.map((edit) => edit.title)];
    }),
  );
}

function forget(which: (consequence: Consequence, definition: DefinitionPlan) => boolean): Mutant {
  return ({ project, facts }) => {
    const planned = plan(project, facts);
    const forgetful = (definition: DefinitionPlan): DefinitionPlan => ({
      ...definition,
      consequences: definition.consequences.filter((consequence) => !which(consequence, definition)),
    });
    return { ...planned, definitions: planned.definitions.map(forgetful) };
  };
}

/** Takes fields of a kind of definition for those that are deployed. */
function keep<S extends DefinitionSpec>(kind: S["kind"], fields: readonly (keyof S & string)[]): Mutant {
  return ({ project, facts }) => {
    const stale = (spec: DefinitionSpec): DefinitionSpec => {
      const before = facts.deployed[`${spec.kind}/${spec.name}`];
      if (spec.kind !== kind || !before) return spec;
      return {
        ...spec,
        ...Object.fromEntries(Object.entries(before).filter(([field]) => fields.some((each) => each === field))),
      };
    };
    return plan({ ...project, definitions: project.definitions.map(stale) }, facts);
  };
}

function withDeployed({ sources, entities }: Facts): Facts["sources"] {
  const told = entities.flatMap(({ name, desired }) =>
    desired.kind === "dataset"
      ? [[name, { location: desired.location, fingerprint: desired.fingerprint }] as const]
      : [],
  );
  return { ...sources, ...Object.fromEntries(told) };
}

function deployedTrainers({ entities, deployed }: Facts): Facts["trainers"] {
  return Object.fromEntries(
    entities.flatMap(({ kind, name, desired }) => {
      const model = deployed[`${kind}/${name}`];
      return desired.kind === "model" && model?.kind === "model" ? [[model.training, desired.trainer] as const] : [];
    }),
  );
}

function withTraining(planned: Plan): Plan {
  const train: Consequence = { step: "train", subject: "spending", certainty: { kind: "will" }, why: "it always does" };
  return {
    ...planned,
    definitions: planned.definitions.map((each) =>
      each.kind === "model" ? { ...each, consequences: [...each.consequences, train] } : each,
    ),
  };
}
