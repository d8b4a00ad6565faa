import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GivenServer } from "../given-server.ts";
import type { Answer } from "../storm-model.ts";
import { compose, type RawCase, sound, soundAnswer } from "./bad-case.ts";
import { binaryCases, otherRaw, soundRaw } from "./binary-cases.ts";
import { findLeaks } from "./find-leaks.ts";
import { httpCases } from "./http-cases.ts";
import { askOnce, RawConnection, type RawReply } from "./raw-connection.ts";

const given = new GivenServer();
let port = 0;
beforeAll(async () => {
  await given.prepare();
  await given.promote(1);
  port = await given.start({ log: { requests: "none", durability: "memory" } });
});
afterAll(() => given.remove());

function readProbability(reply: RawReply | undefined): unknown {
  return (JSON.parse(reply?.body ?? "{}") as Answer).outputs?.[0]?.data[0];
}

describe.each([
  ["of HTTP that is wrong", httpCases],
  ["in the binary extension that is wrong", binaryCases],
] as const)("a request %s", (_title, cases) => {
  it.each(cases.map((one) => [one.name, one] as const))("for %s is refused", async (_name, one: RawCase) => {
    const first = await askOnce(port, one.bytes, one.ends);
    using connection = await RawConnection.open(port);
    // After requests that took the fast path, too.
    for (let times = 0; times < 2; times++) expect(await connection.ask(compose(sound))).toMatchObject({ status: 200 });
    connection.send(one.bytes);
    if (one.ends) connection.end();
    const second = await connection.read();
    for (const reply of [first, second]) {
      expect(reply?.status, reply?.body).toBe(one.status);
      expect(reply?.head).toContain("content-type: application/json");
      const body = JSON.parse(reply?.body ?? "{}") as { readonly error?: unknown };
      expect(Object.keys(body)).toEqual(["error"]);
      expect(body.error).toContain(one.says);
      expect(findLeaks(String(body.error))).toEqual([]);
    }
    const after = await askOnce(port, compose(sound));
    expect(readProbability(after)).toBeCloseTo(soundAnswer, 6);
  });
});

describe("a request that looks odd", () => {
  it.each<[string, string | Buffer]>([
    ["in bytes", soundRaw],
    ["in bytes, in another order", otherRaw],
    ["that asks to be told to go on", compose(sound, "expect: 100-continue")],
    ["of an absolute address", compose(sound).toString().replace("POST /", "POST http://a/")],
    ["of another host", compose(sound).toString().replace("host: a", "host: evil.example")],
    ["with a query", compose(sound).toString().replace("/infer ", "/infer?a=b ")],
    ["with its path percent-encoded", compose(sound).toString().replace("storm", "%73torm")],
    ["of HTTP/1.0", compose(sound).toString().replace("HTTP/1.1", "HTTP/1.0")],
    ["with a hundred headers", compose(sound, ...Array.from({ length: 100 }, (_, i) => `h${i}: 1`))],
    ["with an empty line before it", `\r\n${compose(sound)}`],
    ["with a time that suffices", compose(sound, "steward-timeout: 5000")],
  ])("%s is answered", async (_name, bytes) => {
    expect(readProbability(await askOnce(port, bytes))).toBeCloseTo(soundAnswer, 6);
  });
});

describe("the bad requests", () => {
  it("have a name each", () => {
    const names = [...httpCases, ...binaryCases].map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
  });

  it("are the fault of their callers alone", () => {
    expect(given.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });
});
