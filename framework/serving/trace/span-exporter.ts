/**
 * The exporter of spans: it sends them to a collector by OTLP over HTTP in JSON, many at once. Nothing that is answered waits for
 * it: its queue has an end, and what does not fit is dropped and counted.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describeSpans, type TracedResource } from "./otlp-message.ts";
import type { Span } from "./span.ts";

export interface ExporterOptions {
  /** Where spans are sent: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  /** What is sent with them, such as a token. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource: TracedResource;
  /** Told what became of spans. */
  readonly count: (outcome: "exported" | "dropped" | "failed", spans: number) => void;
  /** Told, in one line, when sending begins to fail, and when it works again. */
  readonly report: (line: string) => void;
  /** How long spans wait for others, in milliseconds. @default 1000 */
  readonly waitMilliseconds?: number;
  /** How many wait at most. @default 2048 */
  readonly mostWaiting?: number;
  /** How long the collector may take, in milliseconds. @default 10000 */
  readonly timeoutMilliseconds?: number;
}

/** How many are sent at once. */
const mostAtOnce = 512;
/** How often it is tried while the collector says that it has too much to do. */
const mostTries = 4;
/** What a collector answers that may take it later. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** The longest that one try waits for the next, in milliseconds, whatever the collector asks for. */
const longestWait = 30_000;
/** How long a server that ends waits for its collector, in milliseconds. */
const closingMilliseconds = 2000;

export class SpanExporter {
  readonly #options: ExporterOptions;
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isFailing = false;
  readonly #closing = new AbortController();
  /** What is under way by then is given up. */
  readonly #cut = new AbortController();

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  /** Takes spans, or drops them while too many wait. */
  add(spans: readonly Span[]): void {
    const { mostWaiting = 2048, waitMilliseconds = 1000, count } = this.#options;
    if (this.#waiting.length + spans.length > mostWaiting) {
      count("dropped", spans.length);
      return;
    }
    this.#waiting.push(...spans);
    if (this.#waiting.length >= mostAtOnce) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), waitMilliseconds).unref();
  }

  /** Sends what waits, once and no more, for two seconds at most: a server that ends does not stay for its collector. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#send();
    const cut = setTimeout(() => this.#cut.abort(), closingMilliseconds);
    await this.#sending;
    clearTimeout(cut);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostAtOnce);
      const problem = await this.#sendBatch(batch);
      this.#options.count(problem === undefined ? "exported" : "failed", batch.length);
      if ((problem !== undefined) !== this.#isFailing) {
        this.#isFailing = problem !== undefined;
        this.#options.report(problem === undefined ? "spans are taken again" : `spans are not taken: ${problem}`);
      }
    }
  }

  /** @returns why they were not taken */
  async #sendBatch(spans: readonly Span[]): Promise<string | undefined> {
    const { url, headers = {}, resource, timeoutMilliseconds = 10_000 } = this.#options;
    const body = JSON.stringify(describeSpans(spans, resource));
    for (let tries = 1; ; tries++) {
      let problem: string;
      let wait = 500 * 2 ** tries;
      try {
        const reply = await fetch(url, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body,
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMilliseconds), this.#cut.signal]),
        });
        await reply.arrayBuffer();
        if (reply.ok) return undefined;
        problem = `the collector answers ${reply.status}`;
        if (!passing.has(reply.status)) return problem;
        const after = Number(reply.headers.get("retry-after") ?? Number.NaN);
        if (after >= 0) wait = after * 1000;
      } catch {
        // What is thrown may have the address in it, and with it a password.
        problem = "the collector does not answer";
      }
      if (tries >= mostTries || this.#closing.signal.aborted) return problem;
      await sleep(Math.min(wait, longestWait), undefined, { signal: this.#closing.signal, ref: false }).catch(
        () => undefined,
      );
    }
  }
}
