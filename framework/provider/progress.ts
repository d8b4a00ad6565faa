/**
 * What the provider says to the engine while it works: ephemeral lines in the status column of a resource, and lines that
 * stay under it.
 * @module
 */
import { credentials } from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

/** Speaks about one resource. A line that cannot be delivered is dropped: it is for people only. */
export interface Reporter {
  /** Shows a line in the status column until the next one; a line equal to the last is not sent again. */
  progress(line: string): void;
  /** A line that stays. */
  info(line: string): void;
  /** A line that stays and stands out. */
  warn(line: string): void;
}

/** Opens reporters at the engine's address; without one, every line is dropped. */
export function openReporters(engineAddress: string | undefined): (urn: string) => Reporter {
  const engine =
    engineAddress === undefined
      ? undefined
      : new engineService.EngineClient(engineAddress, credentials.createInsecure());
  return (urn) => {
    let last = "";
    const send = (message: string, severity: engineProto.LogSeverity, ephemeral: boolean): void => {
      const request = new engineProto.LogRequest();
      request.setUrn(urn);
      request.setMessage(message);
      request.setSeverity(severity);
      request.setEphemeral(ephemeral);
      engine?.log(request, () => undefined);
    };
    return {
      progress(line) {
        if (line === last) return;
        last = line;
        send(line, engineProto.LogSeverity.INFO, true);
      },
      info: (line) => send(line, engineProto.LogSeverity.INFO, false),
      warn: (line) => send(line, engineProto.LogSeverity.WARNING, false),
    };
  };
}
