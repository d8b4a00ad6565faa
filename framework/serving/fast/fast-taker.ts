/**
 * Connections whose first request is for the inference of one model: they take the fast path.
 * @module
 */
import type { ConnectionTaker } from "../../http/connection-taker.ts";
import { FastConnection, type FastOptions } from "./fast-connection.ts";

export interface FastTakerOptions {
  /** The model that is asked. */
  readonly model: string;
  /** The largest body, in bytes. */
  readonly largestBody: number;
  readonly answer: FastOptions["answer"];
}

/** How long a caller may take to send a whole request, and may be silent between two, in milliseconds. */
const requestMilliseconds = 60_000;

/** Takes the connections of a model's callers. */
export function createFastTaker({ model, largestBody, answer }: FastTakerOptions): ConnectionTaker {
  const connections = new Set<FastConnection>();
  const line = `POST /v2/models/${encodeURIComponent(model)}/infer HTTP/1.1`;
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
      if (connections.size === 0) return;
      const cut = setTimeout(() => {
        for (const connection of connections) connection.destroy();
      }, drainMilliseconds);
      await gone;
      clearTimeout(cut);
    },
  };
}
