/**
 * Definitions: the five nouns of a project, in the order in which each may refer to those before it.
 * @module
 */
import { type Dataset, specifyDataset } from "./dataset.ts";
import { isDerivation, listUpstream, replaceUpstream } from "./derivation.ts";
import { type Endpoint, specifyEndpoint } from "./endpoint.ts";
import { type FeatureSet, specifyFeatures } from "./features.ts";
import type { Model } from "./model.ts";
import { specifyModel } from "./model-spec.ts";
import type { Report } from "./report.ts";
import { readShadow } from "./shadow.ts";
import type { DefinitionKind, DefinitionSpec } from "./spec.ts";
import type { TrainingJob } from "./training-job.ts";
import { specifyTrainingJob } from "./training-job-spec.ts";

export type Definition = Dataset | FeatureSet | TrainingJob | Model | Endpoint;

/** A definition refers to those of earlier kinds, and a dataset to other datasets that it is derived from. */
export const definitionKinds: readonly DefinitionKind[] = ["dataset", "features", "training-job", "model", "endpoint"];

/** The spec of a definition. */
export function specify(definition: Definition, report: Report): DefinitionSpec {
  switch (definition.kind) {
    case "dataset":
      return specifyDataset(definition, report);
    case "features":
      return specifyFeatures(definition, report);
    case "training-job":
      return specifyTrainingJob(definition, report);
    case "model":
      return specifyModel(definition, report);
    case "endpoint":
      return specifyEndpoint(definition, report);
  }
}

/** What a definition refers to, with the place of each reference in it. */
export function listReferences(definition: Definition): { readonly at: string; readonly to: Definition }[] {
  switch (definition.kind) {
    case "dataset": {
      const { source } = definition;
      return isDerivation(source) ? listUpstream(source).map(({ at, to }) => ({ at: `source.${at}`, to })) : [];
    }
    case "features":
      return [{ at: "from", to: definition.from }];
    case "training-job":
      return [definition.spine, ...definition.joined.map(({ set }) => set)].map((to, i) => ({
        at: `features[${i}]`,
        to,
      }));
    case "model":
      return [{ at: "training", to: definition.training }];
    case "endpoint":
      return [
        { at: "model", to: definition.model },
        ...(definition.shadow ?? []).map((one, i) => ({ at: `shadow[${i}]`, to: readShadow(one).model })),
        ...listArms(definition),
        ...(definition.feedback?.from ? [{ at: "feedback.from", to: definition.feedback.from.dataset }] : []),
      ];
  }
}

/** The same definition, referring to others. */
export function replaceReferences(definition: Definition, replace: <D extends Definition>(to: D) => D): Definition {
  switch (definition.kind) {
    case "dataset": {
      const { source } = definition;
      return isDerivation(source) ? { ...definition, source: replaceUpstream(source, replace) } : definition;
    }
    case "features":
      return { ...definition, from: replace(definition.from) };
    case "training-job": {
      const joined = definition.joined.map((one) => ({ ...one, set: replace(one.set) }));
      return { ...definition, spine: replace(definition.spine), joined };
    }
    case "model":
      return { ...definition, training: replace(definition.training) };
    case "endpoint":
      return {
        ...definition,
        model: replace(definition.model),
        ...replaceShadows(definition, replace),
        ...replaceLabels(definition, replace),
        ...replaceArms(definition, replace),
      };
  }
}

/** The models that an endpoint asks unseen, where there are any. */
function replaceShadows({ shadow }: Endpoint, replace: (to: Model) => Model): Pick<Endpoint, "shadow"> {
  return shadow ? { shadow: shadow.map(readShadow).map(({ model, share }) => ({ model: replace(model), share })) } : {};
}

/** The models that answer in an endpoint's experiment, where there is one. */
function listArms({ experiment }: Endpoint): { readonly at: string; readonly to: Model }[] {
  return Object.entries(experiment?.arms ?? {}).map(([arm, to]) => ({ at: `experiment.arms.${arm}`, to }));
}

function replaceArms({ experiment }: Endpoint, replace: (to: Model) => Model): Pick<Endpoint, "experiment"> {
  if (experiment === undefined) return {};
  const arms = Object.entries(experiment.arms).map(([arm, model]) => [arm, replace(model)] as const);
  return { experiment: { ...experiment, arms: Object.fromEntries(arms) } };
}

/** What an endpoint's labels come from, where they come from a dataset. */
function replaceLabels({ feedback }: Endpoint, replace: (to: Dataset) => Dataset): Pick<Endpoint, "feedback"> {
  return feedback?.from
    ? { feedback: { ...feedback, from: { ...feedback.from, dataset: replace(feedback.from.dataset) } } }
    : {};
}
