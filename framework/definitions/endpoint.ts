/**
 * Endpoints: where a model answers.
 * @module
 */
import { formatOf } from "./format.ts";
import type { Model } from "./model.ts";
import { specifyOnline } from "./online-spec.ts";
import { readOptions } from "./options.ts";
import { notePlace } from "./place.ts";
import type { Report } from "./report.ts";
import { allAtOnce, type Rollout } from "./rollout.ts";
import type { EndpointSpec } from "./spec.ts";
import type { Duration } from "./units.ts";

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

/**
 * How those features are served that a request does not bring: windows of the past and joined sets, which are looked up in
 * the online store. They are put there whenever a version is released and whenever their dataset has a new one. `Defaults`
 * has the model's features with their types.
 */
export interface OnlineOptions<Defaults = unknown> {
  /**
   * How long ago they may have been put into the online store. Older ones are stale. More than 0.
   * @default however long ago
   * @example "2 hours"
   */
  readonly maxAge?: Duration;
  /**
   * What is served where there is nothing, or what there is is stale: `null`, which the model takes as missing; `error`,
   * which refuses the request; or values by the names of features, where the others are null. An entity that has no row
   * in a window that is fresh has the empty window, as in training.
   * @default "null"
   * @example { originDelay7d: 8.5 }
   */
  readonly otherwise?: "null" | "error" | Defaults;
  /**
   * How long after they were put there they are put there again, as of then: a window moves on although no row is new. At
   * least 10 seconds.
   * @default never: when a version is released, and when a dataset has a new version
   * @example "1 hour"
   */
  readonly refresh?: Duration;
  /**
   * The moment as of which they are put there: `now`, or that of the latest event of the model's own dataset, for data that
   * end in the past and are asked about as if it were then. There "maxAge" has no meaning, and "refresh" nothing to do.
   * @default "now"
   * @example "latest-event"
   */
  readonly asOf?: "now" | "latest-event";
}

/** What an endpoint is made of. */
export interface EndpointOptions<L, Request, Defaults = unknown> {
  /**
   * The model whose released version answers.
   * @example late
   */
  readonly model: Model<L, Request, Defaults>;
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
  /**
   * How features are served that a request does not bring. Not for a model that has none.
   * @default {}
   * @example { maxAge: "2 hours", otherwise: { originDelay7d: 8.5 }, refresh: "1 hour" }
   */
  readonly online?: OnlineOptions<NoInfer<Defaults>>;
}

/** An endpoint that answers with `L` to a `Request`. */
export interface Endpoint<L = unknown, Request = unknown> {
  readonly kind: "endpoint";
  readonly name: string;
  readonly model: Model<L, Request>;
  readonly rollout: Rollout;
  readonly log: InferenceLog;
  /** @default features that a request does not bring are null where there is none */
  readonly online?: OnlineOptions;
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
export function endpoint<L, Request, Defaults>(
  name: string,
  options: EndpointOptions<L, Request, Defaults>,
): Endpoint<L, Request> {
  const own = { kind: "endpoint", name } as const;
  return notePlace({ ...own, rollout: allAtOnce(), log: {}, ...readOptions(options, own) }, endpoint);
}

/** The spec of an endpoint. Reports what is declared of features that are not looked up. */
export function specifyEndpoint(endpoint: Endpoint, report: Report): EndpointSpec {
  const { name, model, rollout, log } = endpoint;
  const online = specifyOnline(endpoint, report);
  const { requests = "all", durability = "disk" } = log;
  return {
    format: formatOf("endpoint"),
    kind: "endpoint",
    name,
    model: model.name,
    rollout,
    log: { requests, durability },
    ...(online && { online }),
  };
}
