/**
 * What a call of gRPC says of its request's id and trace, and what its span says, by the semantic conventions of OpenTelemetry. Pure.
 *
 * Source: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/.
 * @module
 */
import { Metadata, status } from "@grpc/grpc-js";
import { type Origin, pickOriginHeaders, readOrigin } from "./origin.ts";
import type { EndedRequest } from "./span.ts";
import { requestIdHeader } from "./told-reply.ts";

const service = "inference.GRPCInferenceService";

/** Where a call comes from: its metadata are headers. */
export function readCallOrigin(metadata: Metadata): Origin {
  const found = Object.fromEntries(
    [requestIdHeader, "traceparent", "tracestate"].flatMap((name) => {
      const values = metadata.get(name);
      return values.length > 0 ? [[name, values.join(", ")]] : [];
    }),
  );
  return readOrigin(pickOriginHeaders(found));
}

/** What is said after a reply: the id that was sent. @default undefined where none was */
export function tellCall({ requestId }: Origin): Metadata | undefined {
  if (requestId === undefined) return undefined;
  const metadata = new Metadata();
  metadata.set(requestIdHeader, requestId);
  return metadata;
}

/** What a server is to blame for. */
const failures: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/** What is said of a call when it ends. */
export function describeCallSpan(method: string, code: status, { requestId }: Origin): EndedRequest {
  return {
    name: `${service}/${method}`,
    attributes: {
      "rpc.system": "grpc",
      "rpc.service": service,
      "rpc.method": method,
      "rpc.grpc.status_code": code,
      ...(requestId !== undefined && { "steward.request_id": requestId }),
    },
    failed: failures.has(code),
  };
}
