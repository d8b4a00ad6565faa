/**
 * The recipes of the studies that a worker has to do with: what they are read from never changes, and the trials of a study ask for the
 * same again and again.
 * @module
 */
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { Store } from "../../framework/store/store.ts";
import { type Recipe, readRecipe } from "../model/recipe.ts";

type TunedRecipe = Recipe & { readonly training: TrainingJobSpec & { readonly tuning: TuningSpec } };

/** How many are kept; the one that was asked for first goes first. */
const most = 8;

/** Reads recipes of training jobs that are tuned, each once. */
export function createRecipes(store: Store): (desired: DesiredModel) => Promise<TunedRecipe> {
  const known = new Map<string, Promise<TunedRecipe>>();
  return (desired) => {
    const key = JSON.stringify(desired);
    const found = known.get(key);
    if (found) return found;
    const reading = readRecipe(store, desired).then(requireTuned);
    known.set(key, reading);
    // What could not be read is asked for again.
    reading.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return reading;
  };
}

function requireTuned(recipe: Recipe): TunedRecipe {
  const { training } = recipe;
  if (!training.tuning) throw new Error(`training job "${training.name}" is not tuned`);
  return { ...recipe, training: { ...training, tuning: training.tuning } };
}
