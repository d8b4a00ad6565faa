/**
 * Patches: what an environment changes of a definition. Never its schema, features or label.
 * @module
 */
import type { Definition } from "./definition.ts";
import type { FeatureSet } from "./features.ts";

/** The fields of each kind that environments may differ in. */
export const patchable = {
  dataset: ["source", "contract"],
  features: [],
  "training-job": ["resources"],
  model: ["approval"],
  endpoint: ["rollout", "log"],
} as const satisfies { readonly [K in Definition["kind"]]: readonly (keyof Extract<Definition, { kind: K }>)[] };

type Patchable = Exclude<Definition, FeatureSet>;

/** The changes that a definition allows. */
export type Changes<D extends Patchable> = Partial<Pick<D, (typeof patchable)[D["kind"]][number] & keyof D>>;

export interface Patch {
  readonly kind: "patch";
  readonly definition: Definition;
  readonly changes: Readonly<Record<string, unknown>>;
}

/**
 * Changes fields of a definition in one environment.
 *
 * @example
 * patch(lateArrival, { rollout: allAtOnce() })
 */
export function patch<D extends Patchable>(definition: D, changes: Changes<NoInfer<D>>): Patch {
  return { kind: "patch", definition, changes: { ...changes } };
}
