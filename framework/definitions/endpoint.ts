/**
 * Endpoints: where a model answers.
 * @module
 */
import type { Experiment } from "./experiment.ts";
import type { FeedbackOptions } from "./feedback.ts";
import { formatOf } from "./format.ts";
import type { Model } from "./model.ts";
import { specifyOnline } from "./online-spec.ts";
import { readOptions } from "./options.ts";
import { specifyPii } from "./pii.ts";
import { notePlace } from "./place.ts";
import type { Report } from "./report.ts";
import { allAtOnce, type Rollout } from "./rollout.ts";
import { type ShadowOf, specifyShadows, type WrittenShadow } from "./shadow.ts";
import type { EndpointSpec } from "./spec.ts";
import { specifyExperiment } from "./specify-experiment.ts";
import { specifyFeedback } from "./specify-feedback.ts";
import { specifyRollout } from "./specify-rollout.ts";
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
   * Where a record is safe before its answer is sent: on `disk`; in the `store`, which outlives the machine and makes an answer wait
   * for it; or in `memory`, which promises nothing.
   * @default "disk"
   * @example "store"
   */
  readonly durability?: "disk" | "memory" | "store";
  /**
   * How often records are brought into the store, where they are found as tables. At least 1 second.
   * @default "1 minute"
   * @example "10 seconds"
   */
  readonly ship?: Duration;
  /**
   * The column of a request that says whose a record is. What is marked `pii: "encrypt"` is encrypted with a key of that person's own,
   * and is lost when the key is removed. Without one, or where a request has none, such values are left out.
   * @default records are nobody's
   * @example "customer"
   */
  readonly subject?: string;
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
export interface EndpointOptions<
  L,
  Request,
  Defaults = unknown,
  S extends readonly WrittenShadow[] = readonly WrittenShadow[],
> {
  /**
   * The model whose released version answers.
   * @example late
   */
  readonly model: Model<L, Request, Defaults>;
  /**
   * How traffic moves to a new version.
   * @default allAtOnce()
   * @example canary({ steps: [5, 25, 100], hold: "10 minutes", abortOn: [errorRate.above(0.01)] })
   */
  readonly rollout?: Rollout;
  /**
   * In how many processes its server runs, 1 to 64. They share its port: one that crashes or hangs is begun again, and takes with it
   * no requests but its own. Each holds the models in its memory. Where processes cannot share a port, as on macOS, it is one.
   * @default one for each core, at most 4
   * @example 2
   */
  readonly processes?: number;
  /**
   * Other models that are asked what this one was, after the answer: what they say is compared and logged, and no caller sees it or
   * waits for it. They answer with the same type of label, and read no other columns of a request. Each is a model, or a model with
   * the share of answers that it is asked for.
   * @default []
   * @example [{ model: challenger, share: 0.1 }]
   */
  readonly shadow?: { readonly [I in keyof S]: ShadowOf<S[I], NoInfer<L>, NoInfer<Request>> };
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
  /**
   * How the labels of answers come to be known, some time after: `POST /<endpoint>/feedback` takes them.
   * @default there is no feedback
   * @example { label: z.boolean(), matures: "1 day" }
   */
  readonly feedback?: FeedbackOptions<NoInfer<L>>;
  /**
   * Which models answer beside this one, each its share of the callers, until the labels tell which is better. Needs `feedback`.
   * @default there is no experiment
   * @example experiment("bigger-trees", { arms: { control: late, treatment: lateBigger }, metric: accuracy, minimum: 0.01 })
   */
  readonly experiment?: Experiment<NoInfer<L>, NoInfer<Request>>;
}

/** An endpoint that answers with `L` to a `Request`. */
export interface Endpoint<L = unknown, Request = unknown> {
  readonly kind: "endpoint";
  readonly name: string;
  readonly model: Model<L, Request>;
  readonly rollout: Rollout;
  /** @default one for each core, at most 4 */
  readonly processes?: number;
  /** @default none */
  readonly shadow?: readonly WrittenShadow[];
  readonly log: InferenceLog;
  /** @default features that a request does not bring are null where there is none */
  readonly online?: OnlineOptions;
  /** @default labels never come to be known */
  readonly feedback?: FeedbackOptions;
  /** @default there is no experiment */
  readonly experiment?: Experiment;
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
export function endpoint<L, Request, Defaults, const S extends readonly WrittenShadow[] = readonly []>(
  name: string,
  options: EndpointOptions<L, Request, Defaults, S>,
): Endpoint<L, Request> {
  const own = { kind: "endpoint", name } as const;
  const { shadow, ...rest } = readOptions(options, own);
  // What is none of these does not pass the types.
  const shadows = shadow as readonly WrittenShadow[] | undefined;
  const given = { ...rest, ...(shadows !== undefined && { shadow: shadows }) };
  return notePlace({ ...own, rollout: allAtOnce(), log: {}, ...given }, endpoint);
}

/** The spec of an endpoint. Reports what is declared of features that are not looked up. */
export function specifyEndpoint(endpoint: Endpoint, report: Report): EndpointSpec {
  const { name, model, log } = endpoint;
  const shadow = specifyShadows(endpoint, report);
  const online = specifyOnline(endpoint, report);
  const feedback = specifyFeedback(endpoint, report);
  const experiment = specifyExperiment(endpoint, report);
  const pii = specifyPii(endpoint, report);
  const { requests = "all", durability = "disk", ship, subject } = log;
  return {
    format: formatOf("endpoint"),
    kind: "endpoint",
    name,
    model: model.name,
    rollout: specifyRollout(endpoint, report),
    ...(endpoint.processes !== undefined && { processes: endpoint.processes }),
    ...(shadow.length > 0 && { shadow: [...shadow] }),
    log: { requests, durability, ...(ship !== undefined && { ship }), ...(subject !== undefined && { subject }) },
    ...(pii && { pii }),
    ...(online && { online }),
    ...(feedback && { feedback }),
    ...(experiment && { experiment }),
  };
}
