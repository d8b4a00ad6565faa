import { describe, expect, it } from "vitest";
import { HeadReader } from "../../../framework/serving/fast/request-head.ts";

const line = "POST /v2/models/storm/infer HTTP/1.1";

function read(text: string, start = 0) {
  return new HeadReader(line).read(Buffer.from(text, "latin1"), start);
}

function compose(...headers: readonly string[]): string {
  return [line, ...headers, "", ""].join("\r\n");
}

describe("the head of a request", () => {
  it.each([
    ["of few headers", compose("Host: a", "Content-Length: 12"), 12],
    [
      "of many",
      compose("host:a:80", "CONTENT-LENGTH:0", "Accept: */*", "User-Agent: x/1 (y)", "Connection: keep-alive"),
      0,
    ],
    ["that asks for a packed answer", compose("host: a", "content-length: 3", "accept-encoding: gzip, br"), 3],
    ["with an empty header", compose("host: a", "content-length: 3", "x-empty:"), 3],
  ])("%s says how long the body is", (_title, text, bodyLength) => {
    expect(read(text)).toEqual({ length: text.length, bodyLength });
    expect(read(`${" ".repeat(7)}${text}{}`, 7)).toEqual({ length: text.length, bodyLength });
  });

  it("is read anew when it is not the last one", () => {
    const reader = new HeadReader(line);
    for (const length of [10, 10, 11, 10]) {
      const text = compose("host: a", `content-length: ${length}`);
      expect(reader.read(Buffer.from(text), 0)).toEqual({ length: text.length, bodyLength: length });
    }
    expect(reader.read(Buffer.from(compose("host: a", "content-length: 10").slice(0, -1)), 0)).toBe("incomplete");
  });

  it("says what unit is named, known or not, and nothing of an empty one", () => {
    const reader = new HeadReader(line);
    for (const unit of ["a", "a", "customer 17", ""]) {
      const text = compose("host: a", `Steward-Unit: ${unit}`, "content-length: 3");
      expect(reader.read(Buffer.from(text), 0)).toEqual({
        length: text.length,
        bodyLength: 3,
        unit: unit === "" ? undefined : unit,
      });
    }
  });

  it.each([
    ["another length", "content-length: 7", 7],
    ["a longer one", "content-length: 12345678", 12_345_678],
    ["too long a one", "content-length: 123456789", "other"],
    ["a length with a sign", "content-length: -7", "other"],
    ["a length with more behind it", "content-length: 7 7", "other"],
    ["no length", "content-length: ", "other"],
    ["a second length", "content-length: 7\r\ncontent-length: 7", "other"],
  ])("that was read before but for %s is read as if it had not been", (_title, length, expected) => {
    const [before, now] = [compose("host: a", "content-length: 10", "x: y"), compose("host: a", length, "x: y")];
    const reader = new HeadReader(line);
    reader.read(Buffer.from(before), 0);
    const head = expected === "other" ? "other" : { length: now.length, bodyLength: expected };
    expect(reader.read(Buffer.from(now), 0)).toEqual(head);
    expect(read(now)).toEqual(head);
    for (let end = 1; end < now.length && expected !== "other"; end++)
      expect(reader.read(Buffer.from(now.slice(0, end)), 0)).toBe("incomplete");
  });

  it("is incomplete wherever it is cut", () => {
    const text = compose("host: a", "content-length: 12");
    for (let end = 1; end < text.length; end++) expect(read(text.slice(0, end))).toBe("incomplete");
  });

  it.each([
    ["another method", compose("host: a", "content-length: 1").replace("POST", "GET ")],
    ["another path", compose("host: a", "content-length: 1").replace("storm", "rains")],
    ["a query", compose("host: a", "content-length: 1").replace("infer", "infer?a=1")],
    ["another version", compose("host: a", "content-length: 1").replace("1.1", "1.0")],
    ["a line that ends in a line feed alone", compose("host: a", "content-length: 1").replace("\r\n", "\n")],
    ["a header that does", compose("host: a\nx: y", "content-length: 1")],
    ["no length", compose("host: a")],
    ["two lengths", compose("host: a", "content-length: 1", "content-length: 1")],
    ["a length with a sign", compose("host: a", "content-length: +1")],
    ["a length that is a list", compose("host: a", "content-length: 1, 1")],
    ["a length in hexadecimal", compose("host: a", "content-length: 0x1")],
    ["a huge length", compose("host: a", "content-length: 999999999")],
    ["an empty length", compose("host: a", "content-length:")],
    ["chunks", compose("host: a", "transfer-encoding: chunked")],
    ["a length beside chunks", compose("host: a", "content-length: 1", "transfer-encoding: chunked")],
    ["an expectation", compose("host: a", "content-length: 1", "expect: 100-continue")],
    ["an upgrade", compose("host: a", "content-length: 1", "upgrade: h2c")],
    ["a connection that is closed", compose("host: a", "content-length: 1", "connection: close")],
    ["a packed body", compose("host: a", "content-length: 1", "content-encoding: gzip")],
    ["tensors as bytes", compose("host: a", "content-length: 1", "inference-header-content-length: 1")],
    ["two units", compose("host: a", "steward-unit: a", "steward-unit: b", "content-length: 1")],
    ["a very long unit", compose("host: a", `steward-unit: ${"u".repeat(257)}`, "content-length: 1")],
    ["a unit beyond ASCII", compose("host: a", "steward-unit: å", "content-length: 1")],
    ["no host", compose("content-length: 1")],
    ["two hosts", compose("host: a", "host: b", "content-length: 1")],
    ["a folded header", compose("host: a", " b", "content-length: 1")],
    ["a space before a colon", compose("host : a", "content-length: 1")],
    ["a header without a name", compose("host: a", ": b", "content-length: 1")],
    ["a header without a colon", compose("host: a", "b", "content-length: 1")],
    ["a zero byte", compose("host: a", "x: \0", "content-length: 1")],
    ["letters beyond ASCII", compose("host: a", "x: å", "content-length: 1")],
    ["a name beyond ASCII", compose("host: a", "å: x", "content-length: 1")],
    ["a very long head", compose("host: a", `x: ${"y".repeat(9000)}`, "content-length: 1")],
    ["a very long head that is not whole", compose("host: a", `x: ${"y".repeat(9000)}`).slice(0, -4)],
  ])("with %s is for another parser", (_title, text) => {
    expect(read(text)).toBe("other");
  });
});
