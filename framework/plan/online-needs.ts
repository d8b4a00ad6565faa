/**
 * Which features a server has to look up, and which datasets these come from. Pure.
 * @module
 */
import { holdsWindow } from "../definitions/expression-kind.ts";
import type { FeaturesSpec, TrainingJobSpec } from "../definitions/spec.ts";

/** A training job with its feature sets, as specs. */
export interface OnlineParts {
  readonly training: Pick<TrainingJobSpec, "features">;
  /** By the set's name. */
  readonly features: Readonly<Record<string, Pick<FeaturesSpec, "from" | "columns">>>;
}

/**
 * The names of the datasets whose rows a server of the job's models looks up, sorted: those of joined sets, and the
 * spine's where a feature, or what a set is joined by, has a window. None where a request has all that is needed.
 */
export function listOnlineDatasets({ training, features }: OnlineParts): readonly string[] {
  const [first] = training.features;
  const spine = first && features[first.set]?.from;
  const needed = new Set<string>();
  for (const { set, by } of training.features) {
    const { from, columns } = features[set] ?? {};
    if (spine === undefined || from === undefined || columns === undefined) continue;
    const joined = from !== spine || Object.keys(by).length > 0;
    if (joined) needed.add(from);
    const ofSpine = joined ? Object.values(by) : columns.map(({ expression }) => expression);
    if (ofSpine.some(holdsWindow)) needed.add(spine);
  }
  return [...needed].sort();
}
