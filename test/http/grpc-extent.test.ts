import { describe, expect, it } from "vitest";
import { MessageExtent } from "../../framework/http/grpc-extent.ts";

/** A message of gRPC of so many bytes. */
function compose(length: number): Buffer {
  const bytes = Buffer.alloc(5 + length);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

describe("what is held of a call's messages", () => {
  it("is what has come of the one that is not whole, however it is cut", () => {
    const all = Buffer.concat([compose(10), compose(0), compose(300), compose(1)]);
    const ends = [15, 20, 325, 331];
    for (const size of [1, 2, 3, 7, 64, 1000]) {
      const extent = new MessageExtent();
      for (let at = 0; at < all.length; at += size) {
        extent.read(all.subarray(at, at + size));
        const read = Math.min(at + size, all.length);
        const whole = ends.findLast((end) => end <= read) ?? 0;
        expect([size, read, extent.held]).toEqual([size, read, read - whole]);
      }
    }
  });
});
