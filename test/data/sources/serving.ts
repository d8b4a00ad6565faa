/**
 * Servers on loopback that answer as a test says, or pass on to another what they do not spoil.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestServer {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** What was asked, in order. */
  readonly asked: { readonly url: string; readonly headers: IncomingMessage["headers"] }[];
  end(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server that answers in turn as the list says, and then always as its last one does. */
export async function startServer(...answers: readonly Answer[]): Promise<TestServer> {
  const asked: TestServer["asked"] = [];
  const server = createServer((incoming, outgoing) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push({ url: incoming.url ?? "", headers: incoming.headers });
    answer?.(incoming, outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    end: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Answers with a status, headers and a body. */
export function say(status: number, headers: Record<string, string> = {}, body = ""): Answer {
  return (_, response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** Says that more will come than does. */
export const breakOff: Answer = (_, response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write("t,amount\n", () => response.destroy());
};

/** Lets another server answer; with `most`, breaks off after so many bytes of a body. */
export function passOn(origin: string, most = Number.POSITIVE_INFINITY): Answer {
  const { hostname, port } = new URL(origin);
  return (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      if (most === Number.POSITIVE_INFINITY) answer.pipe(outgoing);
      else answer.once("data", (chunk: Buffer) => outgoing.write(chunk.subarray(0, most), () => outgoing.destroy()));
    });
    incoming.pipe(onward);
  };
}
