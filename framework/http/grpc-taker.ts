/**
 * Connections of HTTP/2 in plain text, for a server of gRPC.
 * @module
 */
import type { Socket } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { ConnectionTaker } from "./connection-taker.ts";

/** What a client of HTTP/2 sends first (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Takes the connections of a server's callers. */
export function createGrpcTaker(server: Server): ConnectionTaker {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  return {
    begin: preface,
    take(socket) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // What has been read already is taken out of the stream by Node's session itself, if the stream does not flow.
      injector.injectConnection(socket);
    },
    async close(drainMilliseconds) {
      const cut = setTimeout(() => {
        server.forceShutdown();
        for (const socket of sockets) socket.destroy();
      }, drainMilliseconds);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      // A session that has ended leaves its socket to its caller, who may never hang up.
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
      clearTimeout(cut);
      injector.destroy();
    },
  };
}
