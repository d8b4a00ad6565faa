/**
 * A server that answers as a test says and keeps what it was asked, for what a model server seldom does.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach } from "vitest";

export interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** What is answered: a reply, or nothing, ever. */
export type Answered =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  | "silence";

export class GivenAnswers {
  asked: Asked[] = [];
  #server: Server | undefined;

  /** Starts it. @param answers one after the other; the last one is repeated @returns its address */
  async start(...answers: readonly Answered[]): Promise<string> {
    this.asked = [];
    const server = createServer(async (request, response) => {
      // Before it may stand the client's request type, in a line of its own.
      const body: unknown = JSON.parse((await text(request)).split("\n").at(-1) || "null");
      this.asked.push({ url: request.url ?? "", headers: request.headers, body });
      const answer = answers[Math.min(this.asked.length, answers.length) - 1] ?? "silence";
      if (answer === "silence") return;
      response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    });
    this.#server = server;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

/** A server for each test of a file that starts it. */
export function useAnswers(): GivenAnswers {
  const given = new GivenAnswers();
  afterEach(() => given.close());
  return given;
}
