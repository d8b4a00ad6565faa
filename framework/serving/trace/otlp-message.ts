/**
 * Spans as an OTLP message in JSON. Pure.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding and opentelemetry/proto/trace/v1/trace.proto: names in
 * lower camel case, ids in hexadecimal, 64-bit numbers as texts, enumerations as numbers.
 * @module
 */
import type { AttributeValue, Span } from "./span.ts";

/** What all spans of a process have in common. */
export interface TracedResource {
  /** `service.name` and others. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Steward's version. */
  readonly version: string;
}

const kinds = { internal: 1, server: 2 } as const;
const errorStatus = 2;

/** The message of `POST /v1/traces`. */
export function describeSpans(spans: readonly Span[], { attributes, version }: TracedResource) {
  return {
    resourceSpans: [
      {
        resource: { attributes: listAttributes(attributes) },
        scopeSpans: [{ scope: { name: "steward", version }, spans: spans.map(describeSpan) }],
      },
    ],
  };
}

function describeSpan({ traceId, spanId, parentId, state, name, kind, start, end, attributes, error }: Span) {
  return {
    traceId,
    spanId,
    ...(parentId !== undefined && { parentSpanId: parentId }),
    ...(state !== undefined && { traceState: state }),
    name,
    kind: kinds[kind],
    startTimeUnixNano: toNanoseconds(start),
    endTimeUnixNano: toNanoseconds(Math.max(start, end)),
    attributes: listAttributes(attributes),
    ...(error !== undefined && { status: { code: errorStatus, message: error } }),
  };
}

/** A clock of milliseconds tells microseconds at best; more digits would not fit in a number. */
function toNanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}

function listAttributes(attributes: Readonly<Record<string, AttributeValue>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: describeValue(value) }));
}

function describeValue(value: AttributeValue) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
