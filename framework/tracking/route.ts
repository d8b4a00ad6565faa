/**
 * Routes of the tracking server: a method, a path, and what answers. Pure.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import type { Reply } from "../http/answering-server.ts";
import { TrackingFailure } from "./tracking-failure.ts";
import type { TrackingTools } from "./tracking-tools.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What an answer is given beside its input. */
export interface Call {
  readonly tools: TrackingTools;
  /** Who asks, as the server knows it by the token; `local` where the server has no tokens. */
  readonly actor: string;
}

/** An answer that is JSON already, and is sent as it is. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

interface RoutePlace {
  readonly method: Method;
  /** `/api/2.0/mlflow/logged-models/{model_id}`; a last `{path*}` takes the rest, slashes and all. Parameters are percent-decoded once. */
  readonly path: string;
  /** Whether it is answered without a token. @default false */
  readonly open?: boolean;
  /** Whether something may be due to be sealed after it was answered. @default true, unless it is a GET */
  readonly seals?: boolean;
}

/** A route of JSON: its input is the query, the body and the parameters of the path as one object, the later ones winning. */
export interface JsonRoute<Schema extends z.ZodType = z.ZodType> extends RoutePlace {
  readonly kind: "json";
  /** Keys that it does not name are dropped; a null counts as absent. */
  readonly input: Schema;
  /** How large the body may be, in bytes. @default 2 MiB */
  readonly most?: number;
  /** What is answered: a {@link JsonText}, or what JSON is made of. */
  answer(input: z.output<Schema>, call: Call): Promise<object> | object;
}

/** A route that reads its body, or writes its answer, as a stream of bytes. */
export interface RawRoute extends RoutePlace {
  readonly kind: "raw";
  answer(asked: RawRequest, call: Call): Promise<Reply> | Reply;
}

/** What a raw route is asked. */
export interface RawRequest {
  /** Of the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Its body is not read yet. */
  readonly request: IncomingMessage;
}

export type Route = JsonRoute | RawRoute;

/** Declares a route of JSON, typed by its schema. */
export function jsonRoute<Schema extends z.ZodType>(route: Omit<JsonRoute<Schema>, "kind">): Route {
  // Nothing reads a route's input but its own schema.
  return { ...route, kind: "json" } as unknown as JsonRoute;
}

/** Declares a route of bytes. */
export function rawRoute(route: Omit<RawRoute, "kind">): Route {
  return { ...route, kind: "raw" };
}

/** A route that a request goes to, with the parameters of its path. */
export interface FoundRoute {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds the route of a method and a path. */
export type FindRoute = (method: string, path: string) => FoundRoute;

interface Pattern {
  readonly route: Route;
  readonly segments: readonly string[];
}

const noParameters: Readonly<Record<string, string>> = {};

/**
 * Makes of a table of routes the function that finds one.
 * @returns what throws TrackingFailure 404 `ENDPOINT_NOT_FOUND` for a path that is none, also for a method that it does not have
 */
export function tabulateRoutes(routes: readonly Route[]): FindRoute {
  const fixed = new Map<string, FoundRoute>();
  const patterns: Pattern[] = [];
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (fixed.has(name) || patterns.some((one) => `${one.route.method} ${one.route.path}` === name)) {
      throw new Error(`two routes are ${name}`);
    }
    if (route.path.includes("{")) patterns.push({ route, segments: route.path.split("/") });
    else fixed.set(name, { route, parameters: noParameters });
  }
  return (method, path) => {
    const known = fixed.get(`${method} ${path}`);
    if (known) return known;
    const segments = path.split("/");
    for (const { route, segments: pattern } of patterns) {
      const parameters = route.method === method ? matchSegments(pattern, segments) : undefined;
      if (parameters) return { route, parameters };
    }
    throw new TrackingFailure("ENDPOINT_NOT_FOUND", "there is no such path here, or it does not take this method");
  };
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const [, name, rest] = /^\{([a-z_]+)(\*?)\}$/.exec(part) ?? [];
    if (name === undefined) {
      if (part !== segment) return undefined;
    } else if (rest === "*") {
      parameters[name] = decode(segments.slice(index).join("/"));
      return parameters;
    } else parameters[name] = decode(segment);
  }
  return pattern.length === segments.length ? parameters : undefined;
}

/** Once: what is still encoded after that is part of the name. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TrackingFailure("BAD_REQUEST", "the path is not percent-encoded as URLs are");
  }
}
