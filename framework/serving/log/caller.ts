/**
 * Callers: who asks, as whoever asks says.
 * @module
 */
import { readHeaderText } from "../header-text.ts";

/** The header that names the caller, and the key of gRPC's metadata. */
export const callerHeader = "steward-caller";

/** Reads the caller that a request names, as `readHeaderText` does. */
export function readCaller(given: string | readonly string[] | undefined): string | undefined {
  return readHeaderText(callerHeader, given);
}
