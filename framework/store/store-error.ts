/**
 * Errors of the store, told in a person's terms: what does not answer or refuses, and what to do. Never a credential.
 * @module
 */
import { type Problem, StewardError } from "../definitions/problem.ts";

/** Where a request went. */
export interface StorePlace {
  readonly endpoint: string;
  readonly bucket: string;
  /** @default the request was about the bucket */
  readonly key?: string;
}

const unreachable = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "ECONNRESET",
  "EPIPE",
]);
const refusals = new Set([
  "AccessDenied",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "ExpiredToken",
  "RequestTimeTooSkewed",
]);
const passing = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
  "SlowDown",
  "InternalError",
  "ServiceUnavailable",
  "RequestTimeout",
]);

/** The code of a failed request: S3's, or the operating system's. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Whether the same request may succeed a moment later. A refused connection is not of that kind: nobody listens. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StewardError) return false;
  // The client says it in words only when a status is one of those (408, 429, 5xx) that it would retry itself.
  return (
    passing.has(errorCode(error)) ||
    (error instanceof Error && /Retryable HTTP status|socket hang up|aborted/.test(error.message))
  );
}

/** Tells a failed request in a person's terms; an error that already does so passes unchanged. */
export function toStoreError(error: unknown, place: StorePlace): StewardError {
  return error instanceof StewardError ? error : new StewardError(describe(error, place), { cause: error });
}

function describe(error: unknown, { endpoint, bucket, key }: StorePlace): Problem {
  const code = errorCode(error);
  const at = key === undefined ? bucket : `${bucket}/${key}`;
  const got = code || (error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  if (unreachable.has(code)) {
    const fix =
      "start it: `npx pulumi up` revives the services of a local stack, `npx steward status` shows them; for another store, check the address";
    return { code: "store-unreachable", at, what: `The object store at "${endpoint}" does not answer`, got, fix };
  }
  if (code === "NoSuchBucket") {
    const fix = "run `npx pulumi up`, which makes it, or correct the bucket's name";
    return {
      code: "store-bucket-missing",
      at,
      what: `The object store at "${endpoint}" has no bucket "${bucket}"`,
      fix,
    };
  }
  if (refusals.has(code)) {
    const fix = "check the access key and its rights to this bucket, and this machine's clock";
    return { code: "store-refused", at, what: `The object store at "${endpoint}" refuses the request`, got, fix };
  }
  return { code: "store-failed", at, what: `The object store at "${endpoint}" could not do what was asked`, got };
}
