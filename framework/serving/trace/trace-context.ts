/**
 * W3C Trace Context: which trace a request is part of, as its headers `traceparent` and `tracestate` say. Pure.
 *
 * Source: https://www.w3.org/TR/trace-context/, sections 3.2 and 3.3.
 * @module
 */

/** What a caller says of its trace. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** The caller's span: 16 lower-case hexadecimal digits. */
  readonly parentId: string;
  /** Whether the caller records its span. */
  readonly isSampled: boolean;
  /** What tracing systems say to each other, as it was sent. @default nothing, or nothing that can be read */
  readonly state?: string;
}

/** Version 0 has nothing after its flags; a later one may have more, after a dash. */
const parent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeros = /^0+$/;

/** Reads the headers. @returns nothing for a `traceparent` that is none: then there is no trace, whatever the other says */
export function readTraceContext(traceparent: string, tracestate?: string): TraceContext | undefined {
  const [, version = "", traceId = "", parentId = "", flags = "", more] = parent.exec(traceparent) ?? [];
  if (traceId === "" || version === "ff" || zeros.test(traceId) || zeros.test(parentId)) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  const state = tracestate === undefined ? undefined : readTraceState(tracestate);
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, parentId, isSampled, ...(state !== undefined && { state }) };
}

const mostMembers = 32;
const longestState = 512;
const member =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Reads a state: its members as they were sent, without those that are empty.
 * @returns nothing for one that is none, that says something twice, or is longer than has to be passed on
 */
function readTraceState(text: string): string | undefined {
  const members = text
    .split(",")
    .map((one) => one.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((one) => one !== "");
  const keys = new Set(members.map((one) => one.split("=", 1)[0]));
  if (members.length === 0 || members.length > mostMembers || keys.size < members.length) return undefined;
  const joined = members.join(",");
  return joined.length <= longestState && members.every((one) => member.test(one)) ? joined : undefined;
}
