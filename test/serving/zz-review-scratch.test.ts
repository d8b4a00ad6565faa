import { describe, it } from "vitest";
import { Client, credentials } from "@grpc/grpc-js";
import { useServer } from "./given-server.ts";
import { model } from "./storm-model.ts";
import { openClient } from "./grpc/client.ts";

const given = useServer();
const out = (...x: unknown[]) => process.stderr.write(x.map((v) => (typeof v === "string" ? v : JSON.stringify(v))).join(" ") + "\n");
function varint(n: number) { const b = []; while (n > 127) { b.push((n & 127) | 128); n = Math.floor(n / 128); } b.push(n); return Buffer.from(b); }
function f(id: number, body: Buffer) { return Buffer.concat([varint(id * 8 + 2), varint(body.length), body]); }
const big = 16 * 2 ** 20 - 200;
const contents = (id: number, fill: number, dt: string) => Buffer.concat([f(1, Buffer.from(model)), f(5, Buffer.concat([f(1, Buffer.from("wind")), f(2, Buffer.from(dt)), f(3, varint(1)), f(5, f(id, Buffer.alloc(big, fill)))]))]);
describe("review", () => {
  it("grpc huge", { timeout: 120000 }, async () => {
    await given.promote(1);
    const port = await given.start();
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const send = (bytes: Buffer) => new Promise((r) => client.makeUnaryRequest("/inference.GRPCInferenceService/ModelInfer", (x: Buffer) => x, (x: Buffer) => x, bytes, (e) => r(e ? `${e.code} ${e.details.slice(0, 150)}` : "OK")));
    for (const [name, bytes] of [
      ["groups", Buffer.alloc(big, 11 + 8 * 20)],
      ["raws", Buffer.concat([f(1, Buffer.from(model)), Buffer.alloc(big, 0).map((_, i) => (i % 2 ? 0 : 58)) as Buffer])],
      ["inputs", Buffer.concat([f(1, Buffer.from(model)), Buffer.from(Buffer.alloc(4 * 2 ** 20, 0).map((_, i) => (i % 2 ? 0 : 42)))])],
      ["bools", contents(1, 1, "BOOL")],
      ["int64", contents(3, 5, "INT64")],
      ["bytes", Buffer.concat([f(1, Buffer.from(model)), f(5, Buffer.concat([f(1, Buffer.from("wind")), f(2, Buffer.from("BYTES")), f(5, Buffer.from(Buffer.alloc(big, 0).map((_, i) => (i % 2 ? 0 : 66))))]))])],
    ] as const) {
      const t = performance.now(); let peak = 0; const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss); }, 5);
      const r = await send(bytes);
      peak = Math.max(peak, process.memoryUsage().rss); clearInterval(timer);
      out(name, String(r), Math.round(performance.now() - t), "ms rss", Math.round(peak / 1e6), "max", Math.round(process.resourceUsage().maxRSS / 1e3));
    }
    client.close();
  });
});
