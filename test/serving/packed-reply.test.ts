import { gunzipSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { choosePacking, packReply } from "../../framework/serving/packed-reply.ts";

describe("how a reply is packed", () => {
  it.each([
    ["", undefined],
    ["br", undefined],
    ["identity", undefined],
    ["gzip", "gzip"],
    ["deflate, gzip;q=0.5", "deflate"],
    ["gzip;q=0, deflate", "deflate"],
    ["GZIP ; q=0.000", undefined],
    ["br, Gzip", "gzip"],
  ])("is told by what the caller takes: %j", (accepted, packing) => {
    expect(choosePacking(accepted)).toBe(packing);
  });

  it("leaves a short one as it is, and packs a long one in full", async () => {
    const short = { status: 200, body: { a: 1 } };
    expect(await packReply(short, "gzip")).toEqual({ status: 200, body: Buffer.from('{"a":1}') });
    const body = { data: Array.from({ length: 10_000 }, (_, i) => i) };
    for (const [packing, unpack] of [
      ["gzip", gunzipSync],
      ["deflate", inflateSync],
    ] as const) {
      const packed = await packReply({ status: 200, body }, packing);
      expect(packed.headers).toEqual({ "content-encoding": packing, vary: "accept-encoding" });
      expect(JSON.parse(unpack(packed.body as Buffer).toString())).toEqual(body);
    }
    expect(await packReply({ status: 200, body }, undefined)).toEqual({ status: 200, body });
  });
});
