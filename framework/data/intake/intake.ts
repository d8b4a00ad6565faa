/**
 * The intake: takes rows that others push over HTTP into the store, batch by batch. An answer of 200 means that a batch is
 * durable there; whether its rows keep the contract is judged when they are ingested.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { StewardError } from "../../definitions/problem.ts";
import {
  type BatchLimits,
  defaultLimits,
  findRoute,
  readFormat,
  readKey,
  readText,
  requireToken,
} from "./push-request.ts";
import { type BatchStore, keepBatch } from "./pushed-batch.ts";
import { Refused } from "./refusal.ts";
import { readRowLines } from "./row-lines.ts";

export interface IntakeOptions {
  /** The datasets that take rows. */
  readonly datasets: readonly string[];
  /** What whoever pushes must show. */
  readonly token: string;
  readonly store: BatchStore;
  /** 0 takes any free one. */
  readonly port: number;
  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** @default 16 MiB and 100000 rows */
  readonly limits?: BatchLimits;
  /** How many bodies are in memory at once; more are told to come back in a moment. @default 8 */
  readonly atOnce?: number;
  /** How long batches under way may take when the intake closes, in milliseconds. @default 8000 */
  readonly drainMilliseconds?: number;
  /** Told what fails, in one line each, for the program's own log. @default nobody is told */
  readonly report?: (line: string) => void;
}

export interface Intake {
  /** The port it listens on. */
  readonly port: number;
  /** Accepts nothing new, and finishes what is under way. */
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts the intake. */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const desk = new Desk(options);
  const server = createServer((request, response) => {
    response.on("finish", () => {
      if (desk.isClosing) setImmediate(() => server.closeIdleConnections());
    });
    void desk.answer(request).then((reply) => send(response, reply, desk.isClosing));
  });
  // Enough for the largest body on a slow line, and not for a caller that holds connections open.
  server.requestTimeout = 60_000;
  server.headersTimeout = 10_000;
  server.listen(options.port, options.host ?? "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    async close() {
      desk.isClosing = true;
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), options.drainMilliseconds ?? 8000);
      await closed;
      clearTimeout(cut);
    },
  };
}

/** Where requests are answered. */
class Desk {
  isClosing = false;
  readonly #options: IntakeOptions;
  #underWay = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** The reply to a request, whatever goes wrong on the way to it. */
  async answer(request: IncomingMessage): Promise<Reply> {
    const { report = () => undefined } = this.#options;
    try {
      const route = findRoute(request.method ?? "", request.url ?? "");
      if (route.name === "health") return { status: this.isClosing ? 503 : 200, body: { ready: !this.isClosing } };
      return await this.#push(request, route.dataset);
    } catch (error) {
      if (error instanceof Refused)
        return { status: error.status, body: { error: error.message }, headers: error.headers };
      report(`a batch was not taken: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      // Nothing that was begun counts until it is named, and what is named is the same when it is sent again.
      if (error instanceof StewardError) return comeBack("the store does not take the batch at the moment", 5);
      return { status: 500, body: { error: "the intake failed to answer; its log says why" } };
    }
  }

  async #push(request: IncomingMessage, dataset: string): Promise<Reply> {
    const { datasets, token, store, limits = defaultLimits, atOnce = 8 } = this.#options;
    // Whoever has no token learns nothing, not even which datasets there are.
    requireToken(request.headers, token);
    if (!datasets.includes(dataset)) throw new Refused(404, `no dataset "${dataset}" takes rows here`);
    const key = readKey(request.headers);
    const format = readFormat(request.headers);
    if (this.isClosing) return comeBack("the intake is being stopped", 5);
    if (this.#underWay >= atOnce) return comeBack("too many batches are on their way at once", 1);
    this.#underWay++;
    try {
      const lines = readRowLines(await readText(request, limits), format, limits.rows);
      const kept = await keepBatch(store, { dataset, key, lines, at: new Date().toISOString() });
      if (!kept)
        throw new Refused(409, "this Idempotency-Key was given to other rows before; give each batch one of its own");
      return { status: 200, body: { dataset, rows: kept.rows, batch: kept.object.sha256, at: kept.at } };
    } finally {
      this.#underWay--;
    }
  }
}

function comeBack(error: string, seconds: number): Reply {
  return {
    status: 503,
    body: { error: `${error}; send it again with the same key` },
    headers: { "retry-after": String(seconds) },
  };
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply, isClosing: boolean): void {
  const text = JSON.stringify(body);
  // What was not read of a body would be taken for the next request.
  const isRead = response.req.complete;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
    ...((isClosing || !isRead) && { connection: "close" }),
  });
  response.end(text);
}
