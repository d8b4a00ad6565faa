/**
 * What entities, their steps and schedules are called in the engine, and where their work is queued.
 * @module
 */

/** The kinds that have an entity workflow of their own. */
export type EntityKind = "dataset" | "model" | "endpoint";

/** The steps that entities have done by child workflows; what a plan foretells and a history shows. */
export const steps = [
  "ingest",
  "materialise",
  "train",
  "tune",
  "evaluate",
  "release",
  "serve",
  "materialise-online",
] as const;
export type Step = (typeof steps)[number];

/** What people have done beside that, by a workflow of its own: it follows from no change, and no plan foretells it. */
export type AskedWork = "score";

/** The workflow type of each kind's entity. */
export const entityTypes: Readonly<Record<EntityKind, string>> = {
  dataset: "datasetEntity",
  model: "modelEntity",
  endpoint: "endpointEntity",
};

/** The one task queue: Worker Versioning tells builds apart, not queues. */
export const taskQueue = "steward";

/** The worker deployment whose versions are builds of the workflow bundle. */
export const deploymentName = "steward";

/** The memo key under which an entity keeps its `EntityStatus`. */
export const statusMemo = "status";

/** A readable id: `flights/model/late-arrival`. */
export function entityId(project: string, kind: EntityKind, name: string): string {
  return `${project}/${kind}/${name}`;
}

/** The id of a step's child workflow: `flights/train/late-training@1f2e3d4c5b6a`. */
export function stepId(project: string, step: Step | AskedWork, subject: string): string {
  return `${project}/${step}/${subject}`;
}

/** The id of a dataset's schedule, and what the ids of its runs begin with: `flights/schedule/weather`. */
export function scheduleId(project: string, dataset: string): string {
  return `${project}/schedule/${dataset}`;
}
