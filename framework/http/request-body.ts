/**
 * The body of a request, as bytes, up to a limit.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { type BodyRoom, refuseFull } from "./body-room.ts";
import { Refusal } from "./refusal.ts";

/** Up to this much is read and thrown away, so that a caller who sends before it listens still learns why; in largest bodies. */
const discarded = 4;

/**
 * Reads a body to its end.
 * @param most how large it may be, in bytes
 * @param room where it takes its bytes from. Whoever answers the request releases them: Node says that a request is over as soon as
 *   all of it was read. @default they are not counted
 * @throws Refusal 400 for a body that breaks off, 413 for one that is too large, 503 where there is no room for it
 */
export function readBody(request: IncomingMessage, most: number, room?: BodyRoom): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const breakOff = () => reject(new Refusal(400, "the body broke off"));
    if (request.destroyed) {
      breakOff();
      return;
    }
    if (Number(request.headers["content-length"] ?? 0) > most * discarded) {
      reject(refuseLarge(most));
      return;
    }
    let chunks: Buffer[] = [];
    let size = 0;
    let why: Refusal | undefined;
    // What is refused is read on and thrown away, as far as it is worth telling its sender why.
    const drop = (refusal: Refusal): void => {
      why = refusal;
      chunks = [];
      room?.release(request);
    };
    // Listeners and no iteration, which takes longer than all else that is done for a small request.
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) {
        if (why?.status !== 413) drop(refuseLarge(most));
        if (size <= most * discarded) return;
        reject(refuseLarge(most));
        request.destroy();
      } else if (why === undefined && room?.hold(request, chunk.length) === false) drop(refuseFull());
      else if (why === undefined) chunks.push(chunk);
    });
    request.once("end", () => {
      const [first] = chunks;
      if (why) reject(why);
      else resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    request.once("error", breakOff);
    request.once("close", () => {
      if (!request.readableEnded) breakOff();
    });
  });
}

/** What is said of a body that is larger than it may be. */
export function refuseLarge(most: number): Refusal {
  const size = most % 2 ** 20 === 0 ? `${most / 2 ** 20} MiB` : `${most} bytes`;
  return new Refusal(413, `the body is larger than ${size}; send less at once`, { connection: "close" });
}
