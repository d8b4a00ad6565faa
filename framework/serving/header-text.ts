/**
 * Texts that callers say in headers, or under the same names in gRPC's metadata.
 * @module
 */
import { Refusal } from "../http/refusal.ts";
import { longestId } from "./limits.ts";

/**
 * Reads the text of a header. Bytes beyond ASCII are UTF-8.
 * @default undefined where there is none, or an empty one
 * @throws Refusal 400 for one of more than 256 characters
 */
export function readHeaderText(header: string, given: string | readonly string[] | undefined): string | undefined {
  const said = typeof given === "string" ? given : given?.join(", ");
  if (said === undefined || said === "") return undefined;
  const text = Buffer.from(said, "latin1").toString("utf8");
  if (text.length > longestId) throw new Refusal(400, `${header}: it has more than ${longestId} characters`);
  return text;
}
