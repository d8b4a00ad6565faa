/**
 * Requests whose method, path, head or framing is wrong.
 * @module
 */
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { model } from "../storm-model.ts";
import { compose, inferPath, type RawCase, sound } from "./bad-case.ts";

const noPath = "there is no such path";
const noModel = `there is no such model; this server has "${model}"`;

/** A request without a body. */
function plain(line: string, ...headers: readonly string[]): string {
  return [line, "host: a", ...headers, "", ""].join("\r\n");
}

const paths: readonly RawCase[] = [
  ...[
    "/",
    "//v2",
    "/v1",
    "/v2/v2",
    "/V2",
    "/v2/health",
    "/v2/health/live/",
    "/v2/health/liveness",
    "/v2/models",
    "/v2/models/",
    "/v2//models/storm",
    "/v2/models/storm/versions",
    "/v2/models/storm/versions/",
    "/v2/models/storm/versions/1/",
    "/v2/models/storm/versions/1/ready/",
    "/v2/../metrics",
    "/v2/%2e%2e/metrics",
    "/%76%32",
    "/metrics/",
    "/metrics%00",
    "/v2/models/storm/infer;a=b",
    "/etc/passwd",
    "/v2/models/storm/../../../etc/passwd",
    "/favicon.ico",
    "/.env",
    "*",
    `/${"a".repeat(8000)}`,
  ].map((path) => ({
    name: `GET ${path.slice(0, 40)}`,
    bytes: plain(`GET ${path} HTTP/1.1`),
    status: 404,
    says: noPath,
  })),
  ...[
    "other",
    "Storm",
    "storm%20",
    "storm%00",
    "..",
    "%2e%2e",
    "%2e%2e%2fstorm",
    "storm%2finfer",
    "constructor",
    "__proto__",
    "st%C3%B6rm",
  ].map((name) => ({
    name: `GET the model ${name}`,
    bytes: plain(`GET /v2/models/${name} HTTP/1.1`),
    status: 404,
    says: noModel,
  })),
  ...["0", "2", "01", "1.0", "-1", "latest", "%31%20", "1e0", "9".repeat(400)].map((version) => ({
    name: `GET the version ${version.slice(0, 10)}`,
    bytes: plain(`GET /v2/models/storm/versions/${version} HTTP/1.1`),
    status: 404,
    says: "there is no such version",
  })),
  ...["%", "%zz", "%c3%28", "%ff", "%u0041"].map((name) => ({
    name: `GET a model whose name is ${name}`,
    bytes: plain(`GET /v2/models/${name} HTTP/1.1`),
    status: 404,
    says: "the path is not percent-encoded as URLs are",
  })),
  {
    name: "POST to the endpoint of others",
    bytes: compose(sound).toString().replace(inferPath, "/others/predict"),
    status: 404,
    says: "there is no such endpoint",
  },
  {
    name: "POST to the model of others",
    bytes: compose(sound).toString().replace(model, "other"),
    status: 404,
    says: noModel,
  },
  {
    name: "POST to a version that there is not",
    bytes: compose(sound).toString().replace("/infer", "/versions/7/infer"),
    status: 404,
    says: "there is no such version",
  },
];

const methods: readonly RawCase[] = [
  ...["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"].map((method) => ({
    name: `${method} for an inference`,
    bytes: plain(`${method} ${inferPath} HTTP/1.1`),
    status: 405,
    says: "this path takes POST",
  })),
  ...["POST", "PUT", "DELETE", "OPTIONS", "TRACE"].map((method) => ({
    name: `${method} for metrics`,
    bytes: plain(`${method} /metrics HTTP/1.1`, "content-length: 0"),
    status: 405,
    says: "this path takes GET, HEAD",
  })),
  {
    name: "GET that says it is POST",
    bytes: plain(`GET ${inferPath} HTTP/1.1`, "x-http-method-override: POST"),
    status: 405,
    says: "this path takes POST",
  },
  {
    name: "a model to be loaded",
    bytes: plain("POST /v2/repository/models/storm/load HTTP/1.1", "content-length: 0"),
    status: 400,
    says: "this server loads what is in production, and nothing else",
  },
];

const noRequest = "the bytes are no request of HTTP/1.1";

