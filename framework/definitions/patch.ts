/**
 * Patches: what an environment changes of a definition. Never its schema, features or label.
 * @module
 */
import type { RecordedContract } from "./contract.ts";
import type { Retention } from "./dataset.ts";
import type { Definition } from "./definition.ts";
import type { InferenceLog, OnlineOptions } from "./endpoint.ts";
import type { Approval } from "./model.ts";
import { readOptions } from "./options.ts";
import type { Rollout } from "./rollout.ts";
import type { Schedule } from "./schedule.ts";
import type { Source } from "./source.ts";
import type { Resources } from "./training-job.ts";

/** The fields of each kind that environments may differ in. */
export const patchable: {
  readonly [K in Definition["kind"]]: readonly (K extends keyof Changes ? keyof Changes[K] : never)[];
} = {
  dataset: ["source", "schedule", "contract", "retention"],
  features: [],
  "training-job": ["resources"],
  model: ["approval"],
  endpoint: ["rollout", "log", "online", "processes"],
};

/** What an environment changes of a dataset. */
export interface DatasetChanges {
  /**
   * Where the rows come from.
   * @default as the definition says
   * @example parquet(input("flights.path"))
   */
  readonly source?: Source;
  /**
   * How often it is looked whether the source has something new.
   * @default as the definition says
   * @example every("1 day")
   */
  readonly schedule?: Schedule;
  /**
   * What the rows must be beyond the schema, and what happens to those that are not, in place of all that the definition
   * says of it.
   * @default as the definition says
   * @example { ...flights.contract, violations: "reject" }
   */
  readonly contract?: RecordedContract;
  /**
   * Which versions are kept.
   * @default as the definition says
   * @example { for: "7 days" }
   */
  readonly retention?: Retention;
}

/** What an environment changes of a training job. */
export interface TrainingJobChanges {
  /**
   * What the job may use, in place of all that the definition says of it.
   * @default as the definition says
   * @example { cpu: 1, memory: "1 GiB" }
   */
  readonly resources?: Resources;
}

/** What an environment changes of a model. */
export interface ModelChanges {
  /**
   * Who must agree before a release.
   * @default as the environment says, else as the definition does
   * @example "waived"
   */
  readonly approval?: Approval | "waived";
}

/** What an environment changes of an endpoint. */
export interface EndpointChanges {
  /**
   * How traffic moves to a new version.
   * @default as the definition says
   * @example allAtOnce()
   */
  readonly rollout?: Rollout;
  /**
   * What is recorded of requests and answers, in place of all that the definition says of it.
   * @default as the definition says
   * @example { requests: "none" }
   */
  readonly log?: InferenceLog;
  /**
   * In how many processes its server runs.
   * @default as the definition says
   * @example 8
   */
  readonly processes?: number;
  /**
   * How features are served that a request does not bring, in place of all that the definition says of it.
   * @default as the definition says
   * @example { maxAge: "1 day" }
   */
  readonly online?: OnlineOptions;
}

/** What an environment may change, by the kind of a definition. Features are the same everywhere. */
type Changes = {
  readonly dataset: DatasetChanges;
  readonly "training-job": TrainingJobChanges;
  readonly model: ModelChanges;
  readonly endpoint: EndpointChanges;
};

/** A definition that environments may change. It asks for no more, so that a message about another says no more. */
interface Patchable<K extends "dataset" | "training-job" | "model" | "endpoint"> {
  readonly kind: K;
  readonly name: string;
}

/** A change of one definition in one environment. */
export interface Patch {
  readonly kind: "patch";
  readonly definition: Definition;
  readonly changes: Readonly<Record<string, unknown>>;
}

/**
 * Changes fields of a definition in one environment: of a dataset its source and contract, of a training job its resources,
 * of a model its approval, of an endpoint its rollout, its log, its processes and how features
 * are served that a request does not bring. It stands in `override` of an environment.
 *
 * @example
 * project("flights", {
 *   definitions: [flights, routes, lateTraining, late, lateArrival],
 *   environments: { local: { override: [patch(lateTraining, { resources: { cpu: 1 } })] } },
 * });
 */
export function patch<K extends "dataset" | "training-job" | "model" | "endpoint">(
  definition: Patchable<K>,
  changes: Changes[NoInfer<K>],
): Patch {
  const named: { readonly kind: Definition["kind"]; readonly name: string } = definition;
  return { kind: "patch", definition: named as Definition, changes: { ...readOptions<object>(changes) } };
}
