/**
 * What the span of a request over HTTP says, by the semantic conventions of OpenTelemetry. Pure.
 *
 * Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/.
 * @module
 */
import type { RouteName } from "../route.ts";
import type { EndedRequest } from "./span.ts";

/** Paths with the names of their parts: what a caller chooses is in no name of a span. */
const templates: Readonly<Record<RouteName, string>> = {
  server: "/v2",
  live: "/v2/health/live",
  ready: "/v2/health/ready",
  model: "/v2/models/{model}",
  "model-ready": "/v2/models/{model}/ready",
  config: "/v2/models/{model}/config",
  statistics: "/v2/models/{model}/stats",
  index: "/v2/repository/index",
  change: "/v2/repository/models/{model}/load",
  infer: "/v2/models/{model}/infer",
  predict: "/{endpoint}/predict",
  feedback: "/{endpoint}/feedback",
  variants: "/{endpoint}/variants",
  openapi: "/{endpoint}/openapi.json",
  metrics: "/metrics",
};

/** A request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** @default the path is none */
  readonly route: RouteName | undefined;
  readonly status: number;
  /** The id of the request. @default it has none of its own */
  readonly requestId?: string | undefined;
}

/** What is said of it. */
export function describeHttpSpan({ method, route, status, requestId }: AnsweredRequest): EndedRequest {
  const template = route && templates[route];
  return {
    name: template === undefined ? method : `${method} ${template}`,
    attributes: {
      "http.request.method": method,
      ...(template !== undefined && { "http.route": template }),
      "http.response.status_code": status,
      "url.scheme": "http",
      ...(requestId !== undefined && { "steward.request_id": requestId }),
    },
    failed: status >= 500,
  };
}