const heads: readonly RawCase[] = [
  ...[
    "hello\r\n\r\n",
    "\0\0\0\0\r\n\r\n",
    "GET\r\n\r\n",
    "GET % HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /v2 HTTP/9.9\r\nhost: a\r\n\r\n",
    "GET /v2 HTTP/3.0\r\nhost: a\r\n\r\n",
    "get /v2 HTTP/1.1\r\nhost: a\r\n\r\n",
    "NOMETHOD /v2 HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /v 2 HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /v2 HTTP/1.1 \r\nhost: a\r\n\r\n",
    "GET /v2 http/1.1\r\nhost: a\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
    "SSH-2.0-OpenSSH_9.6\r\n\r\n",
    '{"inputs":[]}\r\n\r\n',
  ].map((bytes) => ({
    name: `the bytes ${JSON.stringify(bytes.slice(0, 24))}`,
    bytes: Buffer.from(bytes, "latin1"),
    status: 400,
    says: noRequest,
  })),
  ...[
    "host : b",
    " folded: 1",
    "no colon",
    ": nothing before it",
    "na me: 1",
    "name\0: 1",
    "name: a\0b",
    "name: a\rb",
    "(name): 1",
    "ñame: 1",
    "content-length: -1",
    "content-length: +1",
    "content-length: 1.0",
    "content-length: 0x10",
    "content-length: 1,1",
    "content-length: 99999999999999999999999999",
    "content-length: 1 1",
    "content-length: one",
    "content-length:",
  ].map((header) => ({
    name: `the header ${JSON.stringify(header)}`,
    bytes: Buffer.from(plain(`POST ${inferPath} HTTP/1.1`, header), "latin1"),
    status: 400,
    says: noRequest,
  })),
  ...["content-length: 5", "transfer-encoding: chunked", "content-length: 0"].map((header) => ({
    name: `two lengths, the second ${header}`,
    bytes: compose(sound, header),
    status: 400,
    says: noRequest,
  })),
  ...["gzip", "gzip, chunked", "identity", "chunked, chunked", "chunked, identity", "xchunked", '"chunked"'].map(
    (coding) => ({
      name: `the transfer encoding ${coding}`,
      bytes: `POST ${inferPath} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: ${coding}\r\n\r\n0\r\n\r\n`,
      status: 400,
      says: "",
    }),
  ),
  { name: "the form of HTTP/0.9", bytes: "GET /v2\r\n\r\n", status: 400, says: "the request is none of HTTP/1.1" },
  { name: "no host", bytes: `GET /v2 HTTP/1.1\r\n\r\n`, status: 400, says: "the request has no Host" },
  {
    name: "no host for an inference",
    bytes: compose(sound).toString().replace("host: a\r\n", ""),
    status: 400,
    says: "the request has no Host",
  },
  {
    name: "two hosts",
    bytes: plain("GET /v2 HTTP/1.1", "host: b"),
    status: 400,
    says: "the request has no Host, or more than one",
  },
  {
    name: "two hosts for an inference",
    bytes: compose(sound, "host: b"),
    status: 400,
    says: "the request has no Host, or more than one",
  },
  {
    name: "201 headers",
    bytes: plain("GET /v2 HTTP/1.1", ...Array.from({ length: 200 }, (_, i) => `h${i}: 1`)),
    status: 431,
    says: "the request has more than 200 headers",
  },
  {
    name: "201 headers of an inference, the last of which says how its body is packed",
    bytes: compose(gzipSync(sound), ...Array.from({ length: 200 }, (_, i) => `h${i}: 1`), "content-encoding: gzip"),
    status: 431,
    says: "the request has more than 200 headers",
  },
  {
    name: "a header of 20 kB",
    bytes: plain("GET /v2 HTTP/1.1", `long: ${"a".repeat(20_000)}`),
    status: 431,
    says: "the head of the request is longer",
  },
  {
    name: "a header of a megabyte",
    bytes: plain("GET /v2 HTTP/1.1", `long: ${"a".repeat(2 ** 20)}`),
    status: 431,
    says: "the head of the request is longer",
  },
  {
    name: "a path of 20 kB",
    bytes: plain(`GET /${"a".repeat(20_000)} HTTP/1.1`),
    status: 431,
    says: "the head of the request is longer",
  },
  {
    name: "an expectation that nobody meets",
    bytes: compose(sound, "expect: 200-ok"),
    status: 417,
    says: "the only expectation that is met",
  },
  ...["0", "-1", "1.5", "10s", "", "1, 2", "9999999999", "0x10", "NaN"].map((timeout) => ({
    name: `the timeout ${JSON.stringify(timeout)}`,
    bytes: compose(sound, `steward-timeout: ${timeout}`),
    status: 400,
    says: "steward-timeout is no number of milliseconds",
  })),
];

const [begin, end] = [sound.slice(0, 20), sound.slice(20)];
const chunkHead = `POST ${inferPath} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n`;

