/**
 * Errors of a Redis server, told in a person's terms. Never a credential: of the address only host and port are said.
 * @module
 */
import { type Problem, StewardError } from "../../definitions/problem.ts";

/** The address of a server without its user and password. @throws StewardError for what is no such address */
export function describeAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "") {
    throw new StewardError({
      code: "settings-invalid",
      at: "",
      what: "the address of the online store is none of a Redis or Valkey server",
      expected: "redis://host:port or rediss://user:password@host:port",
      fix: "correct the address",
    });
  }
  return `${parsed.protocol}//${parsed.hostname}:${parsed.port || "6379"}`;
}

const refusals = /\b(WRONGPASS|NOAUTH|NOPERM|invalid password)\b/;

/** Tells a failure; an error that already does so passes unchanged. */
export function toRedisError(error: unknown, address: string): unknown {
  if (error instanceof StewardError || error instanceof TypeError) return error;
  return new StewardError(describe(error, address));
}

/** The cause is not kept: a client's error may carry the options it was made with. */
function describe(error: unknown, address: string): Problem {
  const message = error instanceof Error ? error.message : String(error);
  const code = findCode(error);
  const name = error instanceof Error ? error.constructor.name : "";
  if (refusals.test(message)) {
    const got = refusals.exec(message)?.[1] ?? "";
    return {
      code: "online-store-refused",
      at: "",
      what: `the online store at "${address}" refuses the credentials`,
      got,
    };
  }
  if (
    /^E[A-Z_]+$|CERT|^ERR_(TLS|SSL)/.test(code) ||
    /Client(Closed|Offline)|Socket|Connect|Timeout|Disconnect|Reconnect/.test(name)
  ) {
    return {
      code: "online-store-unreachable",
      at: "",
      what: `the online store at "${address}" does not answer`,
      got: code || name,
    };
  }
  // What a server says begins with a word in capitals: the rest may hold what was sent.
  const got = /^[A-Z]+\b/.exec(message)?.[0] ?? (name || "an error");
  return {
    code: "online-store-failed",
    at: "",
    what: `the online store at "${address}" could not do what was asked`,
    got,
  };
}

function findCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return findCode(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
