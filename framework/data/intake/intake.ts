/**
 * The intake: takes rows that others push over HTTP into the store, batch by batch. An answer of 200 means that a batch is
 * durable there; whether its rows keep the contract is judged when they are ingested.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { StewardError } from "../../definitions/problem.ts";
import { type AnsweringServer, type Reply, startAnswering } from "../../http/answering-server.ts";
import { Refusal } from "../../http/refusal.ts";
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

/** Starts the intake. */
export function startIntake(options: IntakeOptions): Promise<AnsweringServer> {
  const desk = new Desk(options);
  const { port, host, drainMilliseconds } = options;
  const answer = desk.answer.bind(desk);
  return startAnswering({ port, host, drainMilliseconds, headersMilliseconds: 10_000, answer });
}

/** Where requests are answered. */
class Desk {
  readonly #options: IntakeOptions;
  #underWay = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** The reply to a request, whatever goes wrong on the way to it. */
  async answer(request: IncomingMessage, closing: boolean): Promise<Reply> {
    const { report = () => undefined } = this.#options;
    try {
      const route = findRoute(request.method ?? "", request.url ?? "");
      if (route.name === "health") return { status: closing ? 503 : 200, body: { ready: !closing } };
      return await this.#push(request, route.dataset, closing);
    } catch (error) {
      if (error instanceof Refusal)
        return { status: error.status, body: { error: error.message }, headers: error.headers };
      report(`a batch was not taken: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      // Nothing that was begun counts until it is named, and what is named is the same when it is sent again.
      if (error instanceof StewardError) return comeBack("the store does not take the batch at the moment", 5);
      return { status: 500, body: { error: "the intake failed to answer; its log says why" } };
    }
  }

  async #push(request: IncomingMessage, dataset: string, closing: boolean): Promise<Reply> {
    const { datasets, token, store, limits = defaultLimits, atOnce = 8 } = this.#options;
    // Whoever has no token learns nothing, not even which datasets there are.
    requireToken(request.headers, token);
    if (!datasets.includes(dataset)) throw new Refusal(404, `no dataset "${dataset}" takes rows here`);
    const key = readKey(request.headers);
    const format = readFormat(request.headers);
    if (closing) return comeBack("the intake is being stopped", 5);
    if (this.#underWay >= atOnce) return comeBack("too many batches are on their way at once", 1);
    this.#underWay++;
    try {
      const lines = readRowLines(await readText(request, limits), format, limits.rows);
      const kept = await keepBatch(store, { dataset, key, lines, at: new Date().toISOString() });
      if (!kept)
        throw new Refusal(409, "this Idempotency-Key was given to other rows before; give each batch one of its own");
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
