/**
 * Connections of HTTP/2 in plain text, for a server of gRPC.
 * @module
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { constants, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { BodyRoom } from "./body-room.ts";
import type { ConnectionTaker } from "./connection-taker.ts";
import { MessageExtent } from "./grpc-extent.ts";

/** What a client of HTTP/2 sends first (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Node tells here of each stream, which the server of gRPC keeps to itself. */
const streamCreated = "http2.server.stream.created";

/**
 * Takes the connections of a server's callers.
 * @param room where messages take their bytes from while they come; a call that there is no room for may be made again
 */
export function createGrpcTaker(server: Server, room: BodyRoom): ConnectionTaker {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const ports = new Set<string>();
  const watch = (message: unknown): void => {
    const { stream } = message as { readonly stream: ServerHttp2Stream };
    const { socket } = stream.session ?? {};
    if (socket && ports.has(describeSocket(socket))) watchRoom(stream, room);
  };
  subscribe(streamCreated, watch);
  return {
    begin: preface,
    take(socket) {
      const port = describeSocket(socket);
      sockets.add(socket);
      ports.add(port);
      socket.once("close", () => {
        sockets.delete(socket);
        ports.delete(port);
      });
      // Half of a connection is of no use to HTTP/2, and calls that are open would keep it for as long as they may take.
      socket.once("end", () => socket.destroySoon());
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
      unsubscribe(streamCreated, watch);
      injector.destroy();
    },
  };
}

/** A connection by its two ends: what a session calls its socket is not the socket itself. */
function describeSocket({ localPort, remoteAddress, remotePort }: Socket): string {
  return `${localPort} ${remoteAddress} ${remotePort}`;
}

function watchRoom(stream: ServerHttp2Stream, room: BodyRoom): void {
  const extent = new MessageExtent();
  let held = 0;
  stream.on("data", (chunk: Buffer) => {
    extent.read(chunk);
    if (extent.held <= held) room.give(held - extent.held);
    else if (!room.take(extent.held - held)) {
      // As not begun (RFC 9113, 8.7), so that its caller knows that it may come again.
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    held = extent.held;
  });
  // Whoever reads it tells when it flows.
  stream.pause();
  stream.once("close", () => room.give(held));
}
