/**
 * An intake for tests, and requests to it.
 * @module
 */
import { gzipSync } from "node:zlib";

export const token = "a-token-of-the-tests";

export interface Push {
  /** @default one of its own */
  readonly key?: string | null;
  /** @default the one that is right */
  readonly token?: string | null;
  /** @default "clicks" */
  readonly dataset?: string;
  /** @default "application/json" */
  readonly type?: string;
  /** @default false */
  readonly gzip?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

let turn = 0;

/** Pushes rows, or a body as it is. */
export async function push(port: number, rows: unknown, options: Push = {}): Promise<Answer> {
  const {
    key = `key-${++turn}`,
    token: shown = token,
    dataset = "clicks",
    type = "application/json",
    gzip = false,
  } = options;
  const text = typeof rows === "string" ? rows : JSON.stringify(rows);
  const response = await fetch(`http://127.0.0.1:${port}/datasets/${dataset}/rows`, {
    method: "POST",
    headers: {
      "content-type": type,
      ...(shown !== null && { authorization: `Bearer ${shown}` }),
      ...(key !== null && { "idempotency-key": key }),
      ...(gzip && { "content-encoding": "gzip" }),
    },
    body: gzip ? new Uint8Array(gzipSync(text)) : text,
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  };
}
