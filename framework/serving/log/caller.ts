/**
 * Callers: who asks, as whoever asks says.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";
import { longestId } from "../limits.ts";

/** The header that names the caller, and the key of gRPC's metadata. */
export const callerHeader = "steward-caller";

/**
 * Reads the caller that a request names. Bytes beyond ASCII are UTF-8.
 * @default undefined where there is none, or an empty one
 * @throws Refusal 400 for one of more than 256 characters
 */
export function readCaller(given: string | readonly string[] | undefined): string | undefined {
  const text = typeof given === "string" ? given : given?.join(", ");
  if (text === undefined || text === "") return undefined;
  const caller = Buffer.from(text, "latin1").toString("utf8");
  if (caller.length > longestId) throw new Refusal(400, `${callerHeader}: it has more than ${longestId} characters`);
  return caller;
}
