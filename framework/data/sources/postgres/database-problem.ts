/**
 * Failures of a database, told in a person's terms. Never a password.
 * @module
 */
import { type Problem, StewardError } from "../../../definitions/problem.ts";
import { type DatabaseAddress, hideSecrets } from "./address.ts";

/** Where a failure happened. */
export interface DatabasePlace {
  /** The source, as problems name it. */
  readonly at: string;
  readonly address: DatabaseAddress;
}

const networkCodes =
  /^(ECONN\w+|E(NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|TIMEDOUT|PIPE)|CONNECT_TIMEOUT|CONNECTION_\w+|08\w{3}|57P0[123]|53300)$/;
const refusalCodes =
  /^(28\w{3}|3D000|42501|SASL_SIGNATURE_MISMATCH|CERT_\w+|ERR_TLS\w*|ERR_SSL\w*|DEPTH_ZERO\w+|SELF_SIGNED\w+|UNABLE_TO\w+)$/;
const limitCodes = /^(57014|55P03|25P0[34]|53\w{3}|40\w{3})$/;

/** What PostgreSQL says: five characters, a digit among them. */
const stateCodes = /^(?=.*\d)[0-9A-Z]{5}$/;

/** Tells a failure of a database in a person's terms; an error that already does so, or is not the database's, passes unchanged. */
export function toDatabaseError(error: unknown, place: DatabasePlace): unknown {
  const code = codeOf(error);
  const isDatabase = [networkCodes, refusalCodes, stateCodes].some((codes) => codes.test(code));
  // What the server said may hold what is secret: it is no cause of what is told.
  return isDatabase ? new StewardError(describe(code, messageOf(error), place)) : error;
}

/** The code of a failure: PostgreSQL's, or the operating system's. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function describe(code: string, message: string, { at, address }: DatabasePlace): Problem {
  const got = hideSecrets([code, message].filter(Boolean).join(": "), address);
  const server = `The database at ${address.host}:${address.port}`;
  if (networkCodes.test(code)) {
    const fix = "see that it runs, and that this machine may reach it; then run npx steward ingest";
    return { code: "source-unreachable", at, what: `${server} does not answer`, got, fix };
  }
  if (refusalCodes.test(code)) {
    const fix = "correct the user, the password or the database in the stack's input, or what the user may read";
    return { code: "source-refused", at, what: `${server} refuses to be read`, got, fix };
  }
  if (limitCodes.test(code)) {
    const fix = "try again when it has less to do; an index on the cursor makes the query cheap";
    return { code: "source-unreachable", at, what: `${server} did not come to the end of the query`, got, fix };
  }
  return {
    code: "query-invalid",
    at: `${at}.query`,
    what: `${server} does not run the query of the source`,
    got,
    expected: "one SELECT that reads, and writes nothing",
    fix: "try the query in psql as the same user, and correct it",
  };
}
