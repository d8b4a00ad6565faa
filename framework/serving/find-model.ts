/**
 * Which version a request is for.
 * @module
 */
import { Refusal } from "../http/refusal.ts";
import type { LiveModel } from "./live-model.ts";
import type { Addressed } from "./variants/addressed.ts";
import type { LiveVariant, LiveVariants } from "./variants/live-variants.ts";
import type { VariantsFollower } from "./variants/variants-follower.ts";

/** The model and version that a request names. */
export interface NamedModel {
  /** @default none is named */
  readonly model?: string | undefined;
  /** @default whatever is live */
  readonly version?: string | undefined;
}

type Following = Pick<VariantsFollower, "variants" | "problem">;

/** @throws Refusal 404 for a model or version that answers nobody, 503 while none is loaded. */
export function findModel(named: NamedModel, model: string, follower: Following): LiveModel {
  return findVariant(named, model, findVariants(named, model, follower)).live;
}

/** All versions of a model that answer callers, the champion's first. @throws Refusal as `findModel` does */
export function listModels(named: NamedModel, model: string, follower: Following): readonly LiveModel[] {
  const set = findVariants(named, model, follower);
  const { live } = findVariant(named, model, set);
  return named.version === undefined ? set.list(live.package.model) : [live];
}

/**
 * What a request for inference is addressed to: all variants where it names the endpoint's model alone, else the one that it names.
 * @throws Refusal as `findModel` does
 */
export function addressVariants(named: NamedModel, model: string, follower: Following): Omit<Addressed, "unit"> {
  const set = findVariants(named, model, follower);
  return { set, named: isEndpoint(named, model) ? undefined : findVariant(named, model, set) };
}

function findVariants(named: NamedModel, model: string, { variants, problem }: Following): LiveVariants {
  if (variants) return variants;
  if (named.model !== model) throw refuseModel([model]);
  throw new Refusal(503, `model "${model}" is not loaded: ${problem ?? "it is being loaded"}`);
}

/** Whether a request names the endpoint's model and no version of it. */
function isEndpoint(named: NamedModel, model: string): boolean {
  return named.model === model && named.version === undefined;
}

function findVariant(named: NamedModel, own: string, set: LiveVariants): LiveVariant {
  const { model = "", version } = named;
  const found = isEndpoint(named, own) ? set.champion : set.find({ model, version });
  if (found) return found;
  const versions = set.list(model).map((live) => live.version);
  if (versions.length === 0) throw refuseModel([...new Set(set.answering.map(({ live }) => live.package.model))]);
  const [only] = versions;
  const live = versions.length === 1 ? `version ${only} is live` : `versions ${versions.join(", ")} are live`;
  throw new Refusal(404, `there is no such version of model "${model}"; ${live}`);
}

function refuseModel(models: readonly string[]): Refusal {
  return new Refusal(404, `there is no such model; this server has ${models.map((each) => `"${each}"`).join(", ")}`);
}
