/**
 * Connections whose first request is for the inference of one model: they take the fast path.
 * @module
 */
import type { ConnectionTaker } from "../../http/connection-taker.ts";
import { refuseLate } from "../deadline.ts";
import type { ServerLimits } from "../limits.ts";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import { FastConnection, type FastOptions } from "./fast-connection.ts";

export interface FastTakerOptions {
  /** The model that is asked. */
  readonly model: string;
  /** The largest body, in bytes. */
  readonly largestBody: number;
  readonly answer: FastOptions["answer"];
  readonly limits: ServerLimits;
  /** Counts answers that were not there in time. */
  readonly metrics: Pick<ServerMetrics, "count">;
}

/** Takes the connections of a model's callers. */
export function createFastTaker({ model, largestBody, answer, limits, metrics }: FastTakerOptions): ConnectionTaker {
  const connections = new Set<FastConnection>();
  const line = `POST /v2/models/${encodeURIComponent(model)}/infer HTTP/1.1`;
  const clock = { turn: 0 };
  const { lookMilliseconds, answerMilliseconds, requestMilliseconds, idleMilliseconds } = limits;
  // What answers refuses in time what it does not begin; here is found what was begun and never ends.
  const mostTurns = Math.ceil(answerMilliseconds / lookMilliseconds) + 1;
  const look = setInterval(() => {
    clock.turn++;
    for (const connection of connections) connection.look();
  }, lookMilliseconds);
  look.unref();
  let isClosing = false;
  let allGone = (): void => {};
  return {
    begin: Buffer.from(`${line}\r\n`, "latin1"),
    take(socket, giveAway) {
      const connection = new FastConnection(socket, {
        line,
        largestBody,
        answer,
        requestMilliseconds,
        idleMilliseconds,
        clock,
        mostTurns,
        onLate: ({ asked }) => {
          metrics.count("infer", 504, performance.now() - answerMilliseconds);
          asked?.live.statistics.addFailure(answerMilliseconds);
          asked?.counts.addFailure(refuseLate());
        },
        isClosing: () => isClosing,
        giveAway: (own) => {
          connections.delete(connection);
          giveAway(own);
        },
      });
      connections.add(connection);
      socket.once("close", () => {
        connections.delete(connection);
        if (connections.size === 0) allGone();
      });
      socket.resume();
    },
    async close(drainMilliseconds) {
      isClosing = true;
      const gone = new Promise<void>((resolve) => {
        allGone = resolve;
      });
      for (const connection of connections) connection.finish();
      if (connections.size === 0) {
        clearInterval(look);
        return;
      }
      const cut = setTimeout(() => {
        for (const connection of connections) connection.destroy();
      }, drainMilliseconds);
      await gone;
      clearInterval(look);
      clearTimeout(cut);
    },
  };
}
