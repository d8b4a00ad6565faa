/**
 * A store whose requests are counted where they pass, between the client and the server.
 * @module
 */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { StoreConnection } from "../../framework/connection/connection.ts";

export interface CountedConnection {
  readonly connection: StoreConnection;
  /** The requests since the last time of asking, as `GET <what kind of key>`. */
  take(): string[];
  end(): Promise<void>;
}

/** Puts a counter in front of a store. The client signs what it believes to be the server's name, so that is passed on. */
export async function countRequests(connection: StoreConnection): Promise<CountedConnection> {
  let seen: string[] = [];
  const { hostname, port } = new URL(connection.endpoint);
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const [, kind = "other"] = /\/(objects|names|refs)\//.exec(url) ?? [];
    seen.push(`${method} ${kind}`);
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    connection: { ...connection, endpoint: `http://127.0.0.1:${own}` },
    take: () => {
      const taken = seen;
      seen = [];
      return taken.sort();
    },
    end: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
