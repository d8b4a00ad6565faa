/**
 * Sending events to a server that speaks OpenLineage's HTTP.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import { hideCredentials } from "../../toolchain/command.ts";

/** Where servers take events, unless an address says another path. */
const defaultPath = "/api/v1/lineage";
/** So much of a refusal is shown, in characters. */
const shownCharacters = 300;

export interface Endpoint {
  /** `http://127.0.0.1:5000`, or with the path at which events are taken. */
  readonly url: string;
  /** A key that the server asks for, a secret. @default none is sent */
  readonly key?: string | undefined;
  /** How long one event may take, in seconds. @default 10 */
  readonly patience?: number;
}

/** The address at which a server takes events. Pure. @throws StewardError when it is none */
export function locateEndpoint(url: string): URL {
  const address = URL.parse(url);
  const isHttp = address?.protocol === "http:" || address?.protocol === "https:";
  if (!address || !isHttp) throw misuse("an address that begins with http:// or https://", hideCredentials(url));
  if (address.username !== "" || address.password !== "")
    throw misuse("an address without a user in it; OPENLINEAGE_API_KEY may hold a key", "one with a user");
  if (address.pathname === "/") address.pathname = defaultPath;
  return address;
}

function unsendable(): StewardError {
  return new StewardError({
    code: "command-misused",
    at: "",
    what: "the key for the server that takes events cannot be sent",
    expected: "letters, digits and signs of ASCII, without a space or a line's end within",
    fix: "mend OPENLINEAGE_API_KEY",
  });
}

function misuse(expected: string, got: string): StewardError {
  const fix = "see npx steward data lineage --help";
  const what = "what was named is no server that takes events";
  return new StewardError({ code: "command-misused", at: "", what, got, expected, fix });
}

/** Sends events, one after another. @throws StewardError when one is not taken: those before it are */
export async function emitEvents(events: readonly unknown[], endpoint: Endpoint): Promise<void> {
  const address = locateEndpoint(endpoint.url);
  const key = endpoint.key?.trim() || undefined;
  // Whoever sends it would say of a key that no header can have what it is.
  if (key !== undefined && !/^[!-~]+$/.test(key)) throw unsendable();
  for (const [index, event] of events.entries()) {
    const failure = await post(address, event, { ...endpoint, key });
    if (failure === undefined) continue;
    throw new StewardError({
      code: "lineage-not-taken",
      at: "",
      // What stands behind the path may be a key.
      what: `${address.origin}${address.pathname} has not taken event ${index + 1} of ${events.length}`,
      got: failure,
      fix: "see that the server runs and takes OpenLineage there; sent again, events are the same runs and no new ones",
    });
  }
}

/** Sends one event. @returns why it was not taken, or nothing */
async function post(
  address: URL,
  event: unknown,
  { key, patience = 10 }: Pick<Endpoint, "key" | "patience">,
): Promise<string | undefined> {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(event),
      redirect: "error",
      signal: AbortSignal.timeout(patience * 1_000),
    });
    const said = (await answer.text()).trim();
    if (answer.ok) return undefined;
    return [`status ${answer.status}`, said.slice(0, shownCharacters)].filter(Boolean).join(": ");
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return `no answer within ${patience} s`;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && "code" in cause) return String(cause.code);
    return cause instanceof Error ? cause.message : String(cause);
  }
}
