/**
 * A client of a tracking server, ours or any other that speaks MLflow's REST API.
 * @module
 */
import { z } from "zod";

/** Where a tracking server is. */
export interface TrackingServerPlace {
  /** What `MLFLOW_TRACKING_URI` is set to: `http://127.0.0.1:5000`. */
  readonly address: string;
  /** What `MLFLOW_TRACKING_TOKEN` is set to; secret. @default the server asks for none */
  readonly token?: string | undefined;
}

export interface TrackingClient {
  /** Sends a body to a path below `/api/2.0/mlflow/`. @throws Refused, or whatever keeps the server from being reached */
  post(path: string, body: object): Promise<unknown>;
  /** Asks a path below `/api/2.0/mlflow/`. @throws Refused, or whatever keeps the server from being reached */
  get(path: string, query: Readonly<Record<string, string>>): Promise<unknown>;
}

/** What a server refused. */
export class Refused extends Error {
  /** In the words of the protocol: `RESOURCE_DOES_NOT_EXIST`; `HTTP 502` where the answer is in none. */
  readonly code: string;
  /** What the server said. */
  readonly reason: string;

  constructor(path: string, { code, reason }: { readonly code: string; readonly reason: string }) {
    super(`the tracking server refused ${path}: ${reason}`);
    this.code = code;
    this.reason = reason;
  }
}

/** How long an answer may take, in milliseconds. */
const patience = 30_000;
/** How much of an answer in no known words is told. */
const mostSaid = 200;

const failureSchema = z.object({ error_code: z.string(), message: z.string() });

export function createTrackingClient({ address, token }: TrackingServerPlace): TrackingClient {
  const root = `${address.replace(/\/+$/, "")}/api/2.0/mlflow/`;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string, url: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    const { error_code: code = `HTTP ${response.status}`, message: reason = text.slice(0, mostSaid) } =
      failureSchema.safeParse(parse(text)).data ?? {};
    throw new Refused(path, { code, reason });
  };
  return {
    post: (path, body) =>
      ask(path, `${root}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, query) => ask(path, `${root}${path}?${new URLSearchParams(query)}`, { headers }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
