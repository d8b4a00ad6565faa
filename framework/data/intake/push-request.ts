/**
 * Requests to push rows: their route, who sends them, and their rows.
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Refusal } from "../../http/refusal.ts";
import { readBody, refuseLarge } from "../../http/request-body.ts";
import { digestBytes } from "../../plan/digest.ts";
import type { BatchFormat } from "./row-lines.ts";

/** What one batch may be. */
export interface BatchLimits {
  /** Of the body, and of what it unpacks to. */
  readonly bytes: number;
  readonly rows: number;
}

/** What one batch may be unless something else is said: 16 MiB and 100,000 rows. */
export const defaultLimits: BatchLimits = { bytes: 16 * 2 ** 20, rows: 100_000 };

/** In characters. */
const longestKey = 255;

export type Route = { readonly name: "health" } | { readonly name: "push"; readonly dataset: string };

/**
 * Finds the route of a request. A query is not looked at. Pure.
 * @throws Refusal 404 for a path that is none, 405 for a method that the path does not have
 */
export function findRoute(method: string, url: string): Route {
  const path = url.split("?", 1)[0] ?? "";
  const [, dataset] = /^\/datasets\/([a-z0-9-]{1,63})\/rows$/.exec(path) ?? [];
  if (path !== "/healthz" && dataset === undefined) {
    throw new Refusal(404, "there is no such path; rows are pushed to POST /datasets/<name>/rows");
  }
  if (dataset !== undefined) {
    if (method !== "POST") throw new Refusal(405, "this path takes POST", { allow: "POST" });
    return { name: "push", dataset };
  }
  if (method !== "GET" && method !== "HEAD") throw new Refusal(405, "this path takes GET", { allow: "GET, HEAD" });
  return { name: "health" };
}

/** Sees to it that a request has the token. @throws Refusal 401 */
export function requireToken({ authorization = "" }: IncomingHttpHeaders, token: string): void {
  const [, sent = ""] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  // Of the same length whatever is sent, and compared in the same time.
  if (timingSafeEqual(Buffer.from(digestBytes(sent)), Buffer.from(digestBytes(token)))) return;
  throw new Refusal(401, "the token is missing or wrong; send it as Authorization: Bearer <token>", {
    "www-authenticate": "Bearer",
  });
}

/**
 * What the sender calls the batch.
 * @throws Refusal 400 where it is missing or too long. Taken from the rows instead, two batches that happen to be equal would be one.
 */
export function readKey(headers: IncomingHttpHeaders): string {
  const key = headers["idempotency-key"];
  if (typeof key === "string" && key.length > 0 && key.length <= longestKey) return key;
  throw new Refusal(
    400,
    `the header Idempotency-Key is missing, or longer than ${longestKey} characters; give each batch one of its own, and the same when you send it again`,
  );
}

/** How the rows of a batch are written. @throws Refusal 415 where it is not said, or something else */
export function readFormat({ "content-type": type = "" }: IncomingHttpHeaders): BatchFormat {
  const [name = "", ...parameters] = type
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  const isText = charset === undefined || /^"?utf-?8"?$/.test(charset);
  if (isText && name === "application/json") return "array";
  if (isText && /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines|json-lines)$/.test(name)) return "lines";
  throw new Refusal(
    415,
    "the content type is none that is taken: application/json for an array of objects, application/x-ndjson for one object a line, both in UTF-8",
  );
}

/** The text of a body. @throws Refusal 400 where it breaks off or is no UTF-8, 413 where it is too large, 415 for another encoding than gzip */
export async function readText(request: IncomingMessage, { bytes }: BatchLimits): Promise<string> {
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new Refusal(415, "the body is in an encoding that is not taken: send it as it is, or as gzip");
  }
  const body = await readBody(request, bytes);
  const plain = encoding === "gzip" ? await unpack(body, bytes) : body;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    throw new Refusal(400, "the body is no UTF-8");
  }
}

async function unpack(body: Buffer, most: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(body, { maxOutputLength: most });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    throw code === "ERR_BUFFER_TOO_LARGE" ? refuseLarge(most) : new Refusal(400, "the body is no gzip");
  }
}
