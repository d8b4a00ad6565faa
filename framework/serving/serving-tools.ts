/**
 * What a model server answers with, over whatever protocol.
 * @module
 */
import type { EndpointSpec } from "../definitions/spec.ts";
import type { BodyRoom } from "../http/body-room.ts";
import type { ServerLimits } from "./limits.ts";
import type { ServingLogs } from "./log/server-logs.ts";
import type { ServerMetrics } from "./metrics/server-metrics.ts";
import type { ServerGroup } from "./processes/server-group.ts";
import type { Origin } from "./trace/origin.ts";
import type { RequestSpans } from "./trace/span.ts";
import type { Tracer } from "./trace/tracer.ts";
import type { ServingModels } from "./typed/serving-model.ts";
import type { Mirror } from "./variants/mirror.ts";
import type { VariantsFollower } from "./variants/variants-follower.ts";

export interface ServingTools {
  readonly endpoint: string;
  readonly model: string;
  readonly follower: VariantsFollower;
  /** Gives what was answered to the variants that are asked unseen. */
  readonly mirror: Mirror;
  readonly logs: ServingLogs;
  readonly report: (line: string) => void;
  /** Which version answers typed requests. */
  readonly models: ServingModels;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly policy: EndpointSpec["online"];
  /** The column of a typed request that says whom it is for, where its head does not. @default none does */
  readonly unitColumn?: string | undefined;
  /** How labels of its answers come to be known. @default it takes none */
  readonly feedback: EndpointSpec["feedback"];
  /** How personal data is recorded. @default nothing is personal */
  readonly pii?: EndpointSpec["pii"];
  readonly metrics: ServerMetrics;
  /** Traces requests. @default nobody is told of them */
  readonly tracer: Tracer | undefined;
  /** What all processes of the server answer. */
  readonly group: ServerGroup;
  readonly limits: ServerLimits;
  /** Where the bodies of all requests take their bytes from. */
  readonly room: BodyRoom;
  /** Whether the server is about to end. */
  readonly isClosing: () => boolean;
}

/** What is known of one request beside what it asks. */
export interface AskedBy {
  /** The id and the trace that its head says. @default none */
  readonly origin?: Origin | undefined;
  /** What of it takes how long. @default it is not traced */
  readonly spans?: RequestSpans | undefined;
}
