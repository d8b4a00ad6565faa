/**
 * Endpoints: where a model answers.
 * @module
 */
import type { Model } from "./model.ts";
import { allAtOnce, type Rollout } from "./rollout.ts";
import type { EndpointSpec } from "./spec.ts";

export interface InferenceLog {
  /** Which requests are recorded. @default "all" */
  readonly requests?: "all" | "none";
  /** Where a record is safe before its answer is sent: on `disk`, or in `memory`, which promises nothing. @default "disk" */
  readonly durability?: "disk" | "memory";
}

export interface EndpointOptions<L, Request> {
  /** The model whose released version answers. */
  readonly model: Model<L, Request>;
  /** How traffic moves to a new version. @default allAtOnce() */
  readonly rollout?: Rollout;
  /** What is recorded of requests and answers. @default { requests: "all", durability: "disk" } */
  readonly log?: InferenceLog;
}

/** An endpoint that answers with `L` to a `Request`. */
export interface Endpoint<L = unknown, Request = unknown> {
  readonly kind: "endpoint";
  readonly name: string;
  readonly model: Model<L, Request>;
  readonly rollout: Rollout;
  readonly log: InferenceLog;
}

/** What a caller sends to an endpoint: the columns that its features read at the event. */
export type RequestOf<E> = E extends Endpoint<unknown, infer R> ? R : never;

/** What an endpoint's model predicts. */
export type LabelOf<E> = E extends Endpoint<infer L, unknown> ? L : never;

/**
 * Declares an endpoint.
 *
 * @example
 * endpoint("late-arrival", { model: late, log: { requests: "all", durability: "disk" } })
 */
export function endpoint<L, Request>(name: string, options: EndpointOptions<L, Request>): Endpoint<L, Request> {
  return { kind: "endpoint", name, rollout: allAtOnce(), log: {}, ...options };
}

/** The spec of an endpoint. */
export function specifyEndpoint({ name, model, rollout, log }: Endpoint): EndpointSpec {
  const { requests = "all", durability = "disk" } = log;
  return { kind: "endpoint", name, model: model.name, rollout, log: { requests, durability } };
}
