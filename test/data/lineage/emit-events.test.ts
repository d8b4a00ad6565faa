import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { emitEvents, locateEndpoint } from "../../../framework/data/lineage/emit-events.ts";
import { failure } from "../../support/failure.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Starts a server that answers as it is told to. @returns its address */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

describe("events", () => {
  it("come to a server in their order, at its path, with the key", async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      const { method, url, headers } = request;
      seen.push([method, url, headers["content-type"], headers.authorization, JSON.parse(await text(request))]);
      response.writeHead(201).end();
    });
    await emitEvents([{ n: 1 }, { n: 2 }], { url, key: "secret" });
    const head = ["POST", "/api/v1/lineage", "application/json", "Bearer secret"];
    expect(seen).toEqual([
      [...head, { n: 1 }],
      [...head, { n: 2 }],
    ]);
  });

  it("that are not taken are told of with the answer, and without the key; none follows", async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(422).end("no such producer");
    });
    const { problems } = await failure(
      emitEvents([{ n: 1 }, { n: 2 }], { url: `${url}/other?token=hidden`, key: "secret" }),
    );
    expect(problems).toMatchObject([
      {
        code: "lineage-not-taken",
        what: `${url}/other has not taken event 1 of 2`,
        got: "status 422: no such producer",
      },
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/secret|hidden/);
    expect(asked).toBe(1);
  });

  it("are not sent on to where a server says, nor to where nobody answers", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(request.url === "/elsewhere" ? 200 : 302, { location: "/elsewhere" }).end();
    });
    expect((await failure(emitEvents([{}], { url }))).problems).toMatchObject([{ code: "lineage-not-taken" }]);
    expect(seen).toEqual(["/api/v1/lineage"]);
    server?.close();
    server?.closeAllConnections();
    expect((await failure(emitEvents([{}], { url }))).problems).toMatchObject([{ got: "ECONNREFUSED" }]);
  });

  it("are not sent with a key that no header can have, which nobody gets to read", async () => {
    for (const key of ["hidden\nkey", "hidden\0", "hidden€", "hidden key"]) {
      const { problems } = await failure(emitEvents([{}], { url: "http://127.0.0.1:1", key }));
      expect(problems).toMatchObject([{ code: "command-misused", what: expect.stringContaining("key") }]);
      expect(JSON.stringify(problems)).not.toContain("hidden");
    }
  });

  it("are sent with a key as a file has it, and without one that is empty", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(201).end();
    });
    for (const key of ["secret\n", " "]) await emitEvents([{}], { url, key });
    expect(seen).toEqual(["Bearer secret", undefined]);
  });

  it("wait for an answer that does not come for a bounded time", async () => {
    const url = await serve(() => {});
    const { problems } = await failure(emitEvents([{}], { url, patience: 0.2 }));
    expect(problems).toMatchObject([{ got: "no answer within 0.2 s" }]);
  });
});

it.each([["ftp://x"], ["nothing"], ["http://user:password@x"]])("%s is no server of events", (url) => {
  expect(() => locateEndpoint(url)).toThrow(/takes events/);
  expect(() => locateEndpoint(url)).not.toThrow(/password/);
});
