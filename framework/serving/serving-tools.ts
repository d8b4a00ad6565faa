/**
 * What a model server answers with, over whatever protocol.
 * @module
 */
import type { EndpointSpec } from "../definitions/spec.ts";
import type { ServerMetrics } from "./metrics/server-metrics.ts";
import type { ProductionFollower } from "./production-follower.ts";
import type { RequestLog } from "./request-log.ts";
import type { ServingModels } from "./typed/serving-model.ts";

export interface ServingTools {
  readonly endpoint: string;
  readonly model: string;
  readonly follower: ProductionFollower;
  /** @default requests are not logged */
  readonly requestLog: RequestLog | undefined;
  readonly report: (line: string) => void;
  /** Which version answers typed requests. */
  readonly models: ServingModels;
  /** What the endpoint declares of features that are looked up. @default null where there is none */
  readonly policy: EndpointSpec["online"];
  readonly metrics: ServerMetrics;
  /** Whether the server is about to end. */
  readonly isClosing: () => boolean;
}
