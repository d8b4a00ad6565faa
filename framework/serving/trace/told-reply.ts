/**
 * Replies that say the id of their request. Pure.
 * @module
 */
import type { Reply } from "../../http/answering-server.ts";

/** The header that says the id of a request, in it and in its reply. */
export const requestIdHeader = "x-request-id";

/** A reply with an id, where there is one. */
export function tellRequestId(reply: Reply, id: string | undefined): Reply {
  return id === undefined ? reply : { ...reply, headers: { ...reply.headers, [requestIdHeader]: id } };
}
