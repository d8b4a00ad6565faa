/**
 * The address of a database, as a stack's input has it, and what may be told of it. Pure.
 * @module
 */
import { type Problem, StewardError } from "../../../definitions/problem.ts";

/** Where a database is, as far as a connection needs it. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  /** What must not be told, in each form in which it may turn up. */
  readonly secrets: readonly string[];
}

const defaultPort = 5432;

/**
 * Reads the address of a database.
 * @param at the source, for the problem; the address itself is told to nobody
 * @throws StewardError when it is none of one host
 */
export function readAddress(url: string, at: string): DatabaseAddress {
  const parsed = URL.parse(url);
  const isDatabase =
    parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol) && isOneHost(parsed) && isSplitRight(parsed);
  const password = isDatabase ? decode(parsed.password) : undefined;
  if (!isDatabase || password === undefined || decode(parsed.username) === undefined)
    throw new StewardError(describeAddress(at));
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(parsed.port || defaultPort),
    secrets: [password, parsed.password].filter((secret) => secret !== ""),
  };
}

/** A text without the secrets of an address. */
export function hideSecrets(text: string, { secrets }: Pick<DatabaseAddress, "secrets">): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, "***"), text);
}

/** A comma in an encoding makes several hosts of it to the client, which then never says that it reached none. */
function isOneHost({ hostname }: URL): boolean {
  return hostname !== "" && !hostname.includes("%");
}

/** A slash in a password that is not encoded ends the host before it: what is shown as one would be the password's beginning. */
function isSplitRight({ pathname, search, hash }: URL): boolean {
  return !`${pathname}${search}${hash}`.includes("@");
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function describeAddress(at: string): Problem {
  return {
    code: "source-refused",
    at,
    what: 'The input of "url" is no address of one PostgreSQL database',
    got: "an address that is not shown, as it may hold a password",
    expected: "postgres://user:password@host:5432/database",
    fix: "correct the stack's input; what is special in an address is written in percent-encoding",
  };
}
