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
      return [{ at: "model", to: definition.model }];
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
      return { ...definition, model: replace(definition.model) };
  }
}
