/**
 * The codes of requests that come to no answer. Pure.
 * @module
 */

/** That nobody answers. */
const unreachable = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "EPROTO"]);
/** That an answer is not to be had now. */
const passing = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** The code of an error of a request, of the first where several addresses were tried; "" where it has none. */
export function failureCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return failureCode(error.errors[0]);
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whether a request of this code came to no answer; certificates that are not trusted among the reasons. */
export function isUnreachable(code: string): boolean {
  return (
    unreachable.has(code) ||
    passing.has(code) ||
    /^(HPE_|CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/.test(code)
  );
}

/** Whether the same request may be answered a moment later. A refused connection is not of that kind: nobody listens. */
export function isPassingCode(code: string): boolean {
  return passing.has(code);
}
