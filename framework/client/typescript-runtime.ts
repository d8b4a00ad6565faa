/**
 * What of a TypeScript client is the same for all endpoints but for names: how it asks, waits, asks again and fails. Pure.
 * @module
 */
import { fillIn } from "./client-text.ts";

export interface RuntimeNames {
  /** What its types begin with: `LateArrival`. */
  readonly name: string;
  /** The endpoint's name. */
  readonly endpoint: string;
  readonly hasFeedback: boolean;
}

/** The text of the rest of a client, with its last line end. */
export function typescriptRuntime({ name, endpoint, hasFeedback }: RuntimeNames): string {
  const feedback = hasFeedback ? feedbackMethod(name) : "";
  return fillIn(runtime, { FEEDBACK: feedback, NAME: name, PATH: JSON.stringify(`/${encodeURIComponent(endpoint)}`) });
}

function feedbackMethod(name: string): string {
  return `
  /**
   * Says labels that came later. Either all are kept or none.
   * @throws ${name}Error when they are refused
   */
  async feedback(labels: ${name}Feedback | readonly ${name}Feedback[], options: ${name}Call = {}): Promise<void> {
    const body = Array.isArray(labels) ? { items: labels } : labels;
    await this.#send(path + "/feedback", body, options);
  }
`;
}

