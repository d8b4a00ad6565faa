/**
 * Failures as Pulumi's engine understands them: a refused call, or a resource that exists but has not become what was
 * asked. The latter is kept in the state with its reasons, and the next update tries again.
 * @module
 */
import { Metadata, status } from "@grpc/grpc-js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import { toReadable } from "../toolchain/system-failure.ts";
import { type Properties, redact, sendOutputs } from "./values.ts";

/** Thrown when the resource exists but is not ready; the engine ends with exit code ≠ 0 and shows every reason. */
export class NotReady extends Error {
  override readonly name = "NotReady";
  readonly outputs: Properties;
  readonly reasons: readonly string[];

  constructor(message: string, options: { readonly outputs: Properties; readonly reasons: readonly string[] }) {
    super(message);
    this.outputs = options.outputs;
    this.reasons = options.reasons;
  }
}

/** A failed call on the wire. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  readonly code = status.UNKNOWN;
  readonly metadata: Metadata;

  constructor(message: string, options: ErrorOptions & { readonly metadata: Metadata }) {
    super(message, options);
    this.metadata = options.metadata;
  }
}

/** Turns what a call has thrown into its failure on the wire. No secret of the resource leaves in it. */
export function toCallFailure(
  cause: unknown,
  resource: { readonly id: string; readonly secrets: readonly string[] } = { id: "", secrets: [] },
): CallFailure {
  const message = redact(messageOf(toReadable(cause)), resource.secrets);
  if (!(cause instanceof NotReady)) return new CallFailure(message, { cause, metadata: new Metadata() });
  const detail = new providerProto.ErrorResourceInitFailed();
  detail.setId(resource.id);
  detail.setProperties(sendOutputs(cause.outputs, resource.secrets));
  detail.setReasonsList(cause.reasons.map((reason) => redact(reason, resource.secrets)));
  return new CallFailure(message, { cause, metadata: packDetail(message, detail) });
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** gRPC's structured errors: a `google.rpc.Status` under a name that every implementation reads. */
function packDetail(message: string, detail: providerProto.ErrorResourceInitFailed): Metadata {
  const packed = new anyProto.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const whole = new statusProto.Status();
  whole.setCode(status.UNKNOWN);
  whole.setMessage(message);
  whole.addDetails(packed);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return metadata;
}
