import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { serveControl } from "../../../framework/evaluation/served/limited-server.ts";
import { measureOpenLoop } from "../../../framework/evaluation/served/open-loop.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that answers after a time, one request after the other. */
async function serve(milliseconds: (request: number) => number | undefined): Promise<string> {
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  const server = createServer((request, response) => {
    const wait = milliseconds(count++);
    request.resume();
    if (wait === undefined) return;
    last = last.then(() => new Promise((resolve) => setTimeout(resolve, wait)));
    void last.then(() => response.end("{}"));
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("it has no port");
  return `http://127.0.0.1:${address.port}/`;
}

describe("measureOpenLoop", () => {
  it("measures a server beside a control, at a rate", async () => {
    await using control = await serveControl({});
    const candidate = await serve(() => 40);
    const fact = await measureOpenLoop({ candidate, control: control.address, bodies: ["{}"], rate: 20 });
    expect(fact).toMatchObject({ asked: 60, unanswered: 0 });
    expect(fact.candidate.p50).toBeGreaterThan(39);
    expect(fact.control.p50).toBeLessThan(fact.candidate.p50);
    expect(fact.control.p50).toBeGreaterThan(0);
  });

  it("counts the time that rows wait behind one that takes long, which whoever waits for answers never sees", async () => {
    await using control = await serveControl({});
    // After the warm-up one answer takes half a second, in which fifty rows are due.
    const candidate = await serve((request) => (request === 60 ? 500 : 0));
    const fact = await measureOpenLoop({ candidate, control: control.address, bodies: ["{}"], rate: 100 });
    expect(fact).toMatchObject({ asked: 300, unanswered: 0 });
    expect(fact.candidate.p99).toBeGreaterThan(300);
  });

  it("ends although rows are never answered, and counts them", async () => {
    await using control = await serveControl({});
    const candidate = await serve((request) => (request >= 300 ? undefined : 0));
    const fact = await measureOpenLoop({ candidate, control: control.address, bodies: ["{}"], rate: 100 });
    expect(fact).toMatchObject({ asked: 300, unanswered: 20 });
    expect(fact.candidate.p99).toBe(Infinity);
  });

  it("ends with its signal", async () => {
    await using control = await serveControl({});
    const options = { candidate: control.address, control: control.address, bodies: ["{}"], rate: 100 };
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(measureOpenLoop({ ...options, signal })).rejects.toThrow("enough");
  });
});
