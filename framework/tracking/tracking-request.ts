/**
 * Requests to the tracking server: where they were sent, who sends them, and what they carry.
 * @module
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { z } from "zod";
import { isRecord } from "../definitions/plain.ts";
import { readBody } from "../http/request-body.ts";
import { digestBytes } from "../plan/digest.ts";
import type { JsonRoute } from "./route.ts";
import { invalid, TrackingFailure } from "./tracking-failure.ts";

/** Somebody who may ask. */
export interface Token {
  /** As what is asked is recorded. */
  readonly actor: string;
  /** What is shown; secret. */
  readonly token: string;
}

/** Who asks when the server has no tokens. */
const localActor = "local";

/** Tells who asks, by the headers of a request. */
export type Identify = (headers: IncomingHttpHeaders) => string;

/**
 * Makes of a list of tokens what tells who asks: `Authorization: Bearer <token>`, or Basic with the token as the password.
 * @returns what throws TrackingFailure 401 for a token that is missing or none of these
 */
export function identifyBy(tokens: readonly Token[]): Identify {
  // Looked up by digest: how long that takes says nothing of how much of a token was right.
  const actors = new Map(tokens.map(({ token, actor }) => [digestBytes(token), actor]));
  if (actors.size === 0) return () => localActor;
  return ({ authorization = "" }) => {
    const actor = actors.get(digestBytes(readToken(authorization)));
    if (actor !== undefined) return actor;
    throw new TrackingFailure(
      "UNAUTHENTICATED",
      "the token is missing or wrong; set MLFLOW_TRACKING_TOKEN, which is sent as Authorization: Bearer <token>",
      { "www-authenticate": "Bearer" },
    );
  };
}

function readToken(authorization: string): string {
  const [, scheme = "", sent = ""] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== "basic") return sent;
  const pair = Buffer.from(sent, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

/** The names by which a server on loopback is called. */
const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Makes what lets through only requests that were sent to a name of this server: a page of another name that has been led
 * to this machine's address is refused, and so is a page of another origin.
 * @param names beside those of loopback, without ports
 * @returns what throws TrackingFailure 403
 */
export function admitNames(names: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const known = new Set([...loopbackNames, ...names.map((name) => name.toLowerCase())]);
  return ({ host = "", origin }) => {
    if (
      !known.has(withoutPort(host)) ||
      (origin !== undefined && !known.has(withoutPort(origin.replace(/^https?:\/\//i, ""))))
    ) {
      throw new TrackingFailure(
        "PERMISSION_DENIED",
        "this server is not known by the name that the request was sent to, or from",
      );
    }
  };
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}

/** How large a body may be unless its route says otherwise, in bytes. */
const defaultMost = 2 * 2 ** 20;

/**
 * The input of a route of JSON: its query, its body and the parameters of its path, as its schema makes them.
 * @throws TrackingFailure 400 where it is none, 413 where it is too large, 415 where it is not sent as JSON
 */
export async function readInput(
  request: IncomingMessage,
  route: JsonRoute,
  place: { readonly query: string; readonly parameters: Readonly<Record<string, string>> },
): Promise<unknown> {
  // Without a prototype: a key that is called `__proto__` is a key like any other.
  const given: Record<string, unknown> = Object.create(null);
  if (place.query !== "") readQuery(place.query, given);
  if (request.method !== "GET" && request.method !== "HEAD") {
    const bytes = await readBody(request, route.most ?? defaultMost);
    if (bytes.length > 0) Object.assign(given, readJson(bytes, request.headers));
  }
  Object.assign(given, place.parameters);
  for (const key in given) {
    const value = given[key];
    if (value === null) delete given[key];
    else if (typeof value === "string" && !isText(value)) throw refuseText(key);
  }
  const parsed = route.input.safeParse(given);
  if (parsed.success) return parsed.data;
  throw describeInput(parsed.error, given);
}

function readQuery(query: string, given: Record<string, unknown>): void {
  for (const [key, value] of new URLSearchParams(query)) {
    const before = given[key];
    given[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
}

function readJson(bytes: Buffer, { "content-type": type = "" }: IncomingHttpHeaders): Record<string, unknown> {
  // A page of another origin may send a form or a text without asking, and JSON never.
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw new TrackingFailure("UNSUPPORTED_MEDIA_TYPE", "the body must be sent as application/json");
  }
  const text = bytes.toString("utf8");
  const body = parse(text);
  if (!isRecord(body)) throw new TrackingFailure("BAD_REQUEST", "the body is no JSON object");
  // Only what is escaped can be a character that the database does not take; few bodies have any of these.
  if (/\\u(0000|[dD][89a-fA-F])/.test(text)) requireTexts(body, "");
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TrackingFailure("BAD_REQUEST", "the body is no JSON");
  }
}

function requireTexts(value: unknown, place: string): void {
  if (typeof value === "string" && !isText(value)) throw refuseText(place);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!isText(key)) throw refuseText(place);
    requireTexts(inner, place || key);
  }
}

/** Whether every character of a text is one: half of a surrogate pair is none in UTF-8, and Postgres takes no U+0000. */
function isText(value: string): boolean {
  return !value.includes("\0") && value.isWellFormed();
}

function refuseText(place: string): TrackingFailure {
  return invalid(`Invalid value for parameter '${place}': it has U+0000 or half of a surrogate pair.`);
}

function describeInput({ issues }: z.ZodError, given: Readonly<Record<string, unknown>>): TrackingFailure {
  const [issue] = issues;
  const path = issue?.path ?? [];
  const name = path.reduce<string>(
    (before, part) =>
      typeof part === "number" ? `${before}[${part}]` : before ? `${before}.${String(part)}` : String(part),
    "",
  );
  const found = path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part],
    given,
  );
  return found === undefined || found === ""
    ? invalid(`Missing value for required parameter '${name}'.`)
    : invalid(`Invalid value for parameter '${name}': ${issue?.message ?? "it is none that is taken"}.`);
}
