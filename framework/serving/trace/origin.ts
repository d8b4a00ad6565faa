/**
 * Where a request comes from, as its head says: the request's id, and the trace that it is part of. Pure.
 * @module
 */
import type { IncomingHttpHeaders } from "node:http";
import { readTraceContext, type TraceContext } from "./trace-context.ts";

/** The headers that are read, by their names in lower case. */
const headers = ["x-request-id", "traceparent", "tracestate"] as const;
export type OriginHeader = (typeof headers)[number];

/** Those that a head has. */
export type OriginHeaders = Readonly<Partial<Record<OriginHeader, string>>>;

/** Whether a header is one of them. @param name in lower case */
export function isOriginHeader(name: string): name is OriginHeader {
  return (headers as readonly string[]).includes(name);
}

/** Where a request comes from. */
export interface Origin {
  /** The id of the request, as it was sent. @default none was sent */
  readonly requestId?: string;
  /** The trace that the request is part of. @default none was told */
  readonly trace?: TraceContext;
}

/** Nothing was told. */
export const unknownOrigin: Origin = {};

/** What an id may be: it stands in records, in a header and in the logs of others. */
const requestIdPattern = /^[\w.:/+=@-]{1,128}$/;

/** Those of a head as Node reads it, where what is sent several times is one text. */
export function pickOriginHeaders(headers: IncomingHttpHeaders): OriginHeaders {
  const { "x-request-id": id, traceparent, tracestate } = headers;
  return {
    ...(id !== undefined && { "x-request-id": String(id) }),
    ...(traceparent !== undefined && { traceparent: String(traceparent) }),
    ...(tracestate !== undefined && { tracestate: String(tracestate) }),
  };
}

/** Reads what a head says. An id or a trace that is none counts as not sent. */
export function readOrigin(headers: OriginHeaders): Origin {
  const { "x-request-id": id, traceparent, tracestate } = headers;
  const trace = traceparent === undefined ? undefined : readTraceContext(traceparent, tracestate);
  const hasId = id !== undefined && requestIdPattern.test(id);
  if (!hasId && !trace) return unknownOrigin;
  return { ...(hasId && { requestId: id }), ...(trace && { trace }) };
}

/** What a record has of its caller: ids alone, and only those that were sent. */
export function noteOrigin({ requestId, trace }: Origin = unknownOrigin): {
  readonly requestId?: string;
  readonly trace?: string;
} {
  return { ...(requestId !== undefined && { requestId }), ...(trace && { trace: trace.traceId }) };
}
