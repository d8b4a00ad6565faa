/**
 * A client of the Open Inference Protocol over gRPC, as plain as it can be.
 * @module
 */
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { inferenceService, type MethodName } from "../../../framework/serving/grpc/messages.ts";

/** What a call came to. */
export interface Called {
  /** The name of its status. */
  readonly code: string;
  /** @default it was refused */
  readonly response?: Record<string, unknown>;
  readonly details?: string;
}

/** Opens a client. It is closed when it goes out of scope. */
export function openClient(port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    call(name: MethodName, request: object): Promise<Called> {
      return this.send(name, inferenceService[name].requestSerialize(request));
    },
    /** Calls with bytes, which may be no message at all. */
    send(name: MethodName, bytes: Buffer): Promise<Called> {
      const { path, responseDeserialize } = inferenceService[name];
      return new Promise((resolve) => {
        client.makeUnaryRequest(
          path,
          (whole: Buffer) => whole,
          responseDeserialize,
          bytes,
          (error: ServiceError | null, response?: object) =>
            resolve(
              error
                ? { code: status[error.code] ?? "?", details: error.details }
                : { code: "OK", response: response as Record<string, unknown> },
            ),
        );
      });
    },
    [Symbol.dispose]: () => client.close(),
  };
}
