/**
 * The routes: the Open Inference Protocol's REST face, the typed route of the endpoint, metrics. Pure.
 * @module
 */
import { Refusal } from "../http/refusal.ts";

export type RouteName =
  | "server"
  | "live"
  | "ready"
  | "model"
  | "model-ready"
  | "config"
  | "statistics"
  | "index"
  | "change"
  | "infer"
  | "predict"
  | "feedback"
  | "variants"
  | "openapi"
  | "metrics";

export interface Route {
  readonly name: RouteName;
  /** @default the route names no model */
  readonly model?: string;
  /** @default whatever is live */
  readonly version?: string;
  /** @default the route names no endpoint */
  readonly endpoint?: string;
}

const model = "/v2/models/(?<model>[^/]+)(?:/versions/(?<version>[^/]+))?";

const routes: readonly { readonly name: RouteName; readonly method: "GET" | "POST"; readonly path: RegExp }[] = [
  // The protocol's text has `/v2`, its OpenAPI document `/v2/`.
  { name: "server", method: "GET", path: /^\/v2\/?$/ },
  { name: "live", method: "GET", path: /^\/v2\/health\/live$/ },
  { name: "ready", method: "GET", path: /^\/v2\/health\/ready$/ },
  { name: "statistics", method: "GET", path: /^\/v2\/models\/stats$/ },
  { name: "model", method: "GET", path: new RegExp(`^${model}$`) },
  { name: "model-ready", method: "GET", path: new RegExp(`^${model}/ready$`) },
  { name: "config", method: "GET", path: new RegExp(`^${model}/config$`) },
  { name: "statistics", method: "GET", path: new RegExp(`^${model}/stats$`) },
  { name: "index", method: "POST", path: /^\/v2\/repository\/index$/ },
  { name: "change", method: "POST", path: /^\/v2\/repository\/models\/(?<model>[^/]+)\/(?:un)?load$/ },
  { name: "infer", method: "POST", path: new RegExp(`^${model}/infer$`) },
  { name: "predict", method: "POST", path: /^\/(?<endpoint>[^/]+)\/predict$/ },
  { name: "feedback", method: "POST", path: /^\/(?<endpoint>[^/]+)\/feedback$/ },
  { name: "variants", method: "GET", path: /^\/(?<endpoint>[^/]+)\/variants$/ },
  { name: "openapi", method: "GET", path: /^\/(?<endpoint>[^/]+)\/openapi\.json$/ },
  { name: "metrics", method: "GET", path: /^\/metrics$/ },
];

/**
 * Finds the route of a request. HEAD goes where GET goes; a query is not looked at.
 *
 * @throws Refusal 404 for a path that is none, 405 for a method that the path does not have.
 */
export function findRoute(method: string, url: string): Route {
  // An absolute address says the host once more (RFC 9112, 3.2.2).
  const own = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "");
  const path = own.split("?", 1)[0] ?? "";
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match === null) continue;
    if (method !== route.method && !(method === "HEAD" && route.method === "GET")) {
      const allow = route.method === "GET" ? "GET, HEAD" : route.method;
      throw new Refusal(405, `this path takes ${allow}`, { allow });
    }
    const { model, version, endpoint } = match.groups ?? {};
    return {
      name: route.name,
      ...(model !== undefined && { model: decode(model) }),
      ...(version !== undefined && { version: decode(version) }),
      ...(endpoint !== undefined && { endpoint: decode(endpoint) }),
    };
  }
  throw new Refusal(404, "there is no such path; GET /v2 says what this server is");
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(404, "the path is not percent-encoded as URLs are");
  }
}
