/**
 * The routing of an experiment: its arms as the variants of an endpoint. Pure.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import type { Routing, Variant } from "../serving/variants/routing.ts";

/** What an arm answers with: what its model has in production. */
export type ArmRelease = Pick<Variant, "model" | "version" | "package">;

/** What the assignment of an experiment is salted with: units are dealt anew under another name, and on another endpoint. */
export function saltExperiment(endpoint: string, experiment: string): string {
  return `${endpoint}/${experiment}`;
}

/** Which releases the arms of an experiment answer with. */
export interface ArmReleases {
  /** By the names of arms. */
  readonly releases: Readonly<Record<string, ArmRelease>>;
  /** The arms whose callers the control answers. @default none */
  readonly stopped?: readonly string[];
}

/**
 * The variants of an experiment, each with its stretch of the units: first the control, by whose features and outputs callers know the
 * endpoint, then the others in the order of its arms. One that was stopped keeps its stretch, so that no unit of another arm moves, and
 * the control's release answers there under the name `<arm>-stopped`, which counts as no arm.
 *
 * @returns nothing while an arm's model has no release
 */
export function listArmVariants(
  { arms, control }: Pick<ExperimentSpec, "arms" | "control">,
  { releases, stopped = [] }: ArmReleases,
): readonly Variant[] | undefined {
  const ordered = [...arms.filter(({ name }) => name === control), ...arms.filter(({ name }) => name !== control)];
  const variants = ordered.flatMap(({ name, weight }): Variant[] => {
    const isStopped = stopped.includes(name);
    const release = releases[isStopped ? control : name];
    return release ? [{ name: isStopped ? `${name}-stopped` : name, ...release, weight }] : [];
  });
  return variants.length < arms.length ? undefined : variants;
}

/** The routing of an experiment. @returns nothing while an arm's model has no release */
export function routeExperiment(
  endpoint: string,
  experiment: Pick<ExperimentSpec, "name" | "arms" | "control">,
  given: ArmReleases,
): Pick<Routing, "salt" | "variants"> | undefined {
  const variants = listArmVariants(experiment, given);
  return variants && { salt: saltExperiment(endpoint, experiment.name), variants: [...variants] };
}
