/**
 * The shapes of sources as builders make them.
 * @module
 */
import { z } from "zod";
import { derivationShape } from "./derivation-shape.ts";
import { pathShape } from "./path-shape.ts";
import { isRecord } from "./plain.ts";
import { sourceSpec } from "./spec.ts";
import { duration, durationPattern, toSeconds } from "./units.ts";

const text = z.string().min(1);

const [file, s3, http, postgres, push] = sourceSpec.options;

const address = text.refine((value) => /^https?:$/.test(protocolOf(value)), "an address with http:// or https://");

/** One file's, without a user in it. */
const url = address.refine((value) => {
  const { username = "", password = "", hash = "" } = URL.parse(value) ?? {};
  return username === "" && password === "" && hash === "";
}, "an address without a user and without a #; what a server must be told stands in headers");

/** A store's. */
const endpoint = text.refine((value) => {
  const { origin = "", href = "" } = URL.parse(value) ?? {};
  return /^https?:/.test(href) && href === `${origin}/`;
}, "an address with http:// or https://, of a host and a port alone");

/** As S3 has them; without those that could be numbers of a network. */
const bucket = z
  .string()
  .regex(/^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "s3://<bucket>/<key>");

/** What requests are made with. */
const ownHeaders = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "range",
  "transfer-encoding",
  "upgrade",
]);

const header = /^(?!if-)[!#$%&'*+.^_`|~0-9a-z-]+$/;

const shapes = z.discriminatedUnion("kind", [
  file.extend({ path: pathShape }),
  s3.extend({
    bucket,
    path: text.refine(
      (value) => !value.endsWith("/"),
      'the key of an object, or a pattern: "s3://lake/folder/*.parquet"',
    ),
    endpoint: endpoint.optional(),
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, "a region such as eu-central-1")
      .optional(),
  }),
  http.extend({
    url,
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "a SHA-256 of 64 hexadecimal digits in lower case")
      .optional(),
    headers: http.shape.headers
      .unwrap()
      .refine(
        (sent) => Object.keys(sent).every((name) => header.test(name) && !ownHeaders.has(name)),
        "names of headers, but for those that each request has anyway",
      )
      .optional(),
  }),
  postgres
    .extend({ query: text, cursor: text.optional() })
    .refine(({ cursor, lag }) => cursor !== undefined || lag === undefined, {
      path: ["lag"],
      error: 'nothing, as there is no "cursor" that it could be about',
    }),
  push,
  derivationShape,
]);

const kinds = new Set<unknown>(["file", "s3", "http", "postgres", "push", "derived"]);

/** Where rows come from. */
export const sourceShape = z
  .custom(
    (value) => isRecord(value) && kinds.has(value["kind"]),
    "parquet(…), arrow(…), csv(…), json(…), postgres(…), push() or derived(…)",
  )
  .pipe(shapes);

/** How often something is done: not shorter than a minute. */
export const scheduleShape = z.strictObject({
  every: duration.refine((text) => !durationPattern.test(text) || toSeconds(text) >= 60, '"1 minute" or more'),
});

function protocolOf(value: string): string {
  return URL.parse(value)?.protocol ?? "";
}
