/**
 * What a server looks up, as far as a plan has to know: whether it does, and whether there is something new to look up.
 * @module
 */

import { listBeside } from "../definitions/models-beside.ts";
import type { DefinitionSpec, EndpointSpec } from "../definitions/spec.ts";
import type { ProductionRecipe } from "./comparison.ts";
import type { Digest } from "./digest.ts";
import { listOnlineDatasets } from "./online-needs.ts";
import type { KnownRoot } from "./plan-model.ts";

export interface OnlineSurroundings {
  /** Every definition of the project, by `kind/name`. */
  readonly specs: ReadonlyMap<string, DefinitionSpec>;
  /** What the version in production was made from. @default nothing is in production */
  readonly production: Omit<ProductionRecipe, "model"> | undefined;
  /** The root of each dataset that the endpoint was told of last, by the dataset's name. */
  readonly told: Readonly<Record<string, Digest>>;
  readonly rootOf: (dataset: string) => KnownRoot;
}

export interface PlannedOnline {
  /** Whether the version in production looks features up. */
  readonly now: boolean;
  /** Whether a version that is released under the definitions does. */
  readonly next: boolean;
  /** Whether the endpoint will be told of other versions of datasets than it was. */
  readonly hasNews: boolean;
}

/** Plans the look-ups of an endpoint's server. */
export function planOnline(
  endpoint: EndpointSpec,
  { specs, production, told, rootOf }: OnlineSurroundings,
): PlannedOnline {
  const next = listNext(endpoint, specs);
  const roots = next.map((name) => [name, rootOf(name)] as const);
  const others = Object.keys(told).some((name) => !next.includes(name));
  const hasNews = others || roots.some(([name, known]) => "root" in known && told[name] !== known.root);
  return { now: production !== undefined && listOnlineDatasets(production).length > 0, next: next.length > 0, hasNews };
}

/** The datasets that a server of the definitions looks up, for its own model and for those beside it. */
function listNext(spec: EndpointSpec, specs: ReadonlyMap<string, DefinitionSpec>): readonly string[] {
  const models = [spec.model, ...listBeside(spec)];
  return [...new Set(models.flatMap((one) => listOfModel(one, specs)))].sort();
}

function listOfModel(model: string, specs: ReadonlyMap<string, DefinitionSpec>): readonly string[] {
  const asked = specs.get(`model/${model}`);
  const training = asked?.kind === "model" ? specs.get(`training-job/${asked.training}`) : undefined;
  if (training?.kind !== "training-job") return [];
  const sets = training.features.flatMap(({ set }) => {
    const spec = specs.get(`features/${set}`);
    return spec?.kind === "features" ? [[set, spec] as const] : [];
  });
  return listOnlineDatasets({ training, features: Object.fromEntries(sets) });
}