const framing: readonly RawCase[] = [
  { name: "a body that breaks off", bytes: compose(sound).subarray(0, -10), ends: true, status: 400, says: "" },
  ...["zz\r\n", "-1\r\n", "14 x\r\n", "0x14\r\n", "FFFFFFFFFFFFFFFFF\r\n", "\r\n", "14\n", ";a=b\r\n"].map((size) => ({
    name: `a chunk of the size ${JSON.stringify(size)}`,
    bytes: `${chunkHead}${size}${begin}\r\n0\r\n\r\n`,
    status: 400,
    says: noRequest,
  })),
  {
    name: "a chunk that is longer than it says",
    bytes: `${chunkHead}5\r\n${begin}\r\n${end.length.toString(16)}\r\n${end}\r\n0\r\n\r\n`,
    status: 400,
    says: noRequest,
  },
  { name: "a chunk that breaks off", bytes: `${chunkHead}ff\r\n${begin}`, ends: true, status: 400, says: "" },
  { name: "chunks without an end", bytes: `${chunkHead}14\r\n${begin}\r\n`, ends: true, status: 400, says: "" },
  {
    name: "a chunk with 20 kB beside its size",
    bytes: `${chunkHead}14;${"a".repeat(20_000)}\r\n${begin}\r\n0\r\n\r\n`,
    status: 413,
    says: "longer extensions",
  },
  {
    name: "chunks of a byte each that are no JSON",
    bytes: `${chunkHead}${"1\r\na\r\n".repeat(2000)}0\r\n\r\n`,
    status: 400,
    says: "the body is not JSON",
  },
  {
    name: "a body larger than any",
    bytes: compose(Buffer.alloc(16 * 2 ** 20 + 1, 0x20)),
    status: 413,
    says: "larger than 16 MiB",
  },
  {
    name: "a body that says it is a terabyte",
    bytes: compose("").toString().replace("content-length: 0", "content-length: 1000000000000"),
    status: 413,
    says: "larger than 16 MiB",
  },
];

const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, 0x20), { level: 9 });

const packing: readonly RawCase[] = [
  ...["br", "zstd", "compress", "gzip, gzip", "identity, gzip", "x-gzip", "GZIPP", "*", ","].map((encoding) => ({
    name: `a body in ${encoding}`,
    bytes: compose(gzipSync(sound), `content-encoding: ${encoding}`),
    status: 415,
    says: "gzip and deflate are",
  })),
  ...[
    ["gzip that is JSON", "gzip", Buffer.from(sound)],
    ["gzip that is deflate", "gzip", deflateSync(sound)],
    ["deflate that is gzip", "deflate", gzipSync(sound)],
    ["deflate without its head", "deflate", deflateRawSync(sound)],
    ["gzip that breaks off", "gzip", gzipSync(sound).subarray(0, -12)],
    ["gzip of another sum", "gzip", swapLast(gzipSync(sound), 8)],
    ["gzip of another length", "gzip", swapLast(gzipSync(sound), 1)],
    ["gzip with something after it", "gzip", Buffer.concat([gzipSync(sound), Buffer.from("more")])],
    ["deflate with something after it", "deflate", Buffer.concat([deflateSync(sound), Buffer.from("more")])],
    ["gzip of nothing at all", "gzip", Buffer.alloc(0)],
    ["deflate of nothing at all", "deflate", Buffer.alloc(0)],
  ].map(([name = "", encoding = "", body = ""]) => ({
    name: String(name),
    bytes: compose(body as Buffer, `content-encoding: ${String(encoding)}`),
    status: 400,
    says: "the body is not what its Content-Encoding says",
  })),
  {
    name: "gzip that unpacks to 64 MiB",
    bytes: compose(bomb, "content-encoding: gzip"),
    status: 413,
    says: "larger than 16 MiB",
  },
  {
    name: "gzip in gzip",
    bytes: compose(gzipSync(gzipSync(sound)), "content-encoding: gzip"),
    status: 400,
    says: "the body is not JSON",
  },
  {
    name: "gzip of JSON that is none",
    bytes: compose(gzipSync("{"), "content-encoding: gzip"),
    status: 400,
    says: "the body is not JSON",
  },
  {
    name: "gzip of lists in one another without end",
    bytes: compose(gzipSync("[".repeat(8 * 2 ** 20)), "content-encoding: gzip"),
    status: 400,
    says: "more than 32 deep",
  },
];

function swapLast(bytes: Buffer, back: number): Buffer {
  const swapped = Buffer.from(bytes);
  swapped[bytes.length - back] = (swapped[bytes.length - back] ?? 0) ^ 0xff;
  return swapped;
}

/** Each is answered with a status and a reason, whatever becomes of its connection. */
export const httpCases: readonly RawCase[] = [...paths, ...methods, ...heads, ...framing, ...packing];
