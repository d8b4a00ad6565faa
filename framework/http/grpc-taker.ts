/**
 * Connections of HTTP/2 in plain text, for a server of gRPC.
 * @module
 */
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { ConnectionTaker } from "./connection-taker.ts";

/** What a client of HTTP/2 sends first (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Takes the connections of a server's callers. */
export function createGrpcTaker(server: Server): ConnectionTaker {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    begin: preface,
    // What has been read already is taken out of the stream by Node's session itself, if the stream does not flow.
    take: (socket) => injector.injectConnection(socket),
    async close(drainMilliseconds) {
      const cut = setTimeout(() => server.forceShutdown(), drainMilliseconds);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(cut);
      injector.destroy();
    },
  };
}
