/**
 * The models that an endpoint's server has beside the endpoint's own. Pure, and read by workflows.
 * @module
 */
import type { ExperimentSpec } from "./experiment-spec.ts";
import type { ShadowSpec } from "./rollout-spec.ts";

/** What of an endpoint names models. */
export interface NamesModels {
  /** Its own. */
  readonly model: string;
  /** @default none is asked unseen */
  readonly shadow?: readonly Pick<ShadowSpec, "model">[] | undefined;
  /** @default there is none */
  readonly experiment?: Pick<ExperimentSpec, "arms"> | undefined;
}

/** The names of the models that are asked unseen, and of those that answer in an experiment, each once; the endpoint's own is none. */
export function listBeside({ model, shadow = [], experiment }: NamesModels): readonly string[] {
  const named = [...shadow, ...(experiment?.arms ?? [])].map((one) => one.model);
  return [...new Set(named)].filter((one) => one !== model);
}
