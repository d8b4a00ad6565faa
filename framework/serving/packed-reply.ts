/**
 * Replies that are packed, where the caller takes that and it is worth the time.
 * @module
 */
import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";
import type { Reply } from "../http/answering-server.ts";

/** Shorter replies are sent as they are: to pack them takes longer than to send them. */
const worthwhile = 16 * 2 ** 10;

const packers = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;

/** Packs a reply in the way that its caller takes, if any. @param accepted the header `Accept-Encoding` */
export async function packReply(reply: Reply, accepted: string | undefined): Promise<Reply> {
  const packing = choosePacking(accepted ?? "");
  if (packing === undefined) return reply;
  const body = reply.body instanceof Uint8Array ? reply.body : Buffer.from(JSON.stringify(reply.body));
  if (body.length < worthwhile) return { ...reply, body };
  const packed = await packers[packing](body, { level: 1 });
  return {
    ...reply,
    body: packed,
    headers: { ...reply.headers, "content-encoding": packing, vary: "accept-encoding" },
  };
}

/** The first of those that are known, unless it is refused by `q=0`. Pure. */
export function choosePacking(accepted: string): keyof typeof packers | undefined {
  for (const one of accepted.toLowerCase().split(",")) {
    const [name = "", ...parameters] = one.split(";").map((part) => part.trim());
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    if ((name === "gzip" || name === "deflate") && !isRefused) return name;
  }
  return undefined;
}
