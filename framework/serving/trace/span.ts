/**
 * Spans: what took how long of a request that is traced.
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Origin } from "./origin.ts";
import type { TraceContext } from "./trace-context.ts";

export type AttributeValue = string | number | boolean;

/** A span that has ended. Times are in milliseconds since 1970. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** @default the span is the first of its trace */
  readonly parentId?: string;
  /** @default there is none */
  readonly state?: string;
  readonly name: string;
  /** `server`: a request that was answered. `internal`: a part of it. */
  readonly kind: "server" | "internal";
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** What failed, in words. @default nothing */
  readonly error?: string;
}

/** A part of a request, under way. */
export interface OpenSpan {
  /** Ends it. */
  end(): void;
}

/** What is said of a request when it ends. */
export interface EndedRequest {
  /** `POST /{endpoint}/predict`. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Whether it was not answered, through no fault of its caller. */
  readonly failed: boolean;
}

/** The spans of one request: its own, and one for each of its parts. They are handed on together when the request ends. */
export class RequestSpans {
  readonly traceId: string;
  readonly spanId = randomBytes(8).toString("hex");
  readonly #told: TraceContext | undefined;
  readonly #start: number;
  readonly #parts: Span[] = [];
  readonly #export: (spans: readonly Span[]) => void;

  /**
   * @param started when the request came, as `performance.now()` tells it
   * @param traceId of the request's trace
   */
  constructor(
    traceId: string,
    {
      told,
      started,
      export: hand,
    }: {
      readonly told: TraceContext | undefined;
      readonly started: number;
      readonly export: (spans: readonly Span[]) => void;
    },
  ) {
    this.traceId = traceId;
    this.#told = told;
    this.#start = performance.timeOrigin + started;
    this.#export = hand;
  }

  /** Where the request comes from, in its own trace if none was told. */
  noteIn(origin: Origin): Origin {
    const { traceId, spanId: parentId } = this;
    return origin.trace ? origin : { ...origin, trace: { traceId, parentId, isSampled: true } };
  }

  /** Begins a part. */
  begin(name: string): OpenSpan {
    const start = performance.timeOrigin + performance.now();
    return { end: () => this.#add(name, start, performance.timeOrigin + performance.now()) };
  }

  /** Adds a part that has ended. Both times are as `performance.now()` tells them. */
  add(name: string, started: number, ended: number): void {
    this.#add(name, performance.timeOrigin + started, performance.timeOrigin + ended);
  }

  /** Ends the request. */
  end({ name, attributes, failed }: EndedRequest): void {
    const { traceId, spanId } = this;
    const { parentId, state } = this.#told ?? {};
    const own: Span = {
      traceId,
      spanId,
      ...(parentId !== undefined && { parentId }),
      ...(state !== undefined && { state }),
      name,
      kind: "server",
      start: this.#start,
      end: performance.timeOrigin + performance.now(),
      attributes,
      ...(failed && { error: "the request was not answered" }),
    };
    this.#export([own, ...this.#parts]);
  }

  #add(name: string, start: number, end: number): void {
    const { traceId, spanId: parentId } = this;
    const spanId = randomBytes(8).toString("hex");
    this.#parts.push({ traceId, spanId, parentId, name, kind: "internal", start, end, attributes: {} });
  }
}
