/**
 * Requests that lie about themselves or are vast: each is to be refused, and its connection may be closed after it.
 * @module
 */
import { gzipSync } from "node:zlib";
import type { Draw } from "../promise/draw.ts";
import type { DrawnRequest } from "./draw-request.ts";

const sound = JSON.stringify({
  inputs: [
    { name: "nights", datatype: "FP64", shape: [1], data: [1] },
    { name: "breakfast", datatype: "BOOL", shape: [1], data: [true] },
    { name: "room", datatype: "BYTES", shape: [1], data: ["street"] },
  ],
});
const line = "POST /v2/models/storm/infer HTTP/1.1";

function compose(body: string | Buffer, headers: readonly string[], first = line): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from([first, "host: a", ...headers, "", ""].join("\r\n"), "latin1"), bytes]);
}

const size = `content-length: ${sound.length}`;
const vast = {
  deep: "[".repeat(200_000),
  tensors: JSON.stringify({ inputs: new Array(100_000).fill({ name: "a" }) }),
  outputs: `{"inputs":[],"outputs":[${"1,".repeat(500_000)}1]}`,
  shape: sound.replace("[1]", `[${"1,".repeat(300_000)}1]`),
  keys: `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(",")}}`,
  bomb: gzipSync(Buffer.alloc(32 * 2 ** 20, 0x20), { level: 9 }),
  nested: gzipSync("[".repeat(2 ** 23), { level: 9 }),
};
const packed = "content-encoding: gzip";

function whole(body: string | Buffer, ...headers: readonly string[]): Buffer {
  return compose(body, [`content-length: ${Buffer.byteLength(body)}`, ...headers]);
}

const usual: readonly ((draw: Draw) => Buffer)[] = [
  (draw) => compose(sound, [`content-length: ${sound.length + 1 + draw.below(1000)}`]),
  (draw) => compose(sound, [`content-length: ${draw.below(sound.length)}`, "connection: close"]),
  () => compose(sound, []),
  () => compose(sound, [size, size]),
  () => compose(sound, [size, "transfer-encoding: chunked"]),
  () => compose(sound, ["transfer-encoding: gzip, chunked"]),
  (draw) => compose(`${draw.below(1000).toString(16)}\r\n${sound}\r\n0\r\n\r\n`, ["transfer-encoding: chunked"]),
  (draw) =>
    compose(`${draw.of(["zz", "-1", "", "ffffffffffffffffff", "1 2"])}\r\n${sound}\r\n0\r\n\r\n`, [
      "transfer-encoding: chunked",
    ]),
  () => compose(sound, [size, "host: b"]),
  (draw) => compose(sound, [size, draw.of(["na me: 1", "name : 1", " folded: 1", "name", ": 1", "name: a\0b"])]),
  (draw) =>
    compose(sound, [size, `content-encoding: ${draw.of(["br", "gzip, gzip", "zstd", "x", "gzip", "deflate"])}`]),
  (draw) => compose(sound, [size, `expect: ${draw.of(["200-ok", "x"])}`]),
  (draw) => compose(sound, [size, `steward-timeout: ${draw.of(["0", "-1", "x", "1.5", ""])}`]),
  (draw) => compose(sound, [size, ...Array.from({ length: 200 + draw.below(50) }, (_, i) => `h${i}: 1`)]),
  (draw) => compose(sound, [size, `long: ${"a".repeat(17_000 + draw.below(50_000))}`]),
  (draw) =>
    compose(
      sound,
      [size],
      `${draw.of(["GET", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])} /v2/models/storm/infer HTTP/1.1`,
    ),
  (draw) =>
    compose(
      sound,
      [size],
      `POST ${draw.of(["/", "/v2", "//v2/models/storm/infer", "/v2/models/other/infer", "/v2/models/storm/versions/9/infer", "/v2/models/%zz/infer", "/v2/models/storm%00/infer", "/others/predict", "/v2/models/storm/infer/", "/..%2f..%2fetc/passwd"])} HTTP/1.1`,
    ),
  (draw) => compose("", [], draw.of(["GET /v2", "get /v2 HTTP/1.1", "GET /v2 HTTP/7.7", "X", "{}", "\0\0"])),
  (draw) => compose(sound, [size]).subarray(0, 1 + draw.below(60 + sound.length)),
  (draw) => whole(gzipSync(sound).subarray(0, 10 + draw.below(60)), packed),
  () => whole(Buffer.concat([gzipSync(sound), Buffer.from("x")]), packed),
];

const rare: readonly (() => Buffer)[] = [
  () => whole(vast.deep),
  () => whole(vast.tensors),
  () => whole(vast.outputs),
  () => whole(vast.shape),
  () => whole(vast.keys),
  () => whole(vast.bomb, packed),
  () => whole(vast.nested, packed),
  () => whole(vast.deep, "te: trailers"),
];

/** One that is vast is one of a hundred. */
export function drawLie(draw: Draw): DrawnRequest {
  const bytes = draw.below(100) === 0 ? draw.of(rare)() : draw.of(usual)(draw);
  return { kind: "lie", bytes, verdict: undefined, isLast: true };
}
