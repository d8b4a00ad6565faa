/**
 * Endpoints: where a model answers.
 * @module
 */
import { formatOf } from "./format.ts";
import type { Model } from "./model.ts";
import { readOptions } from "./options.ts";
import { notePlace } from "./place.ts";
import { allAtOnce, type Rollout } from "./rollout.ts";
import type { EndpointSpec } from "./spec.ts";

/** What is recorded of requests and answers. */
export interface InferenceLog {
  /**
   * Which requests are recorded: `all` or `none`.
   * @default "all"
   * @example "none"
   */
  readonly requests?: "all" | "none";
  /**
   * Where a record is safe before its answer is sent: on `disk`, or in `memory`, which promises nothing.
   * @default "disk"
   * @example "memory"
   */
  readonly durability?: "disk" | "memory";
}

/** What an endpoint is made of. */
export interface EndpointOptions<L, Request> {
  /**
   * The model whose released version answers.
   * @example late
   */
  readonly model: Model<L, Request>;
  /**
   * How traffic moves to a new version.
   * @default allAtOnce()
   * @example allAtOnce()
   */
  readonly rollout?: Rollout;
  /**
   * What is recorded of requests and answers.
   * @default { requests: "all", durability: "disk" }
   * @example { requests: "all", durability: "memory" }
   */
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
 * Declares an endpoint: where a model answers, over the Open Inference Protocol.
 *
 * @param name lower-case letters, digits and hyphens, at most 63; no other endpoint of the project has it
 * @example
 * const lateArrival = endpoint("late-arrival", {
 *   model: late,
 *   log: { requests: "all", durability: "disk" },
 * });
 */
export function endpoint<L, Request>(name: string, options: EndpointOptions<L, Request>): Endpoint<L, Request> {
  const own = { kind: "endpoint", name } as const;
  return notePlace({ ...own, rollout: allAtOnce(), log: {}, ...readOptions(options, own) }, endpoint);
}

/** The spec of an endpoint. */
export function specifyEndpoint({ name, model, rollout, log }: Endpoint): EndpointSpec {
  const { requests = "all", durability = "disk" } = log;
  return {
    format: formatOf("endpoint"),
    kind: "endpoint",
    name,
    model: model.name,
    rollout,
    log: { requests, durability },
  };
}