const runtime = `/** What is wrong with one part of what was sent. */
export interface NAMEProblem {
  /** The row of a list, from 0. */
  readonly row?: number;
  /** Of a row. */
  readonly column?: string;
  /** The label of a list, from 0. */
  readonly item?: number;
  /** Of a label. */
  readonly field?: string;
  readonly what: string;
  readonly got?: string;
  readonly expected?: string;
}

/** Thrown for a request that was not answered. */
export class NAMEError extends Error {
  override readonly name = "NAMEError";
  /** Of the reply: 400 for a row that does not fit, 409 for a client to be written anew, 503 while nobody can answer; 0 where none came. */
  readonly status: number;
  /** All that is wrong with what was sent, where that is why. */
  readonly problems: readonly NAMEProblem[];
  /** The id of the request, which whoever runs the server can look for. */
  readonly requestId: string;

  constructor(
    message: string,
    told: {
      readonly status: number;
      readonly requestId: string;
      readonly problems?: readonly NAMEProblem[];
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: told.cause });
    this.status = told.status;
    this.problems = told.problems ?? [];
    this.requestId = told.requestId;
  }
}

/** How an endpoint is asked. */
export interface NAMEOptions {
  /** Where the endpoint answers: "http://127.0.0.1:9012". */
  readonly address: string;
  /** How long a call may take with all its tries, in milliseconds. @default 10000 */
  readonly timeoutMilliseconds?: number | undefined;
  /** How often it is asked again while nobody can answer (503) or no reply came. @default 2 */
  readonly retries?: number | undefined;
  /** The trace that calls are part of, as W3C Trace Context writes it in "traceparent"; asked at each call. @default none */
  readonly trace?: (() => string | undefined) | undefined;
  /** Sends requests. @default fetch of the platform */
  readonly fetch?: typeof fetch | undefined;
}

/** How one call is made. */
export interface NAMECall {
  /** Ends the call. @default nothing but its time */
  readonly signal?: AbortSignal | undefined;
  /** An id of the caller's own, of 1 to 128 visible characters; all tries have it. @default one is made */
  readonly requestId?: string | undefined;
  /** Whom or what the answer is about, so that it always gets the same variant. @default each call is on its own */
  readonly unit?: string | undefined;
}

/** How one prediction is asked for. */
export interface NAMEPredictCall extends NAMECall {
  /** Whether the features are told. @default false */
  readonly explain?: boolean | undefined;
  /** Whether it is told what each feature adds to the answer. @default false */
  readonly attributions?: boolean | undefined;
}

const path = PATH;

/**
 * Asks the endpoint.
 *
 * @example
 * const client = new NAMEClient({ address: "http://127.0.0.1:9012" });
 * const answer = await client.predict(row);
 */
export class NAMEClient {
  readonly #options: NAMEOptions;
  /** Whether the server does not know the request type, and is told all of it. */
  #tellsType = false;

  constructor(options: NAMEOptions) {
    this.#options = options;
  }

  /** Asks about a row. @throws NAMEError when it is not answered */
  async predict(row: NAMERow, call: NAMEPredictCall = {}): Promise<NAMEAnswer> {
    return (await this.#send(path + "/predict" + queryOf(call), row, call)) as NAMEAnswer;
  }

  /** Asks about many rows at once. @throws NAMEError when they are not answered */
  async predictMany(rows: readonly NAMERow[], call: NAMEPredictCall = {}): Promise<NAMEAnswers> {
    return (await this.#send(path + "/predict" + queryOf(call), { rows }, call)) as NAMEAnswers;
  }
FEEDBACK
  async #send(route: string, body: unknown, call: NAMECall): Promise<unknown> {
    const { address, timeoutMilliseconds = 10_000, retries = 2, trace, fetch: send = fetch } = this.#options;
    const requestId = call.requestId ?? crypto.randomUUID();
    const traceparent = trace?.();
    const headers = new Headers({
      "content-type": "application/json",
      "steward-client": requestType,
      "x-request-id": requestId,
    });
    if (traceparent !== undefined) headers.set("traceparent", traceparent);
    if (call.unit !== undefined) headers.set("steward-unit", toBytes(call.unit));
    const ends = Date.now() + timeoutMilliseconds;
    const ended = AbortSignal.timeout(timeoutMilliseconds);
    const signal = call.signal ? AbortSignal.any([call.signal, ended]) : ended;
    const url = address.replace(/\\/+$/, "") + route;
    const text = JSON.stringify(body, refuseStrange);
    const hasType = route.startsWith(path + "/predict");
    let tells = hasType && this.#tellsType;
    let unknown: NAMEError | undefined;
    for (let tries = 0; ; tries++) {
      let wait = 100 * 2 ** tries;
      let failure: NAMEError;
      try {
        headers.set("steward-timeout", String(Math.max(1, Math.ceil(ends - Date.now()))));
        const reply = await send(tells ? url + (url.includes("?") ? "&" : "?") + "requestType=told" : url, {
          method: "POST",
          headers,
          body: tells ? requestTypeDocument + "\\n" + text : text,
          signal,
        });
        const answer = parse(await reply.text());
        if (reply.ok && answer !== undefined) return answer;
        failure = describe(reply.status, answer, requestId);
        // The server can say what is different once it is told the type. That is no further try.
        if (reply.status === 409 && reply.headers.get("steward-client") === "unknown" && hasType && !tells && !unknown) {
          unknown = failure;
          tells = true;
          this.#tellsType = true;
          tries--;
          continue;
        }
        // One that does not take the type, as an older one, may know it by its digest meanwhile.
        if (tells && (reply.status === 400 || reply.status === 413)) {
          tells = false;
          this.#tellsType = false;
          if (unknown) throw reply.status === 413 ? unknown : failure;
          tries--;
          continue;
        }
        if (reply.status !== 503) throw failure;
        wait = readRetryAfter(reply.headers.get("retry-after")) ?? wait;
      } catch (cause) {
        if (cause instanceof NAMEError) throw cause;
        // Whoever ended the call is told so, and not that nobody answered.
        if (call.signal?.aborted) throw cause;
        failure = new NAMEError(ended.aborted ? "the endpoint took too long to answer" : "the endpoint does not answer", {
          status: 0,
          requestId,
          cause,
        });
      }
      if (tries >= retries || signal.aborted || Date.now() + wait >= ends) throw failure;
      await pause(wait, call.signal);
    }
  }
}

function queryOf({ explain = false, attributions = false }: NAMEPredictCall): string {
  const asked = [...(explain ? ["explain=features"] : []), ...(attributions ? ["attributions=true"] : [])];
  return asked.length > 0 ? "?" + asked.join("&") : "";
}

/** A text in UTF-8, as a header has bytes. */
function toBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

/** JSON has no word for such a number, and null would say that it is missing. */
function refuseStrange(name: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(\`"\${name}" is \${value}, which is no value\`);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(status: number, answer: unknown, requestId: string): NAMEError {
  const { error, problems } = (typeof answer === "object" && answer !== null ? answer : {}) as {
    readonly error?: unknown;
    readonly problems?: readonly NAMEProblem[];
  };
  const message = typeof error === "string" ? error : "what answers is no endpoint";
  return new NAMEError(message, { status, requestId, ...(Array.isArray(problems) && { problems }) });
}

/** In milliseconds: the header says seconds or a moment. */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\\d+$/.test(value)) return Number(value) * 1000;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - Date.now());
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
  });
}
`;
